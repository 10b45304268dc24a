use super::*;

fn values() -> Values {
    Values {
        id: "r1".to_owned(),
        key: "K{1".to_owned(),
        wrong: "W".to_owned(),
    }
}

fn expanded(template: &str) -> String {
    let bytes = values().expand_connection(template.as_bytes()).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_placeholder_is_expanded() {
    for (template, text) in [
        ("{ID} {KEY} {WRONG}", "r1 K{1 W"),
        ("{KEY_PCT}", "%4B%7B%31"),
        ("{REPEATLINE:h{N}: 1:2}end", "h0: 1\r\nh1: 1\r\nend"),
        ("{REPEAT:ab:3}", "ababab"),
        ("{REPEAT:a:b:2}", "a:ba:b"),
        ("{REPEAT:[:3}]", "[[[]"),
        (r#"{REPEAT:{"a"::2}"#, r#"{"a":{"a":"#),
        (r#"{REPEAT:{"a":1},:2}"#, r#"{"a":1},{"a":1},"#),
        ("{REPEAT:{REPEAT:a:2}b:2}", "aabaab"),
        ("{HEXLEN:0123456789abcdef}", "10"),
        ("{HEXLEN:{WRONG}{WRONG}}", "2"),
        ("{HEXLEN:{REPEAT:a:17}}", "11"),
        (r#"{HEXLEN:{"a":{}}}"#, "8"),
    ] {
        assert_eq!(expanded(template), text, "{template}");
    }
}

#[test]
fn a_length_counts_the_body_that_follows() {
    let one = "POST / HTTP/1.1\r\nContent-Length: {CL}\r\n\r\n{WRONG}bc";
    assert!(expanded(one).contains("Length: 3\r\n"));
    let none = "POST / HTTP/1.1\r\nContent-Length: {CL}\r\n\r\n";
    assert!(expanded(none).contains("Length: 0\r\n"));
}

#[test]
fn a_length_ends_before_a_second_request() {
    let two = "POST /t/{ID} HTTP/1.1\r\nContent-Length: {CL}\r\n\r\nbodyXPOST /t/{ID}-second \
        HTTP/1.1\r\nContent-Length: {CL}\r\n\r\nab";
    let text = expanded(two);
    assert!(text.contains("Content-Length: 5\r\n\r\nbodyX"), "{text}");
    assert!(text.ends_with("Content-Length: 2\r\n\r\nab"), "{text}");
}

#[test]
fn what_is_zipped_has_the_length_that_is_said() {
    let bytes = values()
        .expand(b"{HEXLEN:{GZIP:hello}}|{GZIP:hello}")
        .unwrap();
    let bar = find(&bytes, b"|").unwrap();
    let said = usize::from_str_radix(std::str::from_utf8(&bytes[..bar]).unwrap(), 16).unwrap();
    assert_eq!(bytes.len() - bar - 1, said);
    assert!(bytes[bar + 1..].starts_with(&[0x1f, 0x8b]));
}

#[test]
fn unknown_placeholders_are_refused() {
    for (template, name) in [("a{NONCE}", "NONCE"), ("{UPPER:x}", "UPPER")] {
        let error = values().expand(template.as_bytes()).unwrap_err();
        assert_eq!(error, InvalidPlaceholder::Unknown(name.to_owned()));
    }
    for harmless in [r#"{"A":1}"#, "{}", "{a}", "{A b}"] {
        assert_eq!(expanded(harmless), harmless);
    }
}

#[test]
fn what_is_not_closed_is_refused() {
    for template in ["{REPEAT:a}", "{REPEAT:a:x}", "{HEXLEN:a"] {
        assert!(values().expand(template.as_bytes()).is_err(), "{template}");
    }
    let headless = values().expand_connection(b"{CL}").unwrap_err();
    assert_eq!(headless, InvalidPlaceholder::NoBody);
}
