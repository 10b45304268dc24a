//! The runner can fail: with every expectation turned round, no request passes.

#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

#[test]
fn no_request_passes_whose_expectation_is_turned_round() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("hostile-requests.json")).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let requests = file["requests"].as_array_mut().unwrap();
    // Of some anything is safe but harm.
    requests.retain(|request| request["expect"]["class"] != "any_safe");
    let count = requests.len();
    for request in requests {
        let class = match request["expect"]["class"].as_str() {
            Some("allow") => "deny",
            _ => "allow",
        };
        request["expect"] = json!({"class": class});
    }
    let folder = tempfile::tempdir().unwrap();
    let turned = folder.path().join("turned.json");
    fs::write(&turned, file.to_string()).unwrap();

    let output = Command::new(env!("CARGO_BIN_EXE_hostile"))
        .arg(&turned)
        .args(["--concurrency", "1"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    assert_eq!(last, format!("0 passed, {count} failed"), "{text}");
}
