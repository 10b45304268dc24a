//! Runs a scenario in the harness.

mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use proxy_wasm_harness::{
    End, ExchangeId, FailurePolicy, Headers, HostCall, Level, Module, Outcome, Plugin, Proxy,
    Request, Response, Vm,
};
use stage::places;

use crate::scenario::{Answer, Exchange, Policy, Scenario};
use crate::seen::{Both, Client, Message, Seen};
use crate::service::{GRPC, REFUSES, SERVICE};
use servers::{answer, serve_grpc};

/// How long a scenario may go on by itself once the last answer has come.
const AFTER: Duration = Duration::from_millis(500);
/// For as long as a client waits.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long Envoy has been running when the first request comes, at least.
const BEFORE: Duration = Duration::from_secs(2);
/// What passes between two requests that are sent together, and in which a gRPC server answers.
const MOMENT: Duration = Duration::from_millis(10);
/// How long Envoy waits before it starts a machine anew.
pub(crate) const BACKOFF: Duration = Duration::from_millis(100);

static MODULE: LazyLock<Module> = LazyLock::new(|| Module::load(filter()).unwrap());

/// Returns where the scripted filter is.
pub(crate) fn filter() -> PathBuf {
    let file = places::target().join("wasm/proxy_wasm_scripted.wasm");
    assert!(file.is_file(), "run `.just/wasm harness` first");
    file
}

/// Runs a scenario and returns what can be seen of it.
pub(crate) fn run(scenario: &Scenario) -> Seen {
    let mut stage = Stage::start(scenario);
    let mut exchanges = stage.play(scenario, &scenario.exchanges);
    let was_updated = scenario.update.as_ref().map(|update| {
        let taken = stage.proxy.update_configuration(&update.script).is_ok();
        exchanges.extend(stage.play(scenario, &update.exchanges));
        taken
    });
    let mut seen = Seen {
        exchanges,
        was_updated,
        logs: stage.logs(),
        metrics: stage.metrics(),
    };
    if scenario.any_order {
        seen.sort_logs();
    }
    seen
}

/// Returns which host calls a scenario makes.
pub(crate) fn host_calls(scenario: &Scenario) -> BTreeSet<HostCall> {
    let mut stage = Stage::start(scenario);
    stage.play(scenario, &scenario.exchanges);
    let vm = &stage.proxy.workers[0];
    let calls = HostCall::ALL.iter().copied();
    calls.filter(|call| vm.host_calls(*call) > 0).collect()
}

/// A proxy with one worker and the servers behind it.
struct Stage {
    proxy: Proxy,
    /// How many messages of each gRPC stream were answered.
    answered: BTreeMap<u32, usize>,
}

// === impl Stage ===

impl Stage {
    fn start(scenario: &Scenario) -> Self {
        let mut proxy = plugin(scenario).start_proxy(1).unwrap();
        // The service answers as long as the scenario lasts.
        proxy.on_callout(answer);
        let mut stage = Self {
            proxy,
            answered: BTreeMap::new(),
        };
        stage.pass(BEFORE);
        stage
    }

    fn play(&mut self, scenario: &Scenario, exchanges: &[Exchange]) -> Vec<Both> {
        let mut begun = Vec::new();
        let mut seen = Vec::new();
        for exchange in exchanges {
            begun.push(self.proxy.workers[0].begin(request(exchange)));
            self.pass(MOMENT);
            if !scenario.together {
                seen.extend(begun.drain(..).map(|id| self.finish(id)));
            }
        }
        seen.extend(begun.into_iter().map(|id| self.finish(id)));
        let mut passed = Duration::ZERO;
        while passed < AFTER {
            self.pass(MOMENT);
            passed += MOMENT;
        }
        seen
    }

    /// Waits for an answer, or until the client has had enough.
    fn finish(&mut self, exchange: ExchangeId) -> Both {
        let mut waited = Duration::ZERO;
        while is_open(&self.outcome(exchange)) && waited < PATIENCE {
            self.pass(MOMENT);
            waited += MOMENT;
        }
        let outcome = self.outcome(exchange);
        if is_open(&outcome) {
            self.proxy.workers[0].disconnect(exchange);
        }
        both(&outcome)
    }

    fn outcome(&self, exchange: ExchangeId) -> Outcome {
        self.proxy.workers[0].outcome(exchange)
    }

    fn pass(&mut self, time: Duration) {
        self.proxy.advance(time);
        let mut vms: Vec<&mut Vm> = vec![&mut self.proxy.main];
        vms.extend(&mut self.proxy.workers);
        for vm in vms {
            serve_grpc(vm, &mut self.answered);
        }
    }

    fn logs(&self) -> Vec<String> {
        let mut lines = self.proxy.canary_logs().to_vec();
        lines.extend(self.proxy.main.logs());
        lines.extend(self.proxy.workers[0].logs());
        let loud = lines.iter().filter(|line| line.level >= Level::Info);
        loud.map(|line| format!("{} {}", level(line.level), line.text))
            .collect()
    }

    fn metrics(&self) -> BTreeMap<String, u64> {
        let shared = self.proxy.shared();
        let names = shared.metric_names().into_iter();
        names
            .filter_map(|name| Some((name.clone(), shared.metric(&name)?)))
            .collect()
    }
}

fn plugin(scenario: &Scenario) -> Plugin {
    let settings = &scenario.plugin;
    let mut plugin = Plugin::new(&MODULE)
        .name("plugin")
        .configuration(&scenario.script)
        .vm_configuration(&settings.vm_configuration)
        .vm_id(settings.vm_id.as_deref().unwrap_or("own"))
        .property(["xds", "route_name"], "the-route")
        .property(ROUTE_METADATA, "orders")
        .log_level(Level::Info)
        .failure_policy(match settings.failure_policy {
            Policy::Closed => FailurePolicy::Closed,
            Policy::Open => FailurePolicy::Open,
            Policy::Reload => FailurePolicy::Reload { backoff: BACKOFF },
        });
    for cluster in [SERVICE, REFUSES, GRPC, "upstream"] {
        plugin = plugin.cluster(cluster);
    }
    if let Some(limit) = settings.buffer_limit {
        plugin = plugin.buffer_limit(limit as usize);
    }
    if settings.allow_on_headers_stop_iteration {
        plugin = plugin.allow_on_headers_stop_iteration();
    }
    if let Some(capabilities) = &settings.capabilities {
        plugin = plugin.allow_only(capabilities);
    }
    plugin
}

const ROUTE_METADATA: [&str; 5] = ["xds", "route_metadata", "filter_metadata", "t", "service"];

fn request(exchange: &Exchange) -> proxy_wasm_harness::Exchange {
    let mut request = proxy_wasm_harness::Exchange::new(&exchange.method, &exchange.path)
        .authority("gateway.test")
        .headers(Exchange::pairs(&exchange.headers));
    if let Some(body) = &exchange.body {
        request = request.body(body.as_str());
    }
    if !exchange.chunks.is_empty() {
        request = request.chunks(exchange.chunks.iter().map(String::as_str));
    }
    for (name, value) in Exchange::pairs(&exchange.trailers) {
        request = request.trailer(name, value);
    }
    request.upstream(response(&exchange.answer))
}

fn response(answer: &Answer) -> Response {
    let mut response = Response::new(answer.status);
    for (name, value) in Exchange::pairs(&answer.headers) {
        response = response.header(name, value);
    }
    if answer.trailers.is_empty() {
        response = response.header("content-length", answer.body.len().to_string());
    }
    response = response.body(answer.body.as_str());
    for (name, value) in Exchange::pairs(&answer.trailers) {
        response = response.trailer(name, value);
    }
    response
}

fn is_open(outcome: &Outcome) -> bool {
    outcome.is_waiting() || outcome.is_hung()
}

fn both(outcome: &Outcome) -> Both {
    let upstream = outcome.upstream.as_ref().map(|request| Message {
        start: format!(
            "{} {}",
            request.headers.text(":method").unwrap_or_default(),
            request.path().unwrap_or_default()
        ),
        headers: Message::compared(request.headers.iter()),
        body: Message::text(received_body(request, outcome.end)),
        trailers: Message::compared(request.trailers.iter().flat_map(Headers::iter)),
        is_whole: request.complete && !matches!(outcome.end, End::BodyTooShort),
    });
    let client = match (&outcome.response, outcome.end) {
        (Some(response), end) => Client::Answer(Message {
            start: response.status().unwrap_or_default().to_string(),
            headers: Message::compared(response.headers.iter()),
            body: Message::text(&response.body),
            trailers: Message::compared(response.trailers.iter().flat_map(Headers::iter)),
            is_whole: matches!(end, End::Answered | End::LocalReply(_) | End::BodyTooLong),
        }),
        (None, End::Reset) => Client::Closed,
        (None, _) => Client::Nothing,
    };
    Both { upstream, client }
}

/// Returns what a server reads of a body that says how long it is.
fn received_body(request: &Request, end: End) -> &[u8] {
    let length = request.headers.text("content-length");
    let length = length.and_then(|text| text.parse().ok());
    let length = length.filter(|_| end == End::BodyTooLong);
    &request.body[..length.unwrap_or(request.body.len())]
}

/// Names a level as Envoy does.
fn level(level: Level) -> &'static str {
    match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warning",
        Level::Error => "error",
        Level::Critical => "critical",
    }
}
