//! One Envoy configuration for all sides: nothing but a filter before the router, which answers
//! itself. So what differs between two sides is the filter.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use stage::envoy::EnvoyConfig;
use stage::places;

use crate::error::BenchError;

/// The service with every parameter at its default.
pub(crate) const SERVICE: &str = "bench";
/// The service whose keys may be in bodies.
pub(crate) const BODY_SERVICE: &str = "bench-body";

const MANAGER: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config";
const FILTERS: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config\
                       /http_filters";
const ROUTES: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config\
                      /route_config/virtual_hosts/0/routes";

/// Where ours asks: the registry's gateway listener, and the token for it.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    /// Where it listens.
    pub(crate) gateway: SocketAddr,
    /// What is shown there.
    pub(crate) token: String,
}

/// Returns an Envoy with these filters before the router.
pub(crate) fn with_filters(filters: Vec<Value>) -> Result<EnvoyConfig, BenchError> {
    Ok(shipped()?.edit(|root| strip(root, filters)))
}

/// Returns an Envoy with ours alone, as it is shipped otherwise.
pub(crate) fn ours(feed: &Feed) -> Result<EnvoyConfig, BenchError> {
    let config = shipped()?.registry(feed.gateway, &feed.token)?;
    Ok(config.edit(|root| {
        let filters = root.pointer(FILTERS).and_then(Value::as_array);
        let ours = filters.and_then(|all| all.iter().find(|one| one["name"] == "keystile"));
        let ours = ours.cloned().unwrap_or_default();
        strip(root, vec![ours]);
    }))
}

/// Returns an Envoy with the whole shipped configuration; only its routes answer themselves.
pub(crate) fn all_shipped(feed: &Feed) -> Result<EnvoyConfig, BenchError> {
    let config = shipped()?.registry(feed.gateway, &feed.token)?;
    Ok(config.edit(|root| put(root, ROUTES, routes())))
}

/// Returns the filter of a wasm module, loaded as ours is.
pub(crate) fn module(path: &Path) -> Value {
    json!({
        "name": "smallest",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
            "config": {
                "name": "smallest",
                "root_id": "smallest",
                "failure_policy": "FAIL_RELOAD",
                "vm_config": {
                    "vm_id": "smallest",
                    "runtime": "envoy.wasm.runtime.v8",
                    "code": {"local": {"filename": path.to_string_lossy()}},
                },
            },
        },
    })
}

/// Returns Envoy's own filter that holds a request until its body is there.
pub(crate) fn buffer() -> Value {
    json!({
        "name": "buffer",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer",
            "max_request_bytes": 262_144,
        },
    })
}

/// Returns Envoy's own filter for keys, which are in its configuration.
pub(crate) fn api_key_auth(keys: impl Iterator<Item = String>) -> Value {
    let credential = |(number, key)| json!({"key": key, "client": format!("client-{number}")});
    let credentials: Vec<Value> = keys.enumerate().map(credential).collect();
    json!({
        "name": "api_key_auth",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth",
            "credentials": credentials,
            "key_sources": [{"header": "apikey"}],
        },
    })
}

/// Returns a script that looks keys up in a table of its own.
pub(crate) fn lua(script: &Path) -> Value {
    json!({
        "name": "lua",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            "default_source_code": {"filename": script.to_string_lossy()},
        },
    })
}

/// Returns the filter that asks a service about each request.
pub(crate) fn ext_authz() -> Value {
    json!({
        "name": "ext_authz",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
            "allowed_headers": {"patterns": [{"exact": "apikey"}]},
            "http_service": {
                "server_uri": {"uri": "http://authz", "cluster": "authz", "timeout": "5s"},
                "authorization_response": {
                    "allowed_upstream_headers": {"patterns": [{"prefix": "x-consumer-"}]},
                },
            },
        },
    })
}

/// Returns an Envoy that asks this service about each request.
pub(crate) fn asking(service: SocketAddr) -> Result<EnvoyConfig, BenchError> {
    let cluster = json!({
        "name": "authz",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": "authz",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"socket_address": {
                "address": service.ip().to_string(), "port_value": service.port(),
            }}}}]}],
        },
    });
    Ok(with_filters(vec![ext_authz()])?.edit(|root| {
        let clusters = root.pointer_mut("/static_resources/clusters");
        if let Some(clusters) = clusters.and_then(Value::as_array_mut) {
            clusters.push(cluster);
        }
    }))
}

/// Returns where the module is that `./just bench` built beside ours.
pub(crate) fn built(name: &str) -> Result<std::path::PathBuf, BenchError> {
    Ok(places::filter()?.with_file_name(name))
}

/// The shipped configuration; nothing listens where its upstream would be, and nobody asks there.
fn shipped() -> Result<EnvoyConfig, BenchError> {
    Ok(EnvoyConfig::shipped(([127, 0, 0, 1], 9).into())?)
}

/// Takes everything out of the connection manager but these filters, the router and the routes.
fn strip(root: &mut Value, mut filters: Vec<Value>) {
    filters.push(json!({
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
    }));
    let manager = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.network\
                  .http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "proxy",
        "http_filters": filters,
        "route_config": {
            "name": "proxy",
            "virtual_hosts": [{"name": "apis", "domains": ["*"], "routes": routes()}],
        },
    });
    put(root, MANAGER, manager);
}

fn routes() -> Value {
    let route = |prefix: &str, service: &str| {
        json!({
            "match": {"prefix": prefix},
            "metadata": {"filter_metadata": {"keystile": {"service": service}}},
            "direct_response": {"status": 200, "body": {"inline_string": "ok"}},
        })
    };
    json!([route("/body", BODY_SERVICE), route("/", SERVICE)])
}

/// The places are those of the shipped file; were one not there, no side would answer as it must.
fn put(root: &mut Value, place: &str, value: Value) {
    if let Some(there) = root.pointer_mut(place) {
        *there = value;
    }
}
