//! Pages and answers made of an input's choices, about few things, so that they meet again.

use keystile_protocol::application::{Application, ApplicationState, Credential};
use keystile_protocol::check::{CheckResponse, Outcome};
use keystile_protocol::id::{ApplicationId, CredentialId, Epoch, ProductVersionId, ServiceId};
use keystile_protocol::key::KeyDigest;
use keystile_protocol::service::{Access, KeyAuth, Service};
use keystile_protocol::state::{Cursor, Entry, Page, Removed};
use uuid::Uuid;

use crate::choices::Choices;

const EPOCH: Epoch = Epoch(Uuid::from_u128(1));

/// How many things there are of each kind, and how many keys each credential can have.
const THINGS: usize = 4;

/// Returns the digests any credential can have.
pub(super) fn every_digest() -> impl Iterator<Item = KeyDigest> {
    (0..THINGS).flat_map(|credential| (0..2).map(move |key| digest(credential, key)))
}

/// Makes a page that continues where a reader is and leaves nothing to read.
pub(super) fn following(choices: &mut Choices<'_>, place: Cursor) -> Page {
    let entries = entries(choices);
    let last = if entries.is_empty() && place.0 > 0 {
        place
    } else {
        Cursor(place.0.saturating_add(1).max(1))
    };
    Page {
        epoch: EPOCH,
        first: place,
        last,
        head: last.0,
        start_over: false,
        entries,
    }
}

/// Makes a page that starts over.
pub(super) fn beginning(choices: &mut Choices<'_>) -> Page {
    Page {
        start_over: true,
        ..following(choices, Cursor::START)
    }
}

/// Makes a page that says anything of where it belongs.
pub(super) fn any(choices: &mut Choices<'_>) -> Page {
    Page {
        epoch: Epoch(id(choices)),
        first: Cursor(choices.number()),
        last: Cursor(choices.number()),
        head: choices.number(),
        start_over: choices.below(2) == 1,
        entries: entries(choices),
    }
}

/// Changes some bytes, and may leave out the last.
pub(super) fn broken(choices: &mut Choices<'_>, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..=choices.below(4) {
        let at = choices.below(256);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= choices.byte();
        }
    }
    bytes.truncate(bytes.len() - choices.below(2).min(bytes.len()));
    bytes
}

/// Makes an answer about a single key.
pub(super) fn response(choices: &mut Choices<'_>) -> CheckResponse {
    let credential = credential(choices);
    CheckResponse {
        epoch: EPOCH,
        revision: choices.number(),
        digest: credential.digest,
        outcome: match choices.below(2) {
            0 => Outcome::Unknown,
            _ => Outcome::Found {
                application: Application {
                    id: credential.application,
                    ..application(choices)
                },
                credential,
            },
        },
    }
}

fn entries(choices: &mut Choices<'_>) -> Vec<Entry> {
    (0..choices.below(8)).map(|_| entry(choices)).collect()
}

fn entry(choices: &mut Choices<'_>) -> Entry {
    match choices.below(8) {
        0 => Entry::Service(service(choices)),
        1 | 2 => Entry::Application(application(choices)),
        3 | 4 => Entry::Credential(credential(choices)),
        5 => Entry::Removed(Removed::Service(ServiceId(id(choices)))),
        6 => Entry::Removed(Removed::Application(ApplicationId(id(choices)))),
        _ => Entry::Removed(Removed::Credential(CredentialId(id(choices)))),
    }
}

fn service(choices: &mut Choices<'_>) -> Service {
    Service {
        id: ServiceId(id(choices)),
        name: ["weather", "maps", ""][choices.below(3)].to_owned(),
        access: Access::AnyKey,
        key_auth: KeyAuth {
            anonymous: (choices.below(2) == 1).then(|| ApplicationId(id(choices))),
            ..KeyAuth::default()
        },
        acl: None,
    }
}

fn application(choices: &mut Choices<'_>) -> Application {
    Application {
        id: ApplicationId(id(choices)),
        name: "app".to_owned(),
        reference: None,
        groups: vec!["group".to_owned(); choices.below(3)],
        approved: vec![ProductVersionId(id(choices)); choices.below(3)],
        state: ApplicationState::Active,
    }
}

fn credential(choices: &mut Choices<'_>) -> Credential {
    let number = choices.below(THINGS);
    Credential {
        id: CredentialId(Uuid::from_u128(number as u128)),
        digest: digest(number, choices.below(2)),
        application: ApplicationId(id(choices)),
        expires_at_ms: None,
    }
}

fn id(choices: &mut Choices<'_>) -> Uuid {
    Uuid::from_u128(choices.below(THINGS) as u128)
}

/// No two credentials have the same.
fn digest(credential: usize, key: usize) -> KeyDigest {
    KeyDigest::from_bytes([u8::try_from(credential * 2 + key).unwrap_or_default(); 32])
}
