//! One request.

use std::cell::Cell;
use std::rc::Rc;

use keystile_core::checks::{Queued, Waiter};
use keystile_core::clock::Timestamp;
use keystile_core::exchange::{
    self, Arrival, AwaitingBody, AwaitingCheck, Conclusion, Rest, Route, Step,
};
use keystile_core::identity;
use keystile_core::usage::Use;
use proxy_wasm::types::{BufferType, MapType};

use super::abi::{self, HostError};
use super::carry_out::{Outcome, carry_out, fail_closed};
use super::clock;
use super::follower::{Gate, Held};
use super::plugin::Plugin;

/// A request may wait for its turn to be asked about and then for the answer.
const PATIENCE_IN_TIMEOUTS: u32 = 2;

/// Where a service's name is looked for, in this order.
const SERVICE_PLACES: [&str; 2] = [
    "xds\0route_metadata\0filter_metadata\0keystile\0service",
    "xds\0virtual_host_metadata\0filter_metadata\0keystile\0service",
];

/// What the proxy is to do with what has arrived of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Let it through.
    Continue,
    /// Hold it, and whatever else would come.
    Pause,
    /// Hold it until more of the body is there.
    PauseForBody,
}

/// One request.
pub(super) struct Http {
    context_id: u32,
    /// `None` if the plugin configuration was refused.
    plugin: Option<Rc<Plugin>>,
    stage: Stage,
    since: Timestamp,
    /// What its key was used for, once that is known.
    used: Option<Use>,
}

enum Stage {
    Arriving,
    AwaitingBody(Box<AwaitingBody>),
    AwaitingCheck(Rc<Cell<Gate>>),
    Admitted,
    Answered,
}

// === impl Http ===

impl Http {
    /// Returns a request that is about to arrive.
    pub(super) fn new(context_id: u32, plugin: Option<Rc<Plugin>>) -> Self {
        Self {
            context_id,
            plugin,
            stage: Stage::Arriving,
            since: Timestamp(0),
            used: None,
        }
    }

    /// Returns its context's number.
    pub(super) fn context_id(&self) -> u32 {
        self.context_id
    }

    /// Takes in the head.
    pub(super) fn on_head(&mut self, rest: Rest) -> Action {
        let Some(plugin) = self.plugin.clone() else {
            return self.fail();
        };
        let Ok(head) = abi::headers(MapType::HttpRequestHeaders) else {
            return self.fail();
        };
        let Some(now) = clock::now() else {
            return self.fail();
        };
        self.since = now;
        let arrival = Arrival {
            head,
            route: read_route(plugin.config.service.as_deref()),
            rest,
        };
        let step = plugin
            .follower
            .with(|state| exchange::on_head(arrival, state.view(&plugin.config, now)));
        match step {
            Some(step) => self.advance(&plugin, step),
            None => self.fail(),
        }
    }

    /// Takes in more of the body, of which there are so many bytes now.
    pub(super) fn on_body(&mut self, size: usize, rest: Rest) -> Action {
        match self.take_body() {
            Ok((plugin, request)) if rest == Rest::Nothing => self.end_body(&plugin, request),
            Ok((plugin, request)) => {
                let step = request.on_part(size);
                self.advance(&plugin, step)
            }
            Err(action) => action,
        }
    }

    /// Takes in the trailers, which are the end of the body: no body callback says so then.
    pub(super) fn on_trailers(&mut self) -> Action {
        if strip_trailers().is_err() {
            return self.fail();
        }
        match self.take_body() {
            Ok((plugin, request)) => self.end_body(&plugin, request),
            Err(action) => action,
        }
    }

    fn advance(&mut self, plugin: &Rc<Plugin>, step: Step) -> Action {
        match step {
            Step::Conclude(conclusion) => self.conclude(plugin, &conclusion),
            Step::PauseForBody(request) => {
                self.stage = Stage::AwaitingBody(request);
                Action::PauseForBody
            }
            Step::PauseForCheck(request) => self.hold(plugin, request),
        }
    }

    fn conclude(&mut self, plugin: &Rc<Plugin>, conclusion: &Conclusion) -> Action {
        match carry_out(conclusion, &plugin.config, &plugin.metrics) {
            Outcome::Admitted(used) => {
                (self.stage, self.used) = (Stage::Admitted, used);
                Action::Continue
            }
            Outcome::Answered(used) => {
                (self.stage, self.used) = (Stage::Answered, used);
                Action::Pause
            }
        }
    }

    fn hold(&mut self, plugin: &Rc<Plugin>, request: Box<AwaitingCheck>) -> Action {
        let gate = Rc::new(Cell::new(Gate::Held));
        let held = Held {
            request,
            config: Rc::clone(&plugin.config),
            gate: Rc::clone(&gate),
        };
        let waiter = Waiter {
            context_id: self.context_id,
            since: clock::latest(),
            patience_ms: plugin
                .config
                .registry
                .timeout_ms
                .saturating_mul(PATIENCE_IN_TIMEOUTS),
        };
        match plugin.follower.with(|state| state.hold(held, waiter)) {
            Some(Ok(queued)) => {
                if queued == Queued::Coalesced {
                    plugin.metrics.coalesced.increment();
                } else {
                    plugin.wake();
                }
                self.stage = Stage::AwaitingCheck(gate);
                Action::Pause
            }
            Some(Err(held)) => self.conclude(plugin, &held.request.give_up()),
            None => self.fail(),
        }
    }

    fn fail(&mut self) -> Action {
        fail_closed();
        self.stage = Stage::Answered;
        Action::Pause
    }

    /// Takes in what arrives after the head; `Err` is the action for what is not waited for.
    fn take_body(&mut self) -> Result<(Rc<Plugin>, Box<AwaitingBody>), Action> {
        match core::mem::replace(&mut self.stage, Stage::Answered) {
            Stage::AwaitingBody(request) => match &self.plugin {
                Some(plugin) => Ok((Rc::clone(plugin), request)),
                None => Err(Action::Pause),
            },
            Stage::AwaitingCheck(gate) => {
                let action = match gate.get() {
                    Gate::Open(_) => Action::Continue,
                    Gate::Held | Gate::Shut(_) => Action::Pause,
                };
                self.stage = Stage::AwaitingCheck(gate);
                Err(action)
            }
            Stage::Admitted => {
                self.stage = Stage::Admitted;
                Err(Action::Continue)
            }
            Stage::Arriving | Stage::Answered => Err(Action::Pause),
        }
    }

    fn end_body(&mut self, plugin: &Rc<Plugin>, request: Box<AwaitingBody>) -> Action {
        let Ok(body) = abi::buffer(BufferType::HttpRequestBody, usize::MAX) else {
            return self.fail();
        };
        let Some(now) = clock::now() else {
            return self.fail();
        };
        let step = plugin
            .follower
            .with(|state| request.on_end(&body, state.view(&plugin.config, now)));
        match step {
            Some(step) => self.advance(plugin, step),
            None => self.fail(),
        }
    }
}

impl Drop for Http {
    /// The request is over; its client may have left while it was held.
    ///
    /// The host calls this anyway, so counting here costs no other entry into the VM.
    fn drop(&mut self) {
        let Some(plugin) = &self.plugin else {
            return;
        };
        if let Stage::AwaitingCheck(gate) = &self.stage {
            match gate.get() {
                Gate::Open(used) | Gate::Shut(used) => self.used = used,
                // If the state is in use, the deadline of the waiter will clear it up.
                Gate::Held => {
                    let _ = plugin.follower.with(|state| state.forget(self.context_id));
                }
            }
        }
        if let Some(used) = self.used {
            let span = (self.since, clock::now_or_latest());
            let status = read_status();
            // A count that is lost is not worth a request.
            let _ = plugin
                .follower
                .with(|state| state.usage.count(used, status, span));
        }
    }
}

/// Removes what only the filter may say: an upstream may take trailers for headers (RFC 9110, section
/// 6.5.1).
fn strip_trailers() -> Result<(), HostError> {
    let map = MapType::HttpRequestTrailers;
    let trailers = abi::headers(map)?;
    for place in identity::owned_headers(&trailers) {
        abi::remove_header(map, trailers.name(place))?;
    }
    Ok(())
}

/// Reads the status the client saw; 0 if it saw none. Numbers are little-endian, in eight bytes.
fn read_status() -> u16 {
    let bytes = abi::property("response\0code").unwrap_or_default();
    let status = bytes.try_into().map_or(0, u64::from_le_bytes);
    u16::try_from(status).unwrap_or_default()
}

/// Reads the service of the route, of its virtual host, or else of the plugin configuration.
fn read_route(configured: Option<&str>) -> Route {
    for place in SERVICE_PLACES {
        match abi::property(place) {
            Ok(name) => return Route::Named(name),
            Err(HostError::Absent) => {}
            // It names something, if nothing we could read: no service has an empty name.
            Err(_) => return Route::Named(Vec::new()),
        }
    }
    configured.map_or(Route::Unnamed, |name| Route::Named(name.into()))
}
