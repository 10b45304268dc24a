//! What is done, in which order, and what is left alone.

use serde_json::json;

use super::*;
use crate::declaration::Declaration;

fn objects(declaration: serde_json::Value) -> Objects {
    let mut whole = declaration;
    whole["keystile"] = json!(1);
    let declaration: Declaration = serde_json::from_value(whole).unwrap();
    Objects::of(&declaration)
}

fn said(declared: serde_json::Value, present: serde_json::Value, prune: Prune) -> Vec<String> {
    let steps = plan(&objects(declared), &objects(present), prune);
    steps.iter().map(ToString::to_string).collect()
}

fn product(versions: &serde_json::Value) -> serde_json::Value {
    json!({"products": [{"name": "Weather", "versions": versions}]})
}

#[test]
fn what_is_as_declared_needs_nothing() {
    let same = product(&json!([{"name": "v1", "service": {"name": "weather-v1"}}]));
    assert_eq!(said(same.clone(), same, Prune::Declared), [] as [&str; 0]);
}

#[test]
fn what_is_named_is_made_before_what_names_it() {
    let mut declared = product(&json!([{
        "name": "v1",
        "service": {"name": "weather-v1", "key_auth": {"anonymous": "guest"}},
        "publication": {"publish_status": "published", "strategy": "keys"},
    }]));
    declared["applications"] = json!([{"reference_id": "guest", "name": "Guest"}]);
    declared["strategies"] = json!([{"name": "keys", "key_names": ["apikey"]}]);
    assert_eq!(
        said(declared, json!({}), Prune::No),
        [
            "+ strategy `keys`",
            "+ product `Weather`",
            "+ version `Weather` `v1`",
            "+ application `guest`",
            "+ service `Weather` `v1`",
            "+ publication `Weather` `v1`",
        ]
    );
}

#[test]
fn a_change_shows_each_field_as_it_is_and_as_it_shall_be() {
    let service = |hide: bool| {
        product(&json!([{
            "name": "v1",
            "service": {"name": "weather-v1", "key_auth": {"hide_credentials": hide}},
        }]))
    };
    assert_eq!(
        said(service(false), service(true), Prune::No),
        ["~ service `Weather` `v1`\n    key_auth.hide_credentials: true -> false"]
    );
}

#[test]
fn nothing_goes_unless_it_is_asked_for() {
    let present = product(&json!([{"name": "v1"}, {"name": "v2"}]));
    let declared = product(&json!([{"name": "v1"}]));
    let none: [&str; 0] = [];
    assert_eq!(said(declared.clone(), present.clone(), Prune::No), none);
    assert_eq!(
        said(declared, present, Prune::Declared),
        ["- version `Weather` `v2`"]
    );
}

#[test]
fn a_list_that_is_not_given_is_left_alone() {
    let mut present = product(&json!([{"name": "v1"}]));
    present["strategies"] = json!([{"name": "keys", "key_names": ["apikey"]}]);
    let without_versions = json!({"products": [{"name": "Weather"}]});
    let none: [&str; 0] = [];
    assert_eq!(
        said(without_versions, present.clone(), Prune::Declared),
        none
    );
    assert_eq!(said(json!({}), present, Prune::Declared), none);
}

#[test]
fn what_belongs_to_something_that_goes_is_not_removed_by_itself() {
    let present = product(&json!([{"name": "v1"}]));
    assert_eq!(
        said(json!({"products": []}), present, Prune::Declared),
        ["- product `Weather`"]
    );
}
