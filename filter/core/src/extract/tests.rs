use super::*;

fn service(names: &[&str]) -> KeyAuth {
    KeyAuth {
        key_names: names.iter().map(|name| (*name).to_owned()).collect(),
        key_in_body: true,
        ..KeyAuth::default()
    }
}

fn key(value: &str) -> Found {
    Found::Key(ApiKey::new(value))
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[test]
fn a_header_precedes_the_query_and_the_query_the_body() {
    let service = service(&["k"]);
    let body = Body::Whole(b"k=body");
    let all = Head::of(&[(":path", "/?k=query"), ("k", "header"), FORM]);
    assert_eq!(find_key(&service, &all, body), key("header"));
    let two = Head::of(&[(":path", "/?k=query"), FORM]);
    assert_eq!(find_key(&service, &two, body), key("query"));
    let one = Head::of(&[(":path", "/"), FORM]);
    assert_eq!(find_key(&service, &one, body), key("body"));
}

#[test]
fn the_order_of_names_outranks_the_order_of_places() {
    let head = Head::of(&[(":path", "/?k1=query"), ("k2", "header")]);
    assert_eq!(
        find_key(&service(&["k1", "k2"]), &head, Body::Unavailable),
        key("query")
    );
}

#[test]
fn a_place_that_is_off_is_not_searched() {
    let off = KeyAuth {
        key_in_header: false,
        key_in_query: false,
        key_in_body: false,
        ..service(&["k"])
    };
    let head = Head::of(&[(":path", "/?k=a&k=b"), ("k", "a"), ("k", "b"), FORM]);
    assert_eq!(find_key(&off, &head, Body::Whole(b"k=a")), Found::Nothing);
}

#[test]
fn a_present_value_is_final_even_if_it_is_empty() {
    let service = service(&["k", "l"]);
    let body = Body::Whole(b"k=body&l=body");
    for headers in [
        [(":path", "/?k=query"), ("k", ""), FORM],
        [(":path", "/?k="), ("l", "header"), FORM],
    ] {
        assert_eq!(
            find_key(&service, &Head::of(&headers), body),
            Found::Nothing,
            "{headers:?}"
        );
    }
}

#[test]
fn a_flag_hides_the_body_and_leads_to_the_next_name() {
    let head = Head::of(&[(":path", "/?k"), FORM]);
    let body = Body::Whole(b"k=body&l=next");
    assert_eq!(find_key(&service(&["k"]), &head, body), Found::Nothing);
    assert_eq!(find_key(&service(&["k", "l"]), &head, body), key("next"));
}

#[test]
fn a_repeat_is_refused_in_every_place() {
    let service = service(&["k"]);
    let body = Body::Whole(b"k=a&k=b");
    for headers in [
        [(":path", "/?k=a"), ("k", "a"), ("k", "a")],
        [(":path", "/?k=a&k=a"), ("x", ""), ("x", "")],
        [(":path", "/"), ("x", ""), FORM],
    ] {
        assert_eq!(
            find_key(&service, &Head::of(&headers), body),
            Found::Duplicate,
            "{headers:?}"
        );
    }
}

#[test]
fn the_body_is_asked_for_only_if_the_answer_depends_on_it() {
    let wanted = service(&["k", "l"]);
    let unwanted = KeyAuth {
        key_in_body: false,
        ..wanted.clone()
    };
    let found = |service: &KeyAuth, headers: &[(&str, &str)]| {
        find_key(service, &Head::of(headers), Body::NotRead)
    };
    assert_eq!(found(&wanted, &[FORM]), Found::BodyNeeded);
    assert_eq!(
        found(&wanted, &[FORM, ("l", "v")]),
        Found::BodyNeeded,
        "the first name may be in the body"
    );
    assert_eq!(found(&wanted, &[FORM, ("k", "v")]), key("v"));
    assert_eq!(found(&wanted, &[FORM, ("k", "")]), Found::Nothing);
    assert_eq!(found(&wanted, &[]), Found::Nothing, "no content type");
    assert_eq!(found(&unwanted, &[FORM]), Found::Nothing);
}

#[test]
fn a_body_that_cannot_be_read_holds_no_key() {
    let head = Head::of(&[FORM, ("l", "v")]);
    assert_eq!(
        find_key(&service(&["k", "l"]), &head, Body::Unavailable),
        key("v")
    );
}

#[test]
fn any_bytes_can_be_a_key_up_to_the_longest() {
    let service = service(&["k"]);
    let of = |bytes: Vec<u8>| {
        let head = Head::from_iter([("k", bytes)]);
        find_key(&service, &head, Body::Unavailable)
    };
    let longest = vec![0xff; MAX_KEY_BYTES];
    assert_eq!(of(longest.clone()), Found::Key(ApiKey::new(longest)));
    assert_eq!(of(vec![b'a'; MAX_KEY_BYTES + 1]), Found::Oversized);
}

#[test]
fn nothing_that_holds_a_key_prints_it() {
    let head = Head::of(&[("k", "S3CRET"), (":path", "/?k=S3CRET")]);
    let printed = format!(
        "{head:?} {:?} {:?}",
        Body::Whole(b"S3CRET"),
        find_key(&service(&["k"]), &head, Body::NotRead)
    );
    assert_eq!(printed, "[\"k\", \":path\"] Whole(6 bytes) Key(ApiKey(..))");
}
