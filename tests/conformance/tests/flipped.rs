//! The runner can fail: with every expectation turned round, no case passes.

#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

/// What no response and no request has.
const NOWHERE: &str = "no-such-header";

/// Leaves one thing expected of the client or the upstream, turned round; which one, the number says.
fn turn_round(expect: &mut Value, number: usize) {
    let mut turned = vec![other_status(expect)];
    turned.extend(other_client(expect));
    turned.extend(other_upstream(expect));
    *expect = turned.swap_remove(number % turned.len());
}

fn other_status(expect: &Value) -> Value {
    let statuses = match &expect["status_in"] {
        Value::Array(statuses) => statuses.clone(),
        _ => vec![expect["status"].clone()],
    };
    let other = [200, 401, 418].map(Value::from);
    let other = other.iter().find(|status| !statuses.contains(status));
    json!({"status": other})
}

/// Another message, another value of each header.
fn other_client(expect: &Value) -> Vec<Value> {
    let mut turned = Vec::new();
    for member in ["body_json", "response_headers"] {
        for name in expect[member].as_object().into_iter().flat_map(Map::keys) {
            turned.push(with(expect, member, json!({name: NOWHERE})));
        }
    }
    if expect["response_headers_absent"].is_array() {
        let always = json!(["content-type"]);
        turned.push(with(expect, "response_headers_absent", always));
    }
    turned
}

/// A request where there is none and none where there is one, and another one.
fn other_upstream(expect: &Value) -> Vec<Value> {
    let upstream = match &expect["upstream"] {
        Value::Object(upstream) => upstream,
        Value::Bool(_) => return vec![with(expect, "upstream", json!({}))],
        _ => return Vec::new(),
    };
    let mut turned = vec![json!(false)];
    for (member, value) in upstream {
        turned.push(match (member.as_str(), value) {
            ("headers_absent", _) => json!({"headers_absent": ["host"]}),
            ("headers_present", _) => json!({"headers_present": {NOWHERE: "@any"}}),
            ("query", Value::Null) => json!({"query": ""}),
            ("body_len", _) => json!({"body_len": 123_456_789}),
            ("body_json_equal", _) => json!({"body_json_equal": "\"no such text\""}),
            ("body_not_contains", _) => json!({"body_not_contains": ""}),
            (member, _) => json!({member: NOWHERE}),
        });
    }
    let turned = turned.into_iter();
    turned.map(|it| with(expect, "upstream", it)).collect()
}

/// The status as it was, and one member more.
fn with(expect: &Value, member: &str, value: impl Into<Value>) -> Value {
    let mut turned = json!({member: value.into()});
    for status in ["status", "status_in"] {
        if !expect[status].is_null() {
            turned[status] = expect[status].clone();
        }
    }
    turned
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

fn none_passes_turned_round(file: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(file)).unwrap();
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

#[test]
fn no_case_passes_whose_expectation_is_turned_round() {
    none_passes_turned_round("kong-cases.json");
}

#[test]
fn none_of_our_own_does_either() {
    none_passes_turned_round("more-cases.json");
}
