//! When a body is waited for, and what is found in it.

use super::*;

fn hides_body(service: &mut Service) {
    service.key_auth.key_in_body = true;
}

#[test]
fn a_key_in_the_body_is_found_and_taken_out() {
    let filter = Filter::new(hides_body);
    let changes = changes(conclusion(filter.send_form(&[], "apikey=good&a=1")));
    assert_eq!(changes.body.as_deref(), Some(b"a=1".as_slice()));
    assert!(consumer_id(&changes).is_some());
}

#[test]
fn a_body_is_searched_for_a_key_to_hide_even_when_the_header_had_one() {
    let filter = Filter::new(hides_body);
    let step = filter.send_form(&[("apikey", "good")], "apikey=good&a=1");
    let changes = changes(conclusion(step));
    assert_eq!(changes.body.as_deref(), Some(b"a=1".as_slice()));
}

#[test]
fn a_body_is_not_waited_for_when_the_head_is_enough_to_refuse() {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let step = Filter::new(hides_body).begin(&[("apikey", "bad"), form]);
    assert_eq!(denial(&conclusion(step)), Some(Denial::UnknownKey));
}

#[test]
fn a_body_that_cannot_hold_a_key_is_not_waited_for() {
    let filter = Filter::new(hides_body);
    for headers in [
        &[("content-type", "text/plain")][..],
        &[("content-type", "application/grpc+json")],
        &[
            ("content-type", "application/json"),
            ("upgrade", "websocket"),
        ],
        &[("content-type", "application/json"), (":method", "CONNECT")],
    ] {
        let step = filter.begin(headers);
        assert_eq!(
            denial(&conclusion(step)),
            Some(Denial::NoKey),
            "{headers:?}"
        );
    }
}

#[test]
fn without_the_hosts_support_a_body_counts_as_no_key() {
    let mut filter = Filter::new(hides_body);
    filter.config.body.enabled = false;
    let step = filter.send_form(&[], "apikey=good");
    assert_eq!(denial(&conclusion(step)), Some(Denial::NoKey));
}

#[test]
fn a_body_that_is_too_large_is_refused_as_soon_as_that_is_known() {
    let filter = Filter::new(hides_body);
    let large = "a".repeat(65);
    let announced = filter.send_form(&[("content-length", "65")], "");
    assert_eq!(denial(&conclusion(announced)), Some(Denial::BodyTooLarge));
    let whole = filter.send_form(&[], &large);
    assert_eq!(denial(&conclusion(whole)), Some(Denial::BodyTooLarge));
    let form = ("content-type", "application/x-www-form-urlencoded");
    let Step::PauseForBody(request) = filter.begin(&[form]) else {
        panic!("does not wait for the body");
    };
    let Step::PauseForBody(request) = request.on_part(64) else {
        panic!("64 bytes are allowed");
    };
    let step = request.on_part(65);
    assert_eq!(denial(&conclusion(step)), Some(Denial::BodyTooLarge));
}
