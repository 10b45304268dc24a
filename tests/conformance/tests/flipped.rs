//! The runner can fail: with every expectation turned round, no case passes.

#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// Turns what is expected of the client or of the upstream round, in turns.
fn turn_round(expect: &mut Value, number: usize) {
    let statuses = match &expect["status_in"] {
        Value::Array(statuses) => statuses.clone(),
        _ => vec![expect["status"].clone()],
    };
    if number.is_multiple_of(2) || statuses.len() > 1 {
        let other = [200, 401, 418].map(Value::from);
        let other = other.iter().find(|status| !statuses.contains(status));
        *expect = json!({"status": other});
    } else if statuses == [200] {
        expect["upstream"] = json!(false);
    } else {
        expect["upstream"] = json!({});
    }
}

/// Everything that is expected in a case. Where Keystile differs from Kong, `recommend` counts.
fn expectations(case: &mut Value) -> Vec<&mut Value> {
    let mut found = Vec::new();
    let Some(members) = case.as_object_mut() else {
        return found;
    };
    let own = if members.contains_key("recommend") {
        "recommend"
    } else {
        "expect"
    };
    for (name, member) in members {
        if name == own {
            found.push(member);
        } else if name == "steps" {
            let steps = member.as_array_mut().into_iter().flatten();
            found.extend(steps.flat_map(expectations));
        }
    }
    found
}

#[test]
fn no_case_passes_whose_expectation_is_turned_round() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("kong-cases.json")).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array_mut().unwrap();
    let count = cases.len();
    for (number, case) in cases.iter_mut().enumerate() {
        let expectations = expectations(case);
        assert!(!expectations.is_empty(), "{number}");
        for expect in expectations {
            turn_round(expect, number);
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
