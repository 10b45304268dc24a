//! The harness: the filter without a proxy, on a virtual clock. Each case has a machine of its own;
//! the registry's router answers its callouts inside this process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body as HttpBody, to_bytes};
use axum::http::{self, HeaderName, HeaderValue};
use cases::resident::{Reading, Resident, gateway_token};
use cases::tally::Mismatch;
use keystile_registry::domain::timestamp::Timestamp;
use proxy_wasm_harness::{
    Callout, CalloutAnswer, Exchange, FailurePolicy, Headers, Health, Module, Plugin, Shared, Vm,
};
use stage::http1::HeaderLine;
use stage::places;
use tokio::runtime::Handle;
use tower::ServiceExt as _;

use super::{Host, HostError};
use crate::case::request::{Body, Request};
use crate::judge::{Arrival, Response, Seen};
use crate::records::load::SERVICE;

/// What Envoy's routes say: under whose rules a request is.
const SERVICE_PROPERTY: [&str; 5] = [
    "xds",
    "route_metadata",
    "filter_metadata",
    "keystile",
    "service",
];

/// Long enough for the filter's first ticks.
const START: Duration = Duration::from_millis(200);

/// The largest answer of the registry.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The harness with a filter.
pub(crate) struct WasmHost {
    handle: Handle,
    module: Module,
    vm: Option<Vm>,
    registry: Arc<Mutex<Feed>>,
    present: Option<Arc<Resident>>,
}

/// What callouts reach.
#[derive(Default)]
enum Feed {
    /// A registry.
    Reachable(Arc<Resident>),
    /// Nothing.
    #[default]
    Unreachable,
}

// === impl WasmHost ===

impl WasmHost {
    /// Compiles the filter.
    pub(crate) fn new(handle: Handle) -> Result<Self, HostError> {
        let module = Module::load(places::filter()?);
        Ok(Self {
            handle,
            module: module.map_err(|error| HostError::Start(error.to_string()))?,
            vm: None,
            registry: Arc::default(),
            present: None,
        })
    }

    fn start(
        &mut self,
        registry: Resident,
        feed: impl FnOnce(Arc<Resident>) -> Feed,
    ) -> Result<(), HostError> {
        let registry = Arc::new(registry);
        *lock(&self.registry) = feed(Arc::clone(&registry));
        let mut vm = Plugin::new(&self.module)
            .configuration(r#"{"body":{"enabled":true}}"#)
            .allow_on_headers_stop_iteration()
            .failure_policy(FailurePolicy::Reload {
                backoff: Duration::from_millis(100),
            })
            .share(&Shared::starting_at(since_epoch(registry.now())))
            .start()
            .map_err(|error| HostError::Start(error.to_string()))?;
        let (feed, handle) = (Arc::clone(&self.registry), self.handle.clone());
        vm.on_callout(move |callout| answer(&handle, &feed, callout));
        vm.advance(START);
        self.vm = Some(vm);
        self.present = Some(registry);
        Ok(())
    }

    fn vm(&mut self) -> Result<&mut Vm, HostError> {
        self.vm.as_mut().ok_or(HostError::NotBegun)
    }
}

impl Host for WasmHost {
    fn empty_registry(&mut self) -> Result<Resident, HostError> {
        let now = Shared::new().now();
        let now = i64::try_from(now.as_millis()).unwrap_or_default();
        Ok(self.handle.block_on(Resident::open(Timestamp(now)))?)
    }

    fn show(&mut self, registry: Resident) -> Result<(), HostError> {
        self.start(registry, Feed::Reachable)
    }

    fn hide(&mut self, registry: Resident) -> Result<(), HostError> {
        self.start(registry, |_| Feed::Unreachable)
    }

    fn registry(&self) -> Result<&Resident, HostError> {
        let registry = self.present.as_deref().ok_or(HostError::NotBegun)?;
        let vm = self.vm.as_ref().ok_or(HostError::NotBegun)?;
        let now = i64::try_from(vm.now().as_millis()).unwrap_or_default();
        registry.set_time(Timestamp(now));
        Ok(registry)
    }

    fn exchange(&mut self, request: &Request) -> Result<Seen, HostError> {
        let vm = self.vm()?;
        let outcome = exchange(request).send(vm);
        let response = outcome.response.ok_or_else(|| format!("{:?}", outcome.end));
        Ok(Seen {
            response: response.map(|response| Response {
                status: response.status().unwrap_or_default(),
                headers: lines(&response.headers),
                body: response.body,
            }),
            arrivals: outcome.upstream.into_iter().map(arrival).collect(),
        })
    }

    fn propagate(&mut self) -> Result<(), HostError> {
        self.vm()?.offer_callouts_again();
        Ok(())
    }

    fn cut_off(&mut self) -> Result<(), HostError> {
        *lock(&self.registry) = Feed::Unreachable;
        self.vm()?.offer_callouts_again();
        Ok(())
    }

    fn pass(&mut self, time: Duration) -> Result<(), HostError> {
        self.vm()?.advance(time);
        self.registry()?;
        Ok(())
    }

    fn end(&mut self) -> Result<Vec<Mismatch>, HostError> {
        let vm = self.vm()?;
        let mut mismatches = Vec::new();
        if *vm.health() != Health::Running {
            let health = format!("{:?}", vm.health());
            mismatches.push(Mismatch::new("health of the filter", "running", health));
        }
        if vm.reloads() > 0 {
            mismatches.push(Mismatch::new("reloads of the filter", 0, vm.reloads()));
        }
        Ok(mismatches)
    }
}

/// Returns what Envoy makes of a request: names in lower case, values trimmed.
fn exchange(request: &Request) -> Exchange {
    let mut exchange = Exchange::new(&request.method, &request.target)
        .authority("gateway.test")
        .property(SERVICE_PROPERTY, SERVICE);
    for line in &request.headers {
        let name = String::from_utf8_lossy(&line.name);
        exchange = if line.is_named("host") {
            exchange.authority(&String::from_utf8_lossy(&line.value))
        } else {
            exchange.header(&name, line.value.trim_ascii())
        };
    }
    match &request.body {
        Body::None => exchange,
        Body::Whole(body) => exchange.body(body.clone()),
        Body::Chunked(chunks) => exchange
            .header("transfer-encoding", "chunked")
            .chunks(chunks.clone()),
    }
}

fn arrival(request: proxy_wasm_harness::Request) -> Arrival {
    Arrival {
        target: request.header(":path").unwrap_or_default().to_vec(),
        headers: lines(&request.headers),
        body: request.complete.then_some(request.body),
    }
}

/// Returns header lines as HTTP/1.1 has them.
fn lines(headers: &Headers) -> Vec<HeaderLine> {
    let pairs = headers.iter().filter_map(|(name, value)| match name {
        ":authority" => Some(("host", value)),
        name if name.starts_with(':') => None,
        name => Some((name, value)),
    });
    pairs
        .map(|(name, value)| HeaderLine {
            name: name.as_bytes().to_vec(),
            value: value.to_vec(),
        })
        .collect()
}

fn answer(handle: &Handle, feed: &Mutex<Feed>, callout: &Callout) -> CalloutAnswer {
    let Feed::Reachable(registry) = &*lock(feed) else {
        return CalloutAnswer::Reset;
    };
    let reading = callout.path().and_then(Reading::parse);
    if reading.is_some_and(|reading| reading.waits && reading.is_at(registry.position())) {
        return CalloutAnswer::Pending;
    }
    let answered = request(callout).map(|request| handle.block_on(ask(registry, request)));
    answered.flatten().map_or(CalloutAnswer::Reset, Into::into)
}

async fn ask(
    registry: &Resident,
    request: http::Request<HttpBody>,
) -> Option<proxy_wasm_harness::Response> {
    let router = keystile_registry::http::gateway_router(&registry.registry);
    let response = router.oneshot(request).await.ok()?;
    let mut answer = proxy_wasm_harness::Response::new(response.status().as_u16());
    for (name, value) in response.headers() {
        answer = answer.header(name.as_str(), value.as_bytes());
    }
    let body = to_bytes(response.into_body(), MAX_BODY_BYTES).await.ok()?;
    Some(answer.body(body.to_vec()))
}

/// Returns a callout as it reaches the registry: with the token that Envoy adds on the way.
fn request(callout: &Callout) -> Option<http::Request<HttpBody>> {
    let mut request = http::Request::builder()
        .method(callout.method()?)
        .uri(callout.path()?)
        .header("authorization", format!("Bearer {}", gateway_token()));
    let headers = callout.headers.iter();
    for (name, value) in headers.filter(|(name, _)| !name.starts_with(':')) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        request = request.header(name, HeaderValue::from_bytes(value).ok()?);
    }
    request.body(HttpBody::from(callout.body.clone())).ok()
}

fn since_epoch(now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(now.0).unwrap_or_default())
}

/// A panic elsewhere leaves nothing half-done here: it is only ever replaced.
fn lock(feed: &Mutex<Feed>) -> std::sync::MutexGuard<'_, Feed> {
    feed.lock().unwrap_or_else(PoisonError::into_inner)
}
