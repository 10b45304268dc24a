//! Which service a request is for, and what that alone decides.

use super::*;

#[test]
fn a_route_without_a_service_is_refused_unless_allowed() {
    let mut filter = Filter::new(|_| ());
    let refused = filter.send_to(&Route::Unnamed, &[("apikey", "good")]);
    assert_eq!(denial(&refused), Some(Denial::NoService));
    filter.config.unmapped = Unmapped::Allow;
    assert_eq!(denial(&filter.send_to(&Route::Unnamed, &[])), None);
}

#[test]
fn a_service_that_does_not_exist_is_refused_even_if_unmapped_routes_are_allowed() {
    let mut filter = Filter::new(|_| ());
    filter.config.unmapped = Unmapped::Allow;
    for name in [b"other".as_slice(), b"", b"\xff\xfe"] {
        let refused = filter.send_to(&Route::Named(name.to_vec()), &[("apikey", "good")]);
        assert_eq!(denial(&refused), Some(Denial::NoService), "{name:?}");
    }
}

#[test]
fn before_the_services_have_come_nothing_is_decided() {
    let conclusion = Filter::without_registry().send(&[("apikey", "good")]);
    assert_eq!(denial(&conclusion), Some(Denial::Undecidable));
}

#[test]
fn what_is_too_old_decides_nothing() {
    let mut filter = Filter::new(|_| ());
    filter.now = Timestamp(NOW.0 + 3_600_000);
    assert_eq!(denial(&filter.send(&[("apikey", "good")])), None);
    filter.now = Timestamp(NOW.0 + 3_600_001);
    for headers in [&[("apikey", "good")][..], &[("apikey", "bad")], &[]] {
        let conclusion = filter.send(headers);
        assert_eq!(denial(&conclusion), Some(Denial::Undecidable));
    }
}

#[test]
fn a_closed_service_admits_nobody_and_a_public_one_everybody() {
    let closed = Filter::new(|service| service.access = Access::Closed);
    let conclusion = closed.send(&[("apikey", "good")]);
    assert_eq!(denial(&conclusion), Some(Denial::NoService));
    let public = Filter::new(|service| service.access = Access::Public);
    assert_eq!(denial(&public.send(&[])), None);
}

#[test]
fn a_preflight_needs_a_key_unless_the_service_says_otherwise() {
    let options = [(":method", "OPTIONS")];
    let strict = Filter::new(|_| ());
    assert_eq!(denial(&strict.send(&options)), Some(Denial::NoKey));
    let lax = Filter::new(|service| service.key_auth.run_on_preflight = false);
    assert_eq!(denial(&lax.send(&options)), None);
    assert_eq!(denial(&lax.send(&[])), Some(Denial::NoKey), "only OPTIONS");
}
