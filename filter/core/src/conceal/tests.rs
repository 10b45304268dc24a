use super::*;

fn service(names: &[&str]) -> KeyAuth {
    KeyAuth {
        key_names: names.iter().map(|name| (*name).to_owned()).collect(),
        key_in_body: true,
        ..KeyAuth::default()
    }
}

fn path(target: &str) -> Option<String> {
    let head = Head::of(&[(":path", target)]);
    conceal_head(&service(&["k", "l"]), &head)
        .path
        .map(|path| String::from_utf8(path).unwrap())
}

fn names<'a>(head: &'a Head, concealment: &Concealment) -> Vec<&'a str> {
    let places = concealment.headers.iter();
    places
        .map(|place| str::from_utf8(head.name(*place)).unwrap())
        .collect()
}

#[test]
fn only_the_arguments_of_the_names_leave_the_query() {
    for (target, rest) in [
        ("/p?a=1&k=K&b=2", "/p?a=1&b=2"),
        ("/p?k=K", "/p"),
        ("/p?k=K&l=L", "/p"),
        (
            "/p?c=1%2&%6b=K&time[0:1:0]&b=+/",
            "/p?c=1%2&time[0:1:0]&b=+/",
        ),
        ("/p?k", "/p"),
        ("/p?k=K#x", "/p"),
        ("?k=K&a", "?a"),
    ] {
        assert_eq!(path(target).as_deref(), Some(rest), "{target}");
    }
}

#[test]
fn a_target_without_the_names_is_not_rewritten() {
    for target in ["/p", "", "/k=K", "/p?flag", "/p?a=%zz&&b", "/p??k=K", "*"] {
        assert_eq!(path(target), None, "{target}");
    }
}

#[test]
fn a_query_too_large_to_search_is_still_cleaned() {
    let arguments = "a&".repeat(5000);
    let target = format!("/?{arguments}k=K");
    assert_eq!(path(&target), Some(format!("/?{}", &arguments[..9999])));
}

#[test]
fn headers_go_in_every_spelling_a_key_is_taken_from() {
    let head = Head::of(&[
        ("api-key", "1"),
        ("apikey", "2"),
        ("api_key", "3"),
        ("api-key", "4"),
        ("x-api-key", "5"),
    ]);
    let concealment = conceal_head(&service(&["api_key", "ApiKey"]), &head);
    assert_eq!(
        names(&head, &concealment),
        ["api-key", "apikey", "api_key", "api-key"]
    );
}

#[test]
fn headers_and_query_are_cleaned_whatever_places_are_searched() {
    let off = KeyAuth {
        key_in_header: false,
        key_in_query: false,
        ..service(&["k"])
    };
    let head = Head::of(&[(":path", "/?k=K"), ("k", "K")]);
    let concealment = conceal_head(&off, &head);
    assert_eq!(concealment.path.as_deref(), Some(b"/".as_slice()));
    assert_eq!(names(&head, &concealment), ["k"]);
}

#[test]
fn fields_leave_a_form() {
    let head = Head::of(&[("content-type", "application/x-www-form-urlencoded")]);
    let conceal = |body: &str| conceal_body(&service(&["k"]), &head, body.as_bytes());
    assert_eq!(conceal("k=K&a=1+x").as_deref(), Some(b"a=1+x".as_slice()));
    assert_eq!(conceal("k=K").as_deref(), Some(b"".as_slice()));
    assert_eq!(conceal("b=2&a=1"), None);
}

#[test]
fn a_body_is_only_touched_where_keys_are_taken_from_bodies() {
    let head = Head::of(&[("content-type", "application/x-www-form-urlencoded")]);
    let off = KeyAuth {
        key_in_body: false,
        ..service(&["k"])
    };
    assert!(is_body_concealable(&service(&["k"]), &head));
    assert!(!is_body_concealable(&off, &head));
    assert_eq!(conceal_body(&off, &head, b"k=K"), None);
}
