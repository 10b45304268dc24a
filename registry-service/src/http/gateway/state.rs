//! `GET /gateway/v1/state`: the feed. A reader that knows everything waits until there is more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aide::NoApi;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use keystile_protocol::wire;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::sleep;

use crate::http::gateway::format::Format;
use crate::http::problem::{InvalidParameter, Problem};
use crate::registry::Registry;
use crate::storage::feed::{self, Position, Reader};

/// The longest a request waits, in milliseconds.
const MAX_WAIT_MS: u64 = 30_000;

/// How many rendered pages are kept; with more readers at different places each renders its own.
const KEPT_PAGES: usize = 64;

/// What a reader asks for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// The history it knows; empty for none.
    #[serde(default)]
    epoch: String,
    /// How far it has come.
    #[serde(default)]
    after: i64,
    /// How long it would wait for news.
    #[serde(default)]
    wait_ms: u64,
    /// Which gateway asks.
    #[serde(default)]
    gateway: String,
    /// Which of its virtual machines.
    #[serde(default)]
    vm: String,
}

/// How many readers are answered at a time: when a thousand wake at once, whoever asks about a key
/// waits for no more than these.
const TURNS: usize = 16;

/// Pages that were rendered lately: many gateways ask for the same one at the same moment.
#[derive(Debug)]
pub(super) struct Pages {
    kept: Mutex<Kept>,
    turns: Semaphore,
}

type Page = Arc<OnceCell<Bytes>>;

#[derive(Debug, Default)]
struct Kept {
    /// Where the history stood when these were rendered.
    position: Option<Position>,
    pages: BTreeMap<(Reader, Format), Page>,
}

/// Answers a page of the feed.
pub(super) async fn follow(
    State(registry): State<Arc<Registry>>,
    Extension(pages): Extension<Arc<Pages>>,
    parameters: Result<Query<Parameters>, axum::extract::rejection::QueryRejection>,
    NoApi(headers): NoApi<HeaderMap>,
) -> Result<Response, Problem> {
    let Ok(Query(parameters)) = parameters else {
        return Err(invalid(
            "query",
            "must be epoch, after, wait_ms, gateway, vm",
        ));
    };
    tracing::debug!(
        parameters.gateway,
        parameters.vm,
        parameters.after,
        "a gateway asks"
    );
    let reader = parameters.reader()?;
    let format = Format::accepted(&headers, wire::STATE)?;
    parameters.note(&registry, reader);
    let wait = Duration::from_millis(parameters.wait_ms.min(MAX_WAIT_MS));
    wait_for_news(&registry, reader, wait).await?;
    let _turn = pages.turns.acquire().await;
    let position = *registry.storage.watch_position().borrow();
    let page = pages.find(position, reader, format);
    let bytes = page
        .get_or_try_init(|| render(&registry, reader, format))
        .await?;
    Ok(format.answer(bytes.clone(), wire::STATE))
}

// === impl Parameters ===

impl Parameters {
    /// Takes note of who asks, and how far they have come in the history that is.
    fn note(&self, registry: &Registry, reader: Reader) {
        let epoch = registry.storage.watch_position().borrow().epoch;
        let is_of_history = reader.epoch == Some(epoch);
        let revision = if is_of_history { reader.after } else { 0 };
        let name = (self.gateway.as_str(), self.vm.as_str());
        registry
            .gateways
            .note_poll(name, revision, registry.clock.now());
    }

    /// An epoch that cannot be read is one nobody here knows.
    fn reader(&self) -> Result<Reader, Problem> {
        if self.after == i64::MIN {
            return Err(invalid("after", "must be a cursor of an earlier page"));
        }
        Ok(Reader {
            epoch: self.epoch.parse().ok(),
            after: self.after,
        })
    }
}

// === impl Pages ===

impl Default for Pages {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            turns: Semaphore::new(TURNS),
        }
    }
}

impl Pages {
    /// Returns the place of a page; whoever comes first renders it, the others wait.
    fn find(&self, position: Position, reader: Reader, format: Format) -> Page {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.position != Some(position) || kept.pages.len() >= KEPT_PAGES {
            kept.pages.clear();
            kept.position = Some(position);
        }
        Arc::clone(kept.pages.entry((reader, format)).or_default())
    }
}

/// Waits until there is something for the reader, or it would wait no longer.
async fn wait_for_news(registry: &Registry, reader: Reader, wait: Duration) -> Result<(), Problem> {
    let mut watch = registry.storage.watch_position();
    let position = registry.storage.refresh_position().await?;
    if wait.is_zero() || !reader.is_up_to_date(position) {
        return Ok(());
    }
    let _waiting = registry.metrics.waiting_reader();
    let news = watch.wait_for(|position| !reader.is_up_to_date(*position));
    tokio::select! {
        _ = news => {}
        // Nothing came, or nothing will from here: the page says so by being empty.
        () = registry.drain.begun() => {}
        () = sleep(wait) => {}
    }
    Ok(())
}

async fn render(registry: &Registry, reader: Reader, format: Format) -> Result<Bytes, Problem> {
    let mut snapshot = registry.storage.read().await?;
    let page = feed::page(&mut snapshot, reader).await?;
    Ok(Bytes::from(format.encode(&page)?))
}

fn invalid(field: &str, reason: &str) -> Problem {
    Problem::invalid(InvalidParameter {
        field: field.to_owned(),
        rule: "cursor",
        reason: reason.to_owned(),
        source: "query",
    })
}
