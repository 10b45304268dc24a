//! Answers that are not the registry's.

use keystile_protocol::id::Epoch;
use keystile_protocol::state::{Cursor, Page};
use keystile_protocol::wire;
use keystile_registry::storage::credential;
use proxy_wasm_harness::{CalloutAnswer, Response};
use uuid::Uuid;

use crate::world::{ADA, BOB, INVOICES, LONGEST_PAUSE, ORDERS, World};

/// What is between the two may say anything instead of the truth, which is that Ada's key is gone.
type Lie = fn(Response) -> CalloutAnswer;

/// What was said, with the threats it stands for.
const LIES: &[(&str, Lie)] = &[
    ("17: Envoy's made-up 503", |_| CalloutAnswer::Reset),
    ("17: a marked 503", |truth| with_status("503", truth)),
    ("17: Envoy's made-up 504", |_| Response::new(504).into()),
    ("V2: no headers at all", |_| CalloutAnswer::TooLarge),
    ("47: a page for people", |_| {
        let page = Response::new(200).header("content-type", "text/html");
        page.body("<h1>Please log in</h1>").into()
    }),
    ("47: the truth without its mark", |truth| {
        Response::new(200).body(truth.body).into()
    }),
    ("47: an empty 200", |_| Response::new(200).into()),
    ("47: a marked, empty 200", |truth| truth.body("").into()),
    ("47: a marked 204", |truth| {
        with_status("204", truth.body(""))
    }),
    ("47: a marked `[]`", |truth| truth.body("[]").into()),
    ("44: half a page", |truth| {
        let half = truth.body.len() / 2;
        let body = truth.body[..half].to_vec();
        truth.body(body).into()
    }),
    ("44: a page with something behind it", |truth| {
        let body = [truth.body.as_slice(), b"x"].concat();
        truth.body(body).into()
    }),
    ("46: a page that continues another cursor", |truth| {
        altered(truth, |page| page.first = Cursor(page.first.0 - 1))
    }),
    ("46: a page that goes back", |truth| {
        altered(truth, |page| page.last = Cursor(page.first.0 - 1))
    }),
    ("49: a page of another history", |truth| {
        altered(truth, |page| page.epoch = Epoch(Uuid::nil()))
    }),
    ("48: all that Envoy takes at once", |truth| {
        truth.body(vec![0; 32 * 1024 * 1024]).into()
    }),
];

#[test]
fn no_answer_of_a_stranger_changes_the_table() {
    for (threat, lie) in LIES {
        let mut world = World::complete();
        world.change_silently(async |catalogue, write| {
            let gone = catalogue.ada.credential.id;
            credential::remove(write, gone).await.unwrap();
        });
        let poll = world.open_poll();
        let truth = world.truth(&poll);
        world.vm.answer(poll.token, lie(truth));
        world.assert_alive();
        for (service, key) in [(ORDERS, ADA), (INVOICES, BOB)] {
            let status = world.status(service, key);
            assert_eq!(status, Some(200), "threat {threat}: the table stays");
        }
        world.pass(LONGEST_PAUSE);
        let status = world.status(ORDERS, ADA);
        assert_eq!(status, Some(401), "threat {threat}: it asks again");
        assert_eq!(world.status(INVOICES, BOB), Some(200), "threat {threat}");
    }
}

#[test]
fn a_machine_that_hears_strangers_only_stays_closed() {
    // A first page continues nothing: it may name any history and any place in it.
    for (threat, lie) in LIES.iter().filter(|(threat, _)| !is_about_pages(threat)) {
        let mut world = World::unsettled("{}");
        let honest = world.uplink.clone();
        world.connect();
        world.lie(move |callout| match honest.answer(callout) {
            CalloutAnswer::Response(truth) => Some(lie(truth)),
            other => Some(other),
        });
        world.pass(LONGEST_PAUSE);
        world.assert_alive();
        assert_eq!(world.status(ORDERS, ADA), Some(503), "threat {threat}");
        assert!(world.unheard() > 0, "threat {threat}: operators can see it");
    }
}

#[test]
fn an_answer_about_a_key_is_the_registrys_or_none() {
    for (threat, lie) in LIES.iter().filter(|(threat, _)| !is_about_pages(threat)) {
        let mut world = World::with_services_only(lie);
        let status = world.status(ORDERS, ADA);
        assert_eq!(status, Some(503), "threat {threat}: denied, not invalid");
        assert_eq!(world.checks(), 1, "threat {threat}: it was asked");
        assert_eq!(world.unheard(), 1, "threat {threat}: operators can see it");
        world.assert_alive();
    }
}

fn is_about_pages(threat: &str) -> bool {
    threat.starts_with("46") || threat.starts_with("49")
}

fn with_status(status: &str, mut response: Response) -> CalloutAnswer {
    response.headers.set(":status", status);
    response.into()
}

fn altered(truth: Response, alter: impl FnOnce(&mut Page)) -> CalloutAnswer {
    let mut page: Page = wire::decode(&truth.body).unwrap();
    alter(&mut page);
    truth.body(wire::encode(&page).unwrap()).into()
}
