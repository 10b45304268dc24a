//! The good key in every shape in which it must not be accepted.

use keystile_protocol::key::ApiKey;
use keystile_protocol::service::KeyAuth;

use crate::extract::{Body, Found, find_key};
use crate::head::Head;

const KEY: &str = "ks_0123456789ABCDEFGHIJKLMNOPQRSTUV08Wbiv";

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const MULTIPART: &str = "multipart/form-data; boundary=BB";

fn is_accepted(headers: &[(&str, &[u8])], body: &[u8]) -> bool {
    let key_auth = KeyAuth {
        key_in_body: true,
        ..KeyAuth::default()
    };
    let head: Head = headers.iter().copied().collect();
    find_key(&key_auth, &head, Body::Whole(body)) == Found::Key(ApiKey::new(KEY))
}

fn is_header_accepted(value: &[u8]) -> bool {
    is_accepted(&[("apikey", value)], b"")
}

fn is_path_accepted(path: &[u8]) -> bool {
    is_accepted(&[(":path", path)], b"")
}

fn is_body_accepted(content_type: &str, body: &[u8]) -> bool {
    is_accepted(&[("content-type", content_type.as_bytes())], body)
}

fn part(parameters: &str, value: &str) -> String {
    format!("--BB\r\nContent-Disposition: form-data; {parameters}\r\n\r\n{value}\r\n")
}

/// A body of each kind with the good key in it.
fn good_bodies() -> [(&'static str, String); 3] {
    [
        (FORM, format!("a=1&apikey={KEY}")),
        (JSON, format!("{{\"a\":[1],\"apikey\":\"{KEY}\"}}")),
        (MULTIPART, part("name=\"apikey\"", KEY) + "--BB--"),
    ]
}

#[test]
fn the_good_key_is_accepted_where_it_should_be() {
    assert!(is_header_accepted(KEY.as_bytes()));
    assert!(is_path_accepted(format!("/?apikey={KEY}").as_bytes()));
    for (content_type, body) in good_bodies() {
        assert!(
            is_body_accepted(content_type, body.as_bytes()),
            "{content_type}"
        );
    }
}

#[test]
fn a_header_that_only_contains_the_key_is_not_the_key() {
    for shape in [
        "KEY, KEY",
        "KEY,",
        "\"KEY\"",
        "Bearer KEY",
        "KEY;",
        "KEY KEY",
        "KEY\0",
        "KEY\r\n",
        "apikey=KEY",
    ] {
        let value = shape.replace("KEY", KEY);
        assert!(!is_header_accepted(value.as_bytes()), "{shape:?}");
    }
}

#[test]
fn a_target_that_only_contains_the_key_has_no_key() {
    for shape in [
        "/apikey=KEY",
        "/?a=1;apikey=KEY",
        "/?apikey=KEY;a=1",
        "/?apikey=KEY=",
        "/?apikey==KEY",
        "/?apikey=%20KEY",
        "/?apikey=KEY+",
        "/?apikey=KEY%00",
        "/?apikey=%zzKEY",
        "/?apikey[]=KEY",
        "/?APIKEY=KEY",
        "/?%2561pikey=KEY",
        "/?apikey=KEY&apikey=KEY",
        "/?apikey=KEY&%61pikey=other",
        "/?apikey=KEY&apikey",
        "/?apikey=KEY#x",
        "/?x=1#&apikey=KEY",
        "/#?apikey=KEY",
        "/??apikey=KEY",
        "apikey:KEY@host/",
        "*",
        "",
    ] {
        let path = shape.replace("KEY", KEY);
        assert!(!is_path_accepted(path.as_bytes()), "{shape}");
    }
}

#[test]
fn a_json_body_that_only_contains_the_key_has_no_key() {
    for shape in [
        r#"{"apikey":["KEY"]}"#,
        r#"{"apikey":{"$eq":"KEY"}}"#,
        r#"{"apikey":"KEY","apikey":"KEY"}"#,
        r#"{"apikey":"KEY","\u0061pikey":"x"}"#,
        r#"{"apikey":"KEY","apikey":null}"#,
        r#"{"apikey":"\ud800KEY"}"#,
        r#"{"apikey":"KEY\u0000"}"#,
        r#"{"apikey":" KEY"}"#,
        r#"{"apikey[]":"KEY"}"#,
        r#"{"data":{"apikey":"KEY"}}"#,
        r#"[{"apikey":"KEY"}]"#,
        r#"{"apikey":"KEY"}{}"#,
        r#""KEY""#,
        "apikey=KEY",
    ] {
        let body = shape.replace("KEY", KEY);
        assert!(!is_body_accepted(JSON, body.as_bytes()), "{shape}");
    }
}

#[test]
fn a_multipart_body_that_only_contains_the_key_has_no_key() {
    let good = part("name=\"apikey\"", KEY);
    let file = "name=\"apikey\"; filename=\"f\"\r\nContent-Type: text/plain";
    for body in [
        format!("{good}{good}--BB--"),
        format!("{good}{}--BB--", part("name=apikey", "x")),
        format!("{good}{}--BB--", part(file, "x")),
        format!("{good}{}--BB--", part("name*=utf-8''apikey", "x")),
        format!("{good}--BB--\r\n{good}--BB--"),
        format!("--BB--\r\n{good}--BB--"),
        format!("{good}--BB-"),
        format!("{}--BB--", part(file, KEY)),
        format!("{}--BB--", part("name=\"x\"; xname=\"apikey\"", KEY)),
        format!("{}--BB--", part("name=\"apikey[]\"", KEY)),
        format!("{}--BB--", part("name=\"apikey\"", &format!("{KEY}\r\n"))),
        format!("{}--BB--", part("name=\"x\"", "1").repeat(256) + &good),
        good.replace("BB", "BBX") + "--BBX--",
    ] {
        assert!(!is_body_accepted(MULTIPART, body.as_bytes()), "{body}");
    }
}

#[test]
fn a_body_of_another_type_is_not_searched() {
    for (content_type, body) in good_bodies() {
        for other in [
            FORM,
            JSON,
            MULTIPART,
            "text/plain",
            "",
            "application/jsonfoo",
        ] {
            assert!(
                other == content_type || !is_body_accepted(other, body.as_bytes()),
                "{content_type} as {other}"
            );
        }
    }
}

#[test]
fn a_body_that_is_cut_off_has_no_key() {
    for (content_type, body) in good_bodies() {
        for length in 0..body.len() {
            let cut = &body.as_bytes()[..length];
            assert!(
                !is_body_accepted(content_type, cut),
                "{content_type} {length}"
            );
        }
    }
}

#[test]
fn a_byte_more_makes_another_key() {
    let (start, end) = KEY.split_at(20);
    for byte in 0..=u8::MAX {
        let value = [start.as_bytes(), &[byte], end.as_bytes()].concat();
        let path = [b"/?apikey=".as_slice(), &value].concat();
        assert!(!is_header_accepted(&value), "header {byte:#x}");
        assert!(!is_path_accepted(&path), "query {byte:#x}");
        for (content_type, body) in good_bodies() {
            let at = body.find(end).unwrap();
            let (before, after) = body.as_bytes().split_at(at);
            let body = [before, &[byte], after].concat();
            assert!(
                !is_body_accepted(content_type, &body),
                "{content_type} {byte:#x}"
            );
        }
    }
}

#[test]
fn a_large_body_is_read_to_its_end_or_refused() {
    let good = format!("\"apikey\":\"{KEY}\"");
    for (body, accepted) in [
        (format!("{{{}{good}}}", "\"a\":1,".repeat(40_000)), true),
        (format!("{{\"n\":1{},{good}}}", "0".repeat(5000)), true),
        (
            format!("{{\"s\":\"{}\",{good}}}", "\\u0061".repeat(40_000)),
            true,
        ),
        (format!("{{{good},\"a\":{}", "[".repeat(200_000)), false),
        (
            format!("{{\"apikey\":\"{KEY}{}\"}}", "a".repeat(200_000)),
            false,
        ),
    ] {
        assert_eq!(
            is_body_accepted(JSON, body.as_bytes()),
            accepted,
            "{}",
            &body[..20]
        );
    }
    let form = format!("{}apikey={KEY}", "&".repeat(200_000));
    assert!(is_body_accepted(FORM, form.as_bytes()));
}
