//! The configuration reference leaves nothing out.

use std::process::Command;

use keystile_core::config::Config;
use serde_json::json;
use stage::places;
use stage::process::run;

use crate::page::Page;

const REFERENCE: &str = "docs/configuration.md";

fn assert_described(names: &[String]) {
    let page = Page::read(REFERENCE);
    let is_missing = |name: &&String| !page.text.contains(&format!("`{name}`"));
    let missing: Vec<&String> = names.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{REFERENCE} lacks {missing:?}");
}

#[test]
fn every_member_of_the_plugin_configuration_is_described() {
    let mut names = members(&json!({"?": 0}));
    for group in ["registry", "body", "on_demand"] {
        let inside = members(&json!({group: {"?": 0}}));
        names.retain(|name| name != group);
        names.extend(inside.iter().map(|name| format!("{group}.{name}")));
    }
    assert!(names.len() > 10, "{names:?}");
    assert_described(&names);
}

/// The parser lists what it knows when it refuses what it does not.
fn members(configuration: &serde_json::Value) -> Vec<String> {
    let refusal = Config::parse(configuration.to_string().as_bytes()).unwrap_err();
    let refusal = refusal.to_string();
    let (_, known) = refusal
        .split_once("expected one of ")
        .or_else(|| refusal.split_once("expected "))
        .unwrap_or_else(|| panic!("{refusal}"));
    known
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_parameter_of_a_service_is_described() {
    let service = keystile_protocol::service::KeyAuth::default();
    let service = serde_json::to_value(&service).unwrap();
    let mut names: Vec<String> = service.as_object().unwrap().keys().cloned().collect();
    names.extend(["allow", "deny", "hide_groups_header", "public", "proxy_url"].map(str::to_owned));
    assert_described(&names);
}

#[test]
fn every_flag_and_variable_of_the_registry_is_described() {
    let mut serve = Command::new(places::registry().unwrap());
    let help = run("keystile-registry", serve.args(["serve", "--help"])).unwrap();
    let flags = help
        .split_whitespace()
        .filter(|word| word.starts_with("--"));
    let variables = help
        .split("[env: ")
        .skip(1)
        .filter_map(|rest| rest.split([']', '=']).next());
    let mut names: Vec<String> = flags.chain(variables).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names.retain(|name| name != "--help");
    assert!(names.len() > 10, "{names:?}");
    assert_described(&names);
}
