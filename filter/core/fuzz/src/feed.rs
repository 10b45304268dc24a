//! A reader of the feed, told whatever an input says: pages that are one, nearly one, or not at all.

mod gateway;
mod pages;

use keystile_core::answer::Answer;
use keystile_core::table::Bounds;
use keystile_protocol::state::Page;
use keystile_protocol::wire;

use crate::choices::Choices;
use gateway::Gateway;

const BOUNDS: Bounds = Bounds {
    max_entries: 3,
    negative_ttl_ms: 5_000,
};

/// The input is a series of answers, each of its own kind, and of moments between them.
pub fn feed(data: &[u8]) {
    for bounds in [None, Some(BOUNDS)] {
        let mut gateway = Gateway::new(bounds);
        let mut choices = Choices::new(data);
        while !choices.is_over() {
            step(&mut gateway, &mut choices);
            gateway.is_sound();
        }
    }
}

fn step(gateway: &mut Gateway, choices: &mut Choices<'_>) {
    match choices.below(8) {
        0 => {
            let length = choices.below(256);
            any_bytes(gateway, choices.bytes(length));
        }
        1 | 2 => {
            let page = pages::following(choices, gateway.place());
            gateway.believe(&page);
        }
        3 => {
            let page = pages::beginning(choices);
            gateway.believe(&page);
        }
        4 => {
            let page = pages::any(choices);
            any_bytes(gateway, &wire::encode(&page).unwrap());
        }
        5 => {
            let page = pages::following(choices, gateway.place());
            let bytes = wire::encode(&page).unwrap();
            any_bytes(gateway, &pages::broken(choices, bytes));
        }
        6 => gateway.check(&pages::response(choices)),
        _ => match choices.below(3) {
            0 => gateway.answer(Answer::Unreachable),
            1 => gateway.abandon(),
            _ => gateway.wait(choices.number()),
        },
    }
}

/// Bytes that are no page tell nothing; after others nobody can say what is right.
fn any_bytes(gateway: &mut Gateway, bytes: &[u8]) {
    let (revision, known) = (gateway.revision(), gateway.known());
    gateway.answer(Answer::Registry(bytes));
    if wire::decode::<Page>(bytes).is_ok() {
        gateway.lose_track();
        return;
    }
    assert_eq!(gateway.revision(), revision, "no page, yet it was read");
    let is_new = |digest| !known.contains(digest);
    let is_believed = gateway.is_settled() && gateway.known().iter().any(is_new);
    assert!(!is_believed, "no page, yet it was believed");
}
