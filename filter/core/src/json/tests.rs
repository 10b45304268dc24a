use super::*;

const DEPTH: usize = 64;

fn members(document: &str) -> Option<Vec<Member<'_>>> {
    let mut members = Vec::new();
    scan(document.as_bytes(), DEPTH, |member| members.push(member)).ok()?;
    Some(members)
}

fn spans(document: &str) -> Vec<&str> {
    let members = members(document).unwrap();
    members
        .iter()
        .map(|member| &document[member.span.clone()])
        .collect()
}

#[test]
fn a_member_stands_between_its_name_and_the_end_of_its_value() {
    assert_eq!(
        spans(" { \"a\" : [1, {\"b\":\"}\"}] , \"c\":\"d\\\"\"\n,\"e\":-1.5e+3 } "),
        [
            "\"a\" : [1, {\"b\":\"}\"}]",
            "\"c\":\"d\\\"\"",
            "\"e\":-1.5e+3"
        ]
    );
}

#[test]
fn every_kind_of_value_is_told_apart() {
    for (value, expected) in [
        (r#""v""#, Value::Text(b"v")),
        (r#""""#, Value::Text(b"")),
        ("[]", Value::Container),
        ("{}", Value::Container),
        ("[[],{},[0]]", Value::Container),
        (r#"{"a":{"b":[]},"c":""}"#, Value::Container),
        ("0", Value::Scalar),
        ("-0.10E-2", Value::Scalar),
        ("true", Value::Scalar),
        ("false", Value::Scalar),
        ("null", Value::Scalar),
    ] {
        let document = format!("{{\"a\":{value}}}");
        assert_eq!(members(&document).unwrap()[0].value, expected, "{value}");
    }
}

#[test]
fn only_an_object_has_members() {
    assert_eq!(members(" {\r\n\t} "), Some(Vec::new()));
    for document in ["", " ", "[]", "null", "1", "\"a\"", "[{\"a\":1}]"] {
        assert_eq!(members(document), None, "{document}");
    }
}

#[test]
fn a_broken_object_is_refused() {
    for document in [
        "{bad",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1}x",
        "{\"a\":1}{}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":}",
        "{\"a\":1}/**/",
        "\u{feff}{}",
        "{}\0",
    ] {
        assert_eq!(members(document), None, "{document}");
    }
}

#[test]
fn a_broken_value_is_refused() {
    for value in [
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "-",
        "0x1",
        "1_0",
        "NaN",
        "tru",
        "nulll",
        "\"b",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u123\"",
        "\"b\\\"",
        "[}",
        "[1}",
        "{]",
        "[1,]",
        "[1 2]",
        "{\"b\"}",
        "{\"b\":1,}",
        "{1:2}",
        "[\"\\\"]",
    ] {
        let document = format!("{{\"a\":{value}}}");
        assert_eq!(members(&document), None, "{value}");
        let nested = format!("{{\"a\":[{{\"b\":{value}}}]}}");
        assert_eq!(members(&nested), None, "{value} within others");
    }
}

#[test]
fn names_and_texts_are_unescaped() {
    for (raw, text) in [
        ("\\u0061pikey", "apikey"),
        ("\\u006B\\u006b", "kk"),
        ("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\u{8}\u{c}\n\r\t"),
        ("\\u00e9\\ud83d\\ude00", "é😀"),
        ("a\\u0000", "a\0"),
        ("\\\\u0061", "\\u0061"),
    ] {
        let document = format!("{{\"{raw}\":\"{raw}\"}}");
        let members = members(&document).unwrap();
        assert!(members[0].is_named(text), "{raw}");
        assert_eq!(
            members[0].value.text().as_deref(),
            Some(text.as_bytes()),
            "{raw}"
        );
    }
}

#[test]
fn names_are_compared_byte_by_byte() {
    for raw in [
        "Apikey",
        "apikey[]",
        "apike",
        "apikey ",
        "apikey\\u0000",
        "",
    ] {
        let document = format!("{{\"{raw}\":1}}");
        assert!(!members(&document).unwrap()[0].is_named("apikey"), "{raw}");
    }
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for raw in ["\\ud800k", "\\udc00", "\\ud800\\u0041", "\\ud800\\ud800"] {
        let document = format!("{{\"a\":\"{raw}\"}}");
        assert_eq!(members(&document).unwrap()[0].value.text(), None, "{raw}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_bytes() {
    let mut values = Vec::new();
    scan(b"{\"a\":\"\xff\xfe\"}", DEPTH, |member| {
        values.push(member.value);
    })
    .unwrap();
    assert_eq!(values, [Value::Text(b"\xff\xfe")]);
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
        format!("{{\"a\":{open}{close}}}")
    };
    assert!(members(&nested(DEPTH)).is_some());
    assert!(members(&nested(DEPTH + 1)).is_none());
    assert!(members(&nested(200_000)).is_none());
}
