//! The configuration reference leaves nothing out.

use std::fs;

use clap::{Args as _, Command};
use keystile_core::config::Config;
use serde_json::json;
use stage::places;

use crate::page::Page;

const REFERENCE: &str = "docs/configuration.md";

/// What stands between these is made from the program itself.
const BEGIN: &str = "<!-- settings -->";
const END: &str = "<!-- /settings -->";

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

/// `UPDATE_DOCS=1` writes the table anew.
#[test]
fn every_setting_of_the_registry_is_described_as_the_program_describes_it() {
    let path = places::repository(REFERENCE);
    let page = Page::read(REFERENCE).text;
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}{}{END}{after}", settings());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, expected).unwrap();
        return;
    }
    assert!(
        page == expected,
        "{REFERENCE} is behind: run this test with UPDATE_DOCS=1, and commit what it writes"
    );
}

/// Each flag as a row: its line in the file, its variable, its default, what it is for.
fn settings() -> String {
    let command = keystile_registry::config::Config::augment_args(Command::new("serve"));
    let rows = command.get_arguments().map(|setting| {
        let name = setting.get_id().as_str();
        let flag = setting.get_long().unwrap_or_default();
        let variable = setting.get_env().unwrap_or_default().to_string_lossy();
        let default = setting.get_default_values();
        let default: Vec<_> = default.iter().map(|one| one.to_string_lossy()).collect();
        let default = match default.join(", ").as_str() {
            "" | "false" => String::new(),
            text => format!("`{text}`"),
        };
        let help = setting.get_long_help().or(setting.get_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        let help = help.replace('\n', " ").replace('|', "\\|");
        format!("| `--{flag}` | `{name}` | `{variable}` | {default} | {help} |\n")
    });
    format!(
        "\n\n| flag | line of the file | variable | default | meaning |\n|---|---|---|---|---|\n{}\n",
        rows.collect::<String>()
    )
}
