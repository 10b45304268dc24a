//! A virtual machine's way to a registry in this process: the registry's own router answers what the
//! filter asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, HeaderValue, Request};
use keystile_registry::domain::timestamp::Timestamp;
use proxy_wasm_harness::{Callout, CalloutAnswer, Response, Shared};
use tokio::runtime::Handle;
use tower::ServiceExt as _;

use crate::resident::{Reading, Resident, gateway_token};

/// What Envoy's routes say: under whose rules a request is.
pub const SERVICE_PROPERTY: [&str; 5] = [
    "xds",
    "route_metadata",
    "filter_metadata",
    "keystile",
    "service",
];

/// Long enough for the filter's first ticks.
pub const START: Duration = Duration::from_millis(200);

/// The largest answer of the registry.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A way to a registry, or to none; clones are the same way.
#[derive(Debug, Clone)]
pub struct Uplink {
    handle: Handle,
    /// What is reached; `None` is an outage.
    registry: Arc<Mutex<Option<Arc<Resident>>>>,
}

// === impl Uplink ===

impl Uplink {
    /// Returns a way to nothing.
    pub fn new(handle: Handle) -> Self {
        Self {
            handle,
            registry: Arc::default(),
        }
    }

    /// Leads to this registry from now on.
    pub fn connect(&self, registry: Arc<Resident>) {
        *self.lock() = Some(registry);
    }

    /// Leads nowhere from now on.
    pub fn cut(&self) {
        *self.lock() = None;
    }

    /// Returns what comes of a callout: a poll that would wait stays pending, to be offered again.
    pub fn answer(&self, callout: &Callout) -> CalloutAnswer {
        let Some(registry) = self.lock().clone() else {
            return CalloutAnswer::Reset;
        };
        let reading = callout.path().and_then(Reading::parse);
        if reading.is_some_and(|reading| reading.waits && reading.is_at(registry.position())) {
            return CalloutAnswer::Pending;
        }
        let answered = request(callout).map(|request| {
            let answer = ask(&registry, request);
            self.handle.block_on(answer)
        });
        answered.flatten().map_or(CalloutAnswer::Reset, Into::into)
    }

    /// A panic elsewhere leaves nothing half-done here: it is only ever replaced.
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Resident>>> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the time a virtual clock shows, as registries count.
pub fn timestamp(since_epoch: Duration) -> Timestamp {
    Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or_default())
}

/// Returns a virtual clock that shows a registry's time.
pub fn clock_at(now: Timestamp) -> Shared {
    Shared::starting_at(Duration::from_millis(
        u64::try_from(now.0).unwrap_or_default(),
    ))
}

async fn ask(registry: &Resident, request: Request<Body>) -> Option<Response> {
    let router = keystile_registry::http::gateway_router(&registry.registry);
    let response = router.oneshot(request).await.ok()?;
    let mut answer = Response::new(response.status().as_u16());
    for (name, value) in response.headers() {
        answer = answer.header(name.as_str(), value.as_bytes());
    }
    let body = to_bytes(response.into_body(), MAX_BODY_BYTES).await.ok()?;
    Some(answer.body(body.to_vec()))
}

/// Returns a callout as it reaches the registry: with the token that Envoy adds on the way.
fn request(callout: &Callout) -> Option<Request<Body>> {
    let mut request = Request::builder()
        .method(callout.method()?)
        .uri(callout.path()?)
        .header("authorization", format!("Bearer {}", gateway_token()));
    let headers = callout.headers.iter();
    for (name, value) in headers.filter(|(name, _)| !name.starts_with(':')) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        request = request.header(name, HeaderValue::from_bytes(value).ok()?);
    }
    request.body(Body::from(callout.body.clone())).ok()
}
