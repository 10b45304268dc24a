//! One Envoy's configuration: a listener with a filter for each scenario.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::label;
use crate::harness::{BACKOFF, filter};
use crate::scenario::{Policy, Scenario, Settings};
use crate::service::{GRPC, REFUSES, SERVICE};

/// Where clusters lead.
pub(super) struct Addresses {
    pub(super) upstream: SocketAddr,
    pub(super) service: SocketAddr,
    pub(super) refuses: SocketAddr,
    pub(super) grpc: SocketAddr,
}

const EXTENSIONS: &str = "type.googleapis.com/envoy.extensions";

/// Returns the whole configuration.
pub(super) fn bootstrap(scenarios: &[Scenario], addresses: &Addresses) -> Value {
    let mut listeners: Vec<Value> = scenarios.iter().enumerate().map(listener).collect();
    // The stage wants to know where a listener of this name is; nobody uses it.
    listeners.push(with_filters("proxy", Vec::new()));
    json!({
        "node": {"id": "equivalence", "cluster": "equivalence"},
        "admin": {"address": socket("127.0.0.1:0")},
        "static_resources": {
            "listeners": listeners,
            "clusters": [
                cluster("upstream", addresses.upstream, &http1()),
                cluster(SERVICE, addresses.service, &http1()),
                cluster(REFUSES, addresses.refuses, &http1()),
                cluster(GRPC, addresses.grpc, &json!({"http2_protocol_options": {}})),
            ],
        },
    })
}

fn listener((number, scenario): (usize, &Scenario)) -> Value {
    let name = label(number);
    let plugin = wasm(&name, scenario);
    let mut listener = with_filters(&name, vec![plugin]);
    if let Some(limit) = scenario.plugin.buffer_limit {
        listener["per_connection_buffer_limit_bytes"] = json!(limit);
    }
    listener
}

fn with_filters(name: &str, mut filters: Vec<Value>) -> Value {
    filters.push(json!({
        "name": "envoy.filters.http.router",
        "typed_config": {
            "@type": format!("{EXTENSIONS}.filters.http.router.v3.Router"),
            "suppress_envoy_headers": true,
        },
    }));
    let manager = json!({
        "@type": format!(
            "{EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager"
        ),
        "stat_prefix": name,
        "codec_type": "HTTP1",
        "http_protocol_options": {"enable_trailers": true},
        "generate_request_id": false,
        "server_header_transformation": "PASS_THROUGH",
        "route_config": {"virtual_hosts": [{
            "name": "host",
            "domains": ["*"],
            "routes": [{
                "name": "the-route",
                "match": {"prefix": "/"},
                "route": {"cluster": "upstream", "timeout": "0s"},
                "metadata": {"filter_metadata": {"t": {"service": "orders"}}},
            }],
        }]},
        "http_filters": filters,
    });
    json!({
        "name": name,
        "address": socket("127.0.0.1:0"),
        "enable_reuse_port": false,
        "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": manager,
        }]}],
    })
}

fn wasm(name: &str, scenario: &Scenario) -> Value {
    let settings = &scenario.plugin;
    let mut config = json!({
        "name": name,
        "vm_config": vm(name, settings),
        "configuration": text(&scenario.script),
        "allow_on_headers_stop_iteration": settings.allow_on_headers_stop_iteration,
        "failure_policy": match settings.failure_policy {
            Policy::Closed => "FAIL_CLOSED",
            Policy::Open => OPEN,
            Policy::Reload => "FAIL_RELOAD",
        },
    });
    if settings.failure_policy == Policy::Reload {
        let interval = format!("{}s", BACKOFF.as_secs_f64());
        config["reload_config"] = json!({"backoff": {"base_interval": interval}});
    }
    if let Some(capabilities) = &settings.capabilities {
        let allowed = capabilities.iter().map(|name| (name.clone(), json!({})));
        let allowed: serde_json::Map<_, _> = allowed.collect();
        config["capability_restriction_config"] = json!({"allowed_capabilities": allowed});
    }
    json!({
        "name": "envoy.filters.http.wasm",
        "typed_config": {
            "@type": format!("{EXTENSIONS}.filters.http.wasm.v3.Wasm"),
            "config": config,
        },
    })
}

/// What no shipped configuration may say.
const OPEN: &str = "FAIL_OPEN";

fn vm(name: &str, settings: &Settings) -> Value {
    json!({
        "vm_id": settings.vm_id.as_deref().unwrap_or(name),
        "runtime": "envoy.wasm.runtime.v8",
        "code": {"local": {"filename": filter()}},
        "configuration": text(&settings.vm_configuration),
    })
}

fn text(value: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.protobuf.StringValue", "value": value})
}

fn cluster(name: &str, address: SocketAddr, protocol: &Value) -> Value {
    json!({
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{
                "endpoint": {"address": socket(&address.to_string())},
            }]}],
        },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": format!("{EXTENSIONS}.upstreams.http.v3.HttpProtocolOptions"),
                "explicit_http_config": protocol,
            },
        },
    })
}

fn http1() -> Value {
    json!({"http_protocol_options": {"enable_trailers": true}})
}

fn socket(address: &str) -> Value {
    let (host, port) = address.rsplit_once(':').unwrap();
    let port: u16 = port.parse().unwrap();
    json!({"socket_address": {"address": host, "port_value": port}})
}
