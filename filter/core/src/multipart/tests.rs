use super::*;

fn parts(body: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    scan(body.as_bytes(), b"BB", |part| parts.push(part)).ok()?;
    Some(parts)
}

fn of_headers(headers: &str) -> Option<Part<'_>> {
    let body = format!("--BB\r\n{headers}\r\n\r\nv\r\n--BB--\r\n");
    parts(body.leak())?.pop()
}

const FIELD: &str = "Content-Disposition: form-data; name=\"k\"";

#[test]
fn parts_are_divided_by_delimiters() {
    let body = "pre\r\n--BB\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\r\n2\r\n\
                --BB \t\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--BB--\r\nepilogue";
    let parts = parts(body).unwrap();
    let seen: Vec<(&[u8], &str)> = parts
        .iter()
        .map(|part| (part.value, &body[part.span.clone()][..6]))
        .collect();
    assert_eq!(
        seen,
        [
            (b"1\r\n\r\n2".as_slice(), "--BB\r\n"),
            (b"".as_slice(), "--BB \t")
        ]
    );
    assert!(parts[0].is_named("a") && parts[1].is_named("b"));
}

#[test]
fn line_feeds_alone_divide_too() {
    let body = format!("--BB\n{FIELD}\n\nv\r\n\n--BB--\n");
    let parts = parts(&body).unwrap();
    assert!(parts[0].is_named("k"));
    assert_eq!(parts[0].value, b"v\r\n");
}

#[test]
fn a_body_may_end_with_its_last_delimiter_and_have_no_parts() {
    assert_eq!(parts("--BB--"), Some(Vec::new()));
    assert_eq!(parts("\r\n--BB--\r\n"), Some(Vec::new()));
}

#[test]
fn a_body_with_no_clear_division_is_refused() {
    for body in [
        String::new(),
        "no delimiter".to_owned(),
        format!("--BB\r\n{FIELD}\r\n\r\nv"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\r\n"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\r\n--BB"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\r\n--BB-"),
        format!("--BBX\r\n{FIELD}\r\n\r\nv\r\n--BBX--\r\n"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\r\n--BBX\r\n--BB--\r\n"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\r\n--BB--x\r\n"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\r\n--BB--\r\n--BB\r\n{FIELD}\r\n\r\nw\r\n--BB--\r\n"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\n--BB--\r\n"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\r\n--BB\n{FIELD}\n\nw\r\n--BB--\r\n"),
        format!("--BB\r\n{FIELD}\r\n\r\nv\r\n--BB\n{FIELD}\r\n\r\nw\r\n--BB--\r\n"),
        format!("--BB\n{FIELD}\n\nv\r\n--BB--\n"),
        format!("pre\n--BB\r\n{FIELD}\r\n\r\nv\r\n--BB--\r\n"),
        "--BB\r\n--BB--\r\n".to_owned(),
        "--BB\r--BB--\r".to_owned(),
    ] {
        assert_eq!(parts(&body), None, "{body:?}");
    }
}

#[test]
fn a_name_is_read_in_every_way_it_is_written() {
    for headers in [
        "content-disposition:form-data;name=k",
        "CONTENT-DISPOSITION: Form-Data; NAME=\"k\"",
        "Content-Disposition: form-data; filename=\"f\"; name=\"k\"",
        "Content-Disposition: form-data; name=\"\\k\"",
        "X-Other: 1\r\nContent-Disposition: form-data; name=\"k\"\r\nX-Another:",
    ] {
        let part = of_headers(headers).unwrap();
        assert!(part.is_named("k"), "{headers}");
        assert_eq!(part.value, b"v", "{headers}");
    }
}

#[test]
fn another_name_is_another() {
    for headers in [
        "Content-Disposition: form-data; name=\"k[]\"",
        "Content-Disposition: form-data; name=\"K\"",
        "Content-Disposition: form-data; name=\"%6b\"",
        "Content-Disposition: form-data; name=\"x\"; xname=\"k\"",
        "Content-Disposition: form-data; name=\"x; name=k\"",
        "Content-Disposition: form-data",
        "X-Content-Disposition: form-data; name=\"k\"",
    ] {
        assert!(!of_headers(headers).unwrap().is_named("k"), "{headers}");
    }
}

#[test]
fn headers_that_could_be_read_in_several_ways_are_refused() {
    for headers in [
        "Content-Disposition: attachment; name=\"k\"",
        "Content-Disposition: name=\"k\"",
        "Content-Disposition: form-data; name=\"k\"; name=\"l\"",
        "Content-Disposition: form-data; name=\"k\"; name*=utf-8''l",
        "Content-Disposition: form-data; name*=utf-8''k",
        "Content-Disposition: form-data; name*0=k",
        "Content-Disposition: form-data; name=\"k",
        "Content-Disposition: form-data; name=\"k\"x",
        "Content-Disposition: form-data; name",
        "Content-Disposition : form-data; name=\"k\"",
        "Content-Disposition: form-data;\r\n name=\"k\"",
        "Content-Disposition: form-data; name=\"k\"\r\nContent-Disposition: form-data",
        "Content-Disposition: form-data; name=\"k\"\r\nno colon",
        "Content-Disposition: form-data; name=\"k\"\nX-Other: 1",
    ] {
        assert_eq!(of_headers(headers), None, "{headers:?}");
    }
}

#[test]
fn a_file_has_a_file_name_and_a_type() {
    for (parameters, header, is_file) in [
        ("; filename=\"f\"", "Content-Type: text/plain", true),
        ("; filename*=utf-8''f", "content-type: text/plain", true),
        ("; filename=\"f\"", "X-Other: 1", false),
        ("", "Content-Type: text/plain", false),
    ] {
        let headers = format!("{FIELD}{parameters}\r\n{header}");
        assert_eq!(
            of_headers(&headers).unwrap().is_file(),
            is_file,
            "{headers}"
        );
    }
}

#[test]
fn a_part_without_a_blank_line_has_an_empty_value() {
    let body = format!("--BB\r\n{FIELD}\r\n\r\n--BB--\r\n");
    let parts = parts(&body).unwrap();
    assert!(parts[0].is_named("k"));
    assert_eq!(parts[0].value, b"");
}

#[test]
fn a_part_without_headers_has_no_name() {
    let parts = parts("--BB\r\n\r\nv\r\n--BB--").unwrap();
    assert!(!parts[0].is_named(""));
    assert_eq!(parts[0].value, b"v");
}
