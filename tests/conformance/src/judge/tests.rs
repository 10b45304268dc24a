use serde_json::{Value, json};
use stage::http1::HeaderLine;

use super::*;

fn line(name: &str, value: &str) -> HeaderLine {
    HeaderLine {
        name: name.as_bytes().to_vec(),
        value: value.as_bytes().to_vec(),
    }
}

fn seen() -> Seen {
    Seen {
        response: Ok(Response {
            status: 200,
            headers: vec![line("Content-Type", "text/plain")],
            body: br#"{"message":"hello","n":1}"#.to_vec(),
        }),
        arrivals: vec![Arrival {
            target: b"/a?b=1&c".to_vec(),
            headers: vec![
                line("x-consumer-id", "id-1"),
                line("X-Consumer-ID", "second"),
                line("transfer-encoding", "chunked"),
            ],
            body: Some(br#"{"b":[1,2],"a":"x"}"#.to_vec()),
        }],
    }
}

fn members(expect: &Value, seen: &Seen) -> Vec<String> {
    let expect: Expect = serde_json::from_value(expect.clone()).unwrap();
    let ids = Ids {
        consumers: BTreeMap::from([("bob".to_owned(), "id-1".to_owned())]),
        ..Ids::default()
    };
    let terms = Terms {
        ids: &ids,
        encoding: Encoding::Utf8,
    };
    let mismatches = judge(&expect, seen, terms);
    mismatches.into_iter().map(|one| one.member).collect()
}

#[test]
fn what_is_as_expected_has_no_mismatch() {
    let expect = json!({
        "status": 200, "status_in": [200, 201],
        "body_json": {"message": "@re:^h", "n": 1},
        "body_contains": "hello",
        "response_headers": {"content-type": "text/plain"},
        "response_headers_absent": ["www-authenticate"],
        "upstream": {
            "headers_present": {
                "X-CONSUMER-ID": "@consumer_id(bob)", "x-empty": "", "content-length": "19",
            },
            "headers_absent": ["apikey"],
            "query": "b=1&c",
            "body": "{\"b\":[1,2],\"a\":\"x\"}", "body_len": 19,
            "body_json_equal": "{\"a\": \"x\", \"b\": [1, 2]}",
            "body_contains": "[1,2]", "body_not_contains": "kong",
        },
    });
    assert_eq!(members(&expect, &seen()), Vec::<String>::new());
}

#[test]
fn every_member_that_differs_is_listed() {
    let expect = json!({
        "status": 401, "status_in": [401, 403],
        "body_json": {"message": "bye", "n": 1, "missing": "@any"},
        "body_contains": "bye",
        "response_headers": {"content-type": "text/html", "x-missing": "@any"},
        "response_headers_absent": ["Content-Type"],
        "upstream": {
            "headers_present": {"x-consumer-id": "second", "x-missing": "a"},
            "headers_absent": ["Transfer-Encoding"],
            "query": null,
            "body": "", "body_len": 0, "body_json_equal": "{}",
            "body_contains": "kong", "body_not_contains": "[1,2]",
        },
    });
    let expected = [
        "status",
        "status",
        "body_json.message",
        "body_json.missing",
        "body",
        "response_headers.content-type",
        "response_headers.x-missing",
        "response_headers.Content-Type",
        "upstream.headers.x-consumer-id",
        "upstream.headers.x-missing",
        "upstream.headers.Transfer-Encoding",
        "upstream.query",
        "upstream.body",
        "upstream.body_len",
        "upstream.body_json_equal",
        "upstream.body_contains",
        "upstream.body_not_contains",
    ];
    assert_eq!(members(&expect, &seen()), expected);
}

#[test]
fn the_upstream_is_called_as_often_as_expected() {
    let not_called = json!({"status": 200, "upstream": false});
    let once = json!({"status": 200, "upstream": {}});
    let mut seen = seen();
    assert_eq!(members(&not_called, &seen), ["upstream requests"]);
    assert_eq!(members(&once, &seen), Vec::<String>::new());
    seen.arrivals.push(seen.arrivals[0].clone());
    assert_eq!(members(&once, &seen), ["upstream requests"]);
    seen.arrivals.clear();
    assert_eq!(members(&once, &seen), ["upstream requests"]);
    assert_eq!(members(&not_called, &seen), Vec::<String>::new());
}

#[test]
fn a_bare_question_mark_is_an_empty_query() {
    let mut seen = seen();
    seen.arrivals[0].target = b"/a?".to_vec();
    let query = |query: Value| json!({"status": 200, "upstream": {"query": query}});
    assert_eq!(members(&query(json!("")), &seen), Vec::<String>::new());
    assert_eq!(members(&query(json!(null)), &seen), ["upstream.query"]);
    seen.arrivals[0].target = b"/a".to_vec();
    assert_eq!(members(&query(json!("")), &seen), ["upstream.query"]);
}

#[test]
fn an_unknown_matcher_is_a_mismatch_wherever_it_is() {
    let expect = json!({
        "status": 200,
        "body_json": {"message": "@uuid"},
        "response_headers": {"content-type": "@text"},
        "upstream": {
            "headers_present": {"x-consumer-id": "@consumer_id(eve)"}, "query": "@odd",
        },
    });
    assert_eq!(members(&expect, &seen()).len(), 4);
}

#[test]
fn no_response_is_a_mismatch() {
    let mut seen = seen();
    seen.response = Err("nothing came in time".to_owned());
    let expect = json!({"status": 200, "upstream": false});
    assert_eq!(members(&expect, &seen), ["response", "upstream requests"]);
}

#[test]
fn a_body_without_its_end_is_a_mismatch() {
    let mut seen = seen();
    seen.arrivals[0].body = None;
    let expect = json!({"status": 200, "upstream": {}});
    assert_eq!(members(&expect, &seen), ["upstream.body"]);
}
