//! The runner can fail: with every expectation turned round, no case passes.

#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// Turns what is expected of the client and of the upstream round, in turns.
fn turn_round(expect: &mut Value, number: usize) {
    let turned = match expect["upstream"] {
        Value::Bool(false) => json!({}),
        _ => json!(false),
    };
    if number.is_multiple_of(2) {
        let is_admitted = expect["status"] == 200
            || expect["status_in"]
                .as_array()
                .is_some_and(|all| all.contains(&json!(200)));
        *expect = json!({"status": if is_admitted { 401 } else { 200 }});
    } else {
        *expect = json!({"upstream": turned});
    }
}

#[test]
fn no_case_passes_whose_expectation_is_turned_round() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("kong-cases.json")).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array_mut().unwrap();
    let count = cases.len();
    for (number, case) in cases.iter_mut().enumerate() {
        if case.get("expect").is_some() {
            turn_round(&mut case["expect"], number);
        }
        for step in case["steps"].as_array_mut().into_iter().flatten() {
            if step.get("expect").is_some() {
                turn_round(&mut step["expect"], number);
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let turned = folder.path().join("turned.json");
    fs::write(&turned, file.to_string()).unwrap();

    let output = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .arg(&turned)
        .args(["--host", "wasm"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    assert_eq!(last, format!("0 passed, {count} failed"), "{text}");
}
