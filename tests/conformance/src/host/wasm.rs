//! The harness: the filter without a proxy, on a virtual clock. Each case has a machine of its own;
//! the registry's router answers its callouts inside this process.

use std::sync::Arc;
use std::time::Duration;

use cases::resident::Resident;
use cases::tally::Mismatch;
use cases::uplink::{SERVICE_PROPERTY, START, Uplink, clock_at, timestamp};
use proxy_wasm_harness::{Exchange, FailurePolicy, Headers, Health, Module, Plugin, Shared, Vm};
use stage::http1::HeaderLine;
use stage::places;
use tokio::runtime::Handle;

use super::{Host, HostError};
use crate::case::request::{Body, Request};
use crate::judge::{Arrival, Response, Seen};
use crate::records::load::SERVICE;

/// The harness with a filter.
pub(crate) struct WasmHost {
    handle: Handle,
    module: Module,
    vm: Option<Vm>,
    uplink: Uplink,
    present: Option<Arc<Resident>>,
}

// === impl WasmHost ===

impl WasmHost {
    /// Compiles the filter.
    pub(crate) fn new(handle: Handle) -> Result<Self, HostError> {
        let module = Module::load(places::filter()?);
        Ok(Self {
            uplink: Uplink::new(handle.clone()),
            handle,
            module: module.map_err(|error| HostError::Start(error.to_string()))?,
            vm: None,
            present: None,
        })
    }

    /// Starts a machine whose uplink is as it is to be.
    fn start(&mut self, registry: Arc<Resident>) -> Result<(), HostError> {
        let mut vm = Plugin::new(&self.module)
            .configuration(r#"{"body":{"enabled":true}}"#)
            .allow_on_headers_stop_iteration()
            .failure_policy(FailurePolicy::Reload {
                backoff: Duration::from_millis(100),
            })
            .share(&clock_at(registry.now()))
            .start()
            .map_err(|error| HostError::Start(error.to_string()))?;
        let uplink = self.uplink.clone();
        vm.on_callout(move |callout| uplink.answer(callout));
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
        let now = timestamp(Shared::new().now());
        Ok(self.handle.block_on(Resident::open(now))?)
    }

    fn show(&mut self, registry: Resident) -> Result<(), HostError> {
        let registry = Arc::new(registry);
        self.uplink.connect(Arc::clone(&registry));
        self.start(registry)
    }

    fn hide(&mut self, registry: Resident) -> Result<(), HostError> {
        self.uplink.cut();
        self.start(Arc::new(registry))
    }

    fn registry(&self) -> Result<&Resident, HostError> {
        let registry = self.present.as_deref().ok_or(HostError::NotBegun)?;
        let vm = self.vm.as_ref().ok_or(HostError::NotBegun)?;
        registry.set_time(timestamp(vm.now()));
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
        self.uplink.cut();
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
