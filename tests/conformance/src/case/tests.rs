use serde_json::{Value, json};

use super::expect::{Query, Upstream};
use super::request::Body;
use super::*;

fn written() -> Value {
    json!({
        "id": "a", "source": "s", "cls": "parity",
        "config": {
            "key_names": ["apikey"], "key_in_header": true, "key_in_query": true,
            "key_in_body": false, "hide_credentials": false, "anonymous": null,
            "run_on_preflight": true, "realm": null, "acl": null,
        },
        "fixtures": {"consumers": [{"name": "bob", "keys": ["kong"]}]},
        "request": {"method": "GET", "path": "/", "headers": [["apikey", "kong"]], "body": null},
        "expect": {"status": 200},
    })
}

fn parse(change: impl FnOnce(&mut Value)) -> Result<Case, String> {
    let mut value = written();
    change(&mut value);
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn expectation(case: &Case) -> &Expect {
    match &case.steps[0] {
        Step::Exchange { expect, .. } => expect,
        Step::Action(_) => panic!("an action"),
    }
}

#[test]
fn every_unknown_member_is_refused_by_name() {
    let places = [
        "",
        "/config",
        "/fixtures",
        "/fixtures/consumers/0",
        "/request",
        "/expect",
    ];
    for place in places {
        let error = parse(|value| {
            let object = value.pointer_mut(place).unwrap();
            object["odd"] = json!(1);
        });
        assert!(error.unwrap_err().contains("`odd`"), "{place}");
    }
    for (member, value) in [
        ("upstream", json!({"odd": 1})),
        ("upstream", json!(true)),
        ("upstream", json!(null)),
    ] {
        assert!(parse(|case| case["expect"][member] = value).is_err());
    }
}

#[test]
fn unknown_words_are_refused() {
    assert!(parse(|case| case["cls"] = json!("maybe")).is_err());
    assert!(parse(|case| case["kind"] = json!("loop")).is_err());
    for step in [
        json!({"action": "restart"}),
        json!({"action": "datastore_down", "odd": 1}),
        json!({"action": "delete_key", "key": "a", "odd": 1}),
        json!({"action": "delete_key"}),
    ] {
        let error = parse(|case| sequence(case, &step));
        assert!(error.is_err(), "{step}");
    }
}

fn sequence(case: &mut Value, step: &Value) {
    let case = case.as_object_mut().unwrap();
    case.remove("request");
    case.remove("expect");
    case.insert("kind".to_owned(), json!("sequence"));
    case.insert("steps".to_owned(), json!([step]));
}

#[test]
fn what_is_recommended_replaces_what_is_expected_as_a_whole() {
    let case = parse(|case| {
        case["expect"]["upstream"] = json!(false);
        case["recommend"] = json!({"status": 503});
    });
    let case = case.unwrap();
    assert_eq!(expectation(&case).status, Some(503));
    assert!(expectation(&case).upstream.is_none());
}

#[test]
fn a_missing_query_differs_from_one_that_must_not_be_there() {
    let query = |upstream: Value| {
        let case = parse(|case| case["expect"]["upstream"] = upstream).unwrap();
        match expectation(&case).upstream.clone() {
            Some(Upstream::CalledOnce(arrival)) => arrival.query,
            _ => panic!("not called"),
        }
    };
    assert_eq!(query(json!({})), None);
    assert_eq!(query(json!({"query": null})), Some(Query::Absent));
    assert_eq!(
        query(json!({"query": ""})),
        Some(Query::Bytes(String::new()))
    );
}

#[test]
fn configuration_is_complete() {
    for name in ["realm", "anonymous", "acl", "key_in_body"] {
        let case = parse(|case| {
            case["config"].as_object_mut().unwrap().remove(name);
        });
        assert!(case.unwrap_err().contains(name), "{name}");
    }
    let both = json!({"allow": ["a"], "deny": ["b"], "hide_groups_header": false});
    assert!(parse(|case| case["config"]["acl"] = both).is_err());
}

#[test]
fn a_body_is_repeated_and_cut_as_it_is_asked_for() {
    let body = |change: Value| {
        let case = parse(|case| {
            let members = change.as_object().unwrap().clone();
            case["request"].as_object_mut().unwrap().extend(members);
        });
        match case.unwrap().steps.remove(0) {
            Step::Exchange { request, .. } => request.body,
            Step::Action(_) => panic!("an action"),
        }
    };
    let repeat = json!({"prefix": "<", "unit": "ab", "count": 2, "suffix": ">"});
    assert_eq!(
        body(json!({"body_repeat": repeat})),
        Body::Whole(b"<abab>".to_vec())
    );
    assert_eq!(
        body(json!({"body": "abc", "chunked": true})),
        Body::Chunked(vec![b"a".to_vec(), b"bc".to_vec()])
    );
    assert_eq!(body(json!({"body": null})), Body::None);
}
