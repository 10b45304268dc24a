use serde_json::json;
use stage::http1::{Body, Head};

use super::*;

fn expect(value: &serde_json::Value) -> Expect {
    serde_json::from_value(value.clone()).unwrap()
}

fn answered(status: u16) -> Answer {
    Answer::Response {
        status,
        grpc_status: None,
    }
}

fn arrival(head: &str) -> Recorded {
    Recorded {
        head: Head::parse(head.as_bytes().to_vec()),
        body: Some(Body::default()),
    }
}

fn observed(first: Answer, arrivals: usize) -> Observed {
    Observed {
        first,
        second: None,
        arrivals: (0..arrivals)
            .map(|_| arrival("GET /t HTTP/1.1\r\n\r\n"))
            .collect(),
        names_coding: false,
    }
}

#[test]
fn each_class_takes_its_own_outcomes_only() {
    let denial = Answer::Response {
        status: 200,
        grpc_status: Some(16),
    };
    for (class, answer, arrivals, passes) in [
        ("allow", answered(200), 1, true),
        ("allow", answered(200), 0, false),
        ("allow", answered(200), 2, false),
        ("allow", answered(401), 0, false),
        ("deny", answered(401), 0, true),
        ("deny", answered(403), 0, true),
        ("deny", denial.clone(), 0, true),
        ("deny", denial.clone(), 1, false),
        ("deny", answered(401), 1, false),
        ("deny", answered(400), 0, false),
        ("deny", answered(200), 1, false),
        ("deny", Answer::Closed, 0, false),
        ("reject", answered(431), 0, true),
        ("reject", Answer::Closed, 0, true),
        ("reject", Answer::Closed, 1, false),
        ("reject", answered(401), 0, false),
        ("deny_or_reject", answered(401), 0, true),
        ("deny_or_reject", answered(400), 0, true),
        ("deny_or_reject", answered(200), 1, false),
        ("any_safe", answered(400), 0, true),
        ("any_safe", answered(400), 1, false),
        ("any_safe", Answer::Nothing, 0, false),
        ("any_safe", answered(503), 0, false),
        ("reject", Answer::Garbled("x".to_owned()), 0, false),
    ] {
        let found = judge(
            &expect(&json!({"class": class})),
            &observed(answer.clone(), arrivals),
        );
        assert_eq!(
            found.is_empty(),
            passes,
            "{class} {answer} {arrivals}: {found:?}"
        );
    }
}

#[test]
fn statuses_replace_those_of_the_class() {
    let expect = expect(&json!({"class": "allow", "statuses": [200, 400]}));
    assert_eq!(judge(&expect, &observed(answered(400), 0)), []);
    assert_eq!(judge(&expect, &observed(answered(200), 1)), []);
    assert_ne!(judge(&expect, &observed(answered(400), 1)), []);
    assert_ne!(judge(&expect, &observed(answered(204), 1)), []);
}

#[test]
fn a_server_error_is_one_even_where_it_is_expected() {
    let expect = expect(&json!({"class": "reject", "statuses": [500, 501]}));
    assert_ne!(judge(&expect, &observed(answered(500), 0)), []);
    assert_ne!(judge(&expect, &observed(answered(501), 0)), []);
    let mut with_coding = observed(answered(501), 0);
    with_coding.names_coding = true;
    assert_eq!(judge(&expect, &with_coding), []);
}

#[test]
fn a_pipeline_is_served_once_and_then_refused() {
    let expect = expect(&json!({"class": "pipeline"}));
    let mut observed = observed(answered(200), 1);
    assert_ne!(judge(&expect, &observed), [], "no second answer");
    observed.second = Some(answered(401));
    assert_eq!(judge(&expect, &observed), []);
    observed.second = Some(answered(200));
    assert_ne!(judge(&expect, &observed), []);
}

#[test]
fn a_grpc_status_must_be_the_one_expected() {
    let expect = expect(&json!({"class": "deny", "statuses": [200], "grpc_status": 16}));
    let with = |grpc_status| {
        let status = 200;
        observed(
            Answer::Response {
                status,
                grpc_status,
            },
            0,
        )
    };
    assert_eq!(judge(&expect, &with(Some(16))), []);
    assert_ne!(judge(&expect, &with(Some(7))), []);
    assert_ne!(judge(&expect, &with(None)), []);
}

#[test]
fn what_a_client_says_of_itself_must_not_arrive() {
    let expect = expect(&json!({"class": "allow"}));
    let mut observed = observed(answered(200), 0);
    observed.arrivals = vec![arrival("GET / HTTP/1.1\r\nx.consumer.id: Evil\r\n\r\n")];
    assert_eq!(judge(&expect, &observed).len(), 1);
    observed.arrivals = vec![arrival("GET / HTTP/1.1\r\nx: 1X-Consumer-ID: evil\r\n\r\n")];
    assert_eq!(judge(&expect, &observed), [], "a value of another name");
}

#[test]
fn conditions_on_the_upstream_are_all_looked_at() {
    let head = "GET /t/1?a=b HTTP/1.1\r\nX-One: Text\r\nsplit\r\n\r\n";
    for (condition, passes) in [
        (json!({"must_contain": ["X-One: Text"]}), true),
        (json!({"must_contain": "x-one"}), false),
        (json!({"must_not_contain": ["TEXT"]}), false),
        (json!({"must_contain_header": ["x-one"]}), true),
        (json!({"must_contain_header": ["x-two"]}), false),
        (json!({"must_not_contain_header": ["x-ONE"]}), false),
        (json!({"must_not_contain_line_prefix": ["split"]}), false),
        (json!({"must_not_contain_line_prefix": ["x-one"]}), false),
        (json!({"must_not_contain_line_prefix": ["x-on"]}), true),
        (json!({"max": 0}), false),
        (json!({"exact": 1, "max": 1}), true),
    ] {
        let expect = expect(&json!({"class": "allow", "upstream": condition}));
        let mut observed = observed(answered(200), 0);
        observed.arrivals = vec![arrival(head)];
        assert_eq!(judge(&expect, &observed).is_empty(), passes, "{condition}");
    }
    let unreached = expect(&json!({"class": "any_safe", "upstream": {"must_contain": "x"}}));
    assert_eq!(judge(&unreached, &observed(answered(400), 0)), []);
}

#[test]
fn a_questionable_shape_may_be_served_if_it_is_served_once() {
    let expect = expect(&json!({"class": "any_safe"}));
    assert_eq!(judge(&expect, &observed(answered(200), 1)), []);
    assert_ne!(judge(&expect, &observed(answered(200), 2)), []);
}
