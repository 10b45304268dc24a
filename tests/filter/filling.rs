//! A long history, page by page: no callback holds the worker for long, and between two of them the
//! worker looks after others.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cases::resident::Reading;
use cases::uplink::START;
use keystile_protocol::application::{Application, ApplicationState, Credential};
use keystile_protocol::header::X_KEYSTILE_REGISTRY;
use keystile_protocol::id::{ApplicationId, CredentialId, Epoch, ServiceId};
use keystile_protocol::key::ApiKey;
use keystile_protocol::service::{Access, KeyAuth, Service};
use keystile_protocol::state::{Cursor, Entry, MAX_PAGE_BYTES, Page};
use keystile_protocol::wire;
use proxy_wasm_harness::{Callout, CalloutAnswer, Plugin, Response};
use uuid::Uuid;

use crate::world::World;
use crate::worst_case::METERED;

/// What a callback may compute while keys come, in WebAssembly instructions: a quarter more than the
/// arrival of a page needs. In Envoy that is about a millisecond, most of it spent on memory.
const FUEL: u64 = 4_800_000;

/// How many revisions a page has: as many as fit.
const PAGE: i64 = 1_800;

/// Each so many of them are an application and its keys.
const EACH: i64 = 10;

/// The last revision of a history: enough for an index to grow, and for a sweep to take long.
const LAST: i64 = 60 * PAGE;

const SERVICE: &str = "long";

/// A history of one service and many keys, as a registry tells it.
#[derive(Debug, Clone, Copy)]
struct History(u128);

#[test]
fn no_callback_computes_for_long_while_keys_come_and_go() {
    let plugin = Plugin::new(&METERED).configuration("{}").fuel(FUEL);
    let mut world = World::of_plugin(plugin);
    let (old, new) = (History(1), History(2));
    let told = tell(&world, old);
    world.pass(START + Duration::from_secs(1));
    world.assert_alive();
    assert_eq!(world.status(SERVICE, &old.key(LAST)), Some(200));
    *told.lock().unwrap() = new;
    world.vm.offer_callouts_again();
    // Long enough to free what the old history has left behind, too.
    world.pass(Duration::from_secs(40));
    world.assert_alive();
    assert_eq!(world.status(SERVICE, &new.key(LAST)), Some(200));
    assert_eq!(world.status(SERVICE, &old.key(LAST)), Some(401));
    let held = world.vm.metric("keystile.table.credentials");
    assert_eq!(
        held,
        u64::try_from(LAST - LAST / EACH).ok(),
        "the old ones are freed"
    );
}

#[test]
fn a_page_of_keys_is_taken_in_piece_by_piece_and_others_have_their_turn_in_between() {
    let mut world = World::unsettled("{}");
    let history = History(1);
    world.lie(|callout| {
        Reading::parse(callout.path()?)?;
        Some(CalloutAnswer::Pending)
    });
    world.pass(START);
    for _ in 0..2 {
        let poll = world.open_poll();
        let page = history.answer_to(&poll).unwrap();
        world.vm.answer(poll.token, page);
    }
    let (first, last) = (history.key(2), history.key(PAGE));
    assert_eq!(world.status(SERVICE, &first), Some(200));
    let status = world.status(SERVICE, &last);
    assert_eq!(status, Some(503), "it is still to come");
    world.pass(Duration::from_millis(5));
    let status = world.status(SERVICE, &last);
    assert_eq!(status, Some(200), "a turn does not wait for a usual tick");
}

/// Has a machine hear a history from now on; it can be replaced by another.
fn tell(world: &World, history: History) -> Arc<Mutex<History>> {
    let told = Arc::new(Mutex::new(history));
    let now = Arc::clone(&told);
    world.lie(move |callout| {
        Reading::parse(callout.path()?)?;
        let page = now.lock().unwrap().answer_to(callout);
        Some(page.map_or(CalloutAnswer::Pending, Into::into))
    });
    told
}

// === impl History ===

impl History {
    fn key(self, revision: i64) -> String {
        format!("the-key-{}-{revision}", self.0)
    }

    fn id(self, revision: i64) -> Uuid {
        // As random as the registry's, whose bits choose tables of an index.
        let digest = ApiKey::new(format!("id-{}-{revision}", self.0)).digest();
        Uuid::from_slice(&digest.as_bytes()[..16]).unwrap()
    }

    fn epoch(self) -> Epoch {
        Epoch(Uuid::from_u128(self.0))
    }

    /// Returns the page a poll asks for; `None` if there is nothing new.
    fn answer_to(self, poll: &Callout) -> Option<Response> {
        let reading = poll.path().and_then(Reading::parse)?;
        let start_over = !reading.epoch.is_empty() && reading.epoch != self.epoch().to_string();
        let first = if start_over { 0 } else { reading.after };
        let last = if first == 0 {
            1
        } else {
            (first + PAGE).min(LAST)
        };
        let page = Page {
            epoch: self.epoch(),
            first: Cursor(first),
            last: Cursor(last),
            head: LAST,
            start_over,
            entries: (first + 1..=last)
                .flat_map(|revision| self.entries(revision))
                .collect(),
        };
        let body = wire::encode(&page).unwrap();
        assert!(body.len() <= MAX_PAGE_BYTES);
        let answer = Response::new(200)
            .header(X_KEYSTILE_REGISTRY, "1")
            .body(body);
        (first < LAST).then_some(answer)
    }

    fn entries(self, revision: i64) -> Vec<Entry> {
        match (revision, revision % EACH) {
            (1, _) => vec![self.service(), self.application(revision)],
            (_, 1) => vec![self.application(revision)],
            _ => vec![self.credential(revision)],
        }
    }

    fn service(self) -> Entry {
        Entry::Service(Service {
            id: ServiceId(self.id(0)),
            name: SERVICE.to_owned(),
            access: Access::AnyKey,
            key_auth: KeyAuth::default(),
            acl: None,
        })
    }

    fn application(self, revision: i64) -> Entry {
        Entry::Application(Application {
            id: ApplicationId(self.id(revision)),
            name: format!("application {revision}"),
            reference: Some(format!("reference-{revision}")),
            groups: vec!["gold".to_owned()],
            approved: Vec::new(),
            state: ApplicationState::Active,
        })
    }

    fn credential(self, revision: i64) -> Entry {
        let application = revision - (revision - 1) % EACH;
        Entry::Credential(Credential {
            id: CredentialId(self.id(revision)),
            digest: ApiKey::new(self.key(revision)).digest(),
            application: ApplicationId(self.id(application)),
            expires_at_ms: None,
        })
    }
}
