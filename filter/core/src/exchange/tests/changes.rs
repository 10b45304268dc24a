//! What is changed about a request, whatever becomes of it.

use super::*;
use crate::identity::Identity;

#[test]
fn identity_headers_of_the_client_go_on_every_path() {
    let filter = Filter::new(|service| service.key_auth.run_on_preflight = false);
    let public = Filter::new(|service| service.access = Access::Public);
    let mut open = Filter::new(|_| ());
    open.config.unmapped = Unmapped::Allow;
    let spoofed = ("x_consumer_id", "me");
    for (path, conclusion) in [
        ("allowed", filter.send(&[("apikey", "good"), spoofed])),
        ("exempt", filter.send(&[(":method", "OPTIONS"), spoofed])),
        ("public", public.send(&[spoofed])),
        ("unmapped", open.send_to(&Route::Unnamed, &[spoofed])),
    ] {
        let changes = changes(conclusion);
        assert!(
            changes.removed().any(|name| name == b"x_consumer_id"),
            "{path}"
        );
    }
}

#[test]
fn the_key_goes_from_the_query_on_every_path() {
    let filter = Filter::new(|service| service.key_auth.run_on_preflight = false);
    let closed = Filter::new(|service| service.access = Access::Closed);
    let anonymous = Filter::new(|service| service.key_auth.anonymous = Some(application().id));
    for (path, filter, headers) in [
        ("allowed", &filter, &[(":path", "/a?apikey=good&b")][..]),
        ("denied", &filter, &[(":path", "/a?apikey=bad&b")]),
        (
            "exempt",
            &filter,
            &[(":path", "/a?apikey=x&b"), (":method", "OPTIONS")],
        ),
        ("closed", &closed, &[(":path", "/a?apikey=good&b")]),
        ("anonymous", &anonymous, &[(":path", "/a?apikey=bad&b")]),
    ] {
        let changes = match filter.send(headers) {
            Conclusion::Continue(changes, _) => changes,
            Conclusion::Reply(refusal) => refusal.changes,
        };
        assert_eq!(changes.path.as_deref(), Some(b"/a?b".as_slice()), "{path}");
    }
}

#[test]
fn where_no_service_names_the_key_the_log_shows_no_query() {
    let filter = Filter::new(|_| ());
    for route in [Route::Unnamed, Route::Named(b"other".to_vec())] {
        let conclusion = filter.send_to(&route, &[(":path", "/a?token=secret")]);
        let Conclusion::Reply(refusal) = conclusion else {
            panic!("admitted");
        };
        assert_eq!(refusal.changes.path.as_deref(), Some(b"/a".as_slice()));
    }
}

#[test]
fn a_service_that_does_not_hide_the_key_leaves_it() {
    let filter = Filter::new(|service| service.key_auth.hide_credentials = false);
    let changes = changes(filter.send(&[("apikey", "good"), (":path", "/a?apikey=x")]));
    assert_eq!((&changes.path, changes.removed().count()), (&None, 0));
}

#[test]
fn a_denial_sets_no_identity() {
    let Conclusion::Reply(refusal) = Filter::new(|_| ()).send(&[("apikey", "bad")]) else {
        panic!("admitted");
    };
    assert_eq!(refusal.changes.identity, Identity::default());
    assert_eq!(refusal.reply.status, 401);
}
