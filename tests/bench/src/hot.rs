//! Hot functions, each by itself: what a request or a log-in spends its time in.

use std::hint::black_box;
use std::time::{Duration, Instant};

use keystile_protocol::application::Credential;
use keystile_protocol::id::Epoch;
use keystile_protocol::key::{self, ApiKey};
use keystile_protocol::state::{Cursor, Entry, Page};
use keystile_protocol::wire;
use keystile_registry::domain::password::{Password, PasswordHash, Workspace};
use serde::Serialize;
use uuid::Uuid;

use crate::error::BenchError;
use crate::keys;
use crate::statistics::{Spread, real};

/// How often each is timed.
const TIMES: usize = 15;
/// How long one timing takes at least.
const TURN: Duration = Duration::from_millis(10);
/// How many credentials a page has whose bytes are about as many as there may be.
const ENTRIES: u64 = 1_800;

/// What one call of a function takes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HotFunction {
    /// Which.
    pub(crate) what: &'static str,
    /// In microseconds.
    pub(crate) us: Spread,
}

/// Times each.
pub(crate) fn measure() -> Result<Vec<HotFunction>, BenchError> {
    let invalid = |error| BenchError::unexpected("a page", "bytes", error);
    let text = keys::key(1);
    let secret = ApiKey::new(text.as_str());
    let page = page();
    let bytes = wire::encode(&page).map_err(invalid)?;
    let nobody = PasswordHash::of_nobody();
    let password = Password::attempt("correct horse battery staple");
    let mut workspace = Workspace::default();
    Ok(vec![
        timed("a key's digest (SHA-256)", || secret.digest()),
        timed("a key's checksum compared", || {
            key::is_well_formed("ks", text.as_bytes())
        }),
        timed("a page of 1,800 keys written", || wire::encode(&page)),
        timed("the same page read", || wire::decode::<Page>(&bytes)),
        timed("a password compared (argon2id)", || {
            nobody.is_of(&password, &mut workspace)
        }),
    ])
}

fn timed<T>(what: &'static str, mut call: impl FnMut() -> T) -> HotFunction {
    let mut calls = 1;
    while turn(&mut call, calls) < TURN && calls < 1_000_000 {
        calls *= 2;
    }
    let times = (0..TIMES).map(|_| turn(&mut call, calls).as_secs_f64() * 1e6 / real(calls));
    HotFunction {
        what,
        us: Spread::of(&times.collect::<Vec<_>>()),
    }
}

fn turn<T>(call: &mut impl FnMut() -> T, calls: usize) -> Duration {
    let begin = Instant::now();
    for _ in 0..calls {
        black_box(call());
    }
    begin.elapsed()
}

fn page() -> Page {
    let credential = |number| {
        Entry::Credential(Credential {
            id: keys::credential(number),
            digest: ApiKey::new(keys::key(number)).digest(),
            application: keys::application_of(number),
            expires_at_ms: None,
        })
    };
    Page {
        epoch: Epoch(Uuid::nil()),
        first: Cursor::START,
        last: Cursor(0),
        head: 0,
        start_over: false,
        entries: (0..ENTRIES).map(credential).collect(),
    }
}
