//! The shipped configuration with what a test changes in it.

mod files;
mod parts;
mod second;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub use parts::Shipped;

use super::Route;
use super::restart::HowItRuns;
use crate::error::StageError;
use crate::places;

const PROXY: &str = "/static_resources/listeners/0";
const MANAGER: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config";
const ENDPOINT: &str = "load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";

/// Where the shipped configurations look for the gateway's token.
const TOKEN: &str = "registry-token.yaml";

/// An Envoy configuration: `envoy/envoy.yaml`, on free ports, with one worker.
#[derive(Debug, Clone)]
pub struct EnvoyConfig {
    root: Value,
    /// What is beside it in its folder, by name.
    files: BTreeMap<String, String>,
    filter: PathBuf,
    workers: usize,
    listeners: Listeners,
    pub(super) process: HowItRuns,
}

/// Where Envoy reads listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listeners {
    /// Once, with all else.
    Static,
    /// From a file of their own, whenever it is replaced.
    Changing,
}

// === impl EnvoyConfig ===

impl EnvoyConfig {
    /// Reads the shipped configuration and points it at an upstream.
    pub fn shipped(upstream: SocketAddr) -> Result<Self, StageError> {
        Self::from_file("envoy.yaml", upstream)
    }

    /// Reads another whole configuration of `envoy/`.
    pub fn from_file(file: &str, upstream: SocketAddr) -> Result<Self, StageError> {
        let config = Self {
            root: read(&format!("envoy/{file}"))?,
            files: BTreeMap::from([(TOKEN.to_owned(), secret("").to_string())]),
            filter: places::filter()?,
            workers: 1,
            listeners: Listeners::Static,
            process: HowItRuns::default(),
        };
        config
            .set(PROXY, "enable_reuse_port", json!(false))?
            .listen(0, 0)?
            .cluster("upstream", upstream)
    }

    /// Takes a whole configuration that has nothing to do with the shipped one; there has to be a
    /// listener `proxy`.
    pub fn of(root: Value) -> Self {
        Self {
            root,
            files: BTreeMap::new(),
            filter: PathBuf::new(),
            workers: 1,
            listeners: Listeners::Static,
            process: HowItRuns::default(),
        }
    }

    /// Points it at a registry, with the token that is added on the way there.
    pub fn registry(mut self, gateway: SocketAddr, token: &str) -> Result<Self, StageError> {
        self.files
            .insert(TOKEN.to_owned(), secret(token).to_string());
        self.cluster("keystile-registry", gateway)
    }

    /// Sets the ports of the proxy and of the administration page; 0 is a free one.
    pub fn listen(self, proxy: u16, admin: u16) -> Result<Self, StageError> {
        let address = |port| json!({"address": "127.0.0.1", "port_value": port});
        self.set(
            &format!("{PROXY}/address"),
            "socket_address",
            address(proxy),
        )?
        .set("/admin/address", "socket_address", address(admin))
    }

    /// Sets how many workers there are, each with a table of its own; new connections go to the
    /// one that has the fewest.
    pub fn with_workers(self, workers: usize) -> Result<Self, StageError> {
        let mut config = self.set(
            PROXY,
            "connection_balance_config",
            json!({"exact_balance": {}}),
        )?;
        config.workers = workers;
        Ok(config)
    }

    /// Replaces the routes.
    pub fn routes(self, routes: &[Route]) -> Result<Self, StageError> {
        let routes: Vec<Value> = routes.iter().map(Route::to_json).collect();
        self.set(
            &format!("{MANAGER}/route_config/virtual_hosts/0"),
            "routes",
            routes.into(),
        )
    }

    /// Leaves the protection of identity headers to the filter alone: Envoy neither removes them
    /// before routing nor drops names with an underscore.
    pub fn without_early_protection(self) -> Result<Self, StageError> {
        self.set(MANAGER, "early_header_mutation_extensions", json!([]))?
            .set(
                &format!("{MANAGER}/common_http_protocol_options"),
                "headers_with_underscores_action",
                json!("ALLOW"),
            )
    }

    /// Logs each request's target with its query, which the shipped configuration does not.
    pub fn logging_queries(self) -> Result<Self, StageError> {
        self.set(
            &format!("{MANAGER}/access_log/0/typed_config/log_format/json_format"),
            "target",
            json!("%REQ(:PATH)%"),
        )
    }

    /// Sets a member of the filter's own configuration, which is JSON in a text.
    pub fn plugin(mut self, member: &str, value: Value) -> Result<Self, StageError> {
        let filter = self.filter_configuration()?;
        let text = self.place(&filter)?["value"].take();
        let mut plugin: Value = serde_json::from_str(text.as_str().unwrap_or_default())
            .map_err(|error| StageError::Config(error.to_string()))?;
        let members = plugin.as_object_mut();
        let members = members.ok_or_else(|| StageError::Config("no members".to_owned()))?;
        members.insert(member.to_owned(), value);
        self.set(&filter, "value", plugin.to_string().into())
    }

    /// Changes whatever has no function here.
    #[must_use]
    pub fn edit(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.root);
        self
    }

    /// Replaces the filter's own configuration as a whole, whatever it is.
    pub fn plugin_text(self, text: &str) -> Result<Self, StageError> {
        let filter = self.filter_configuration()?;
        self.set(&filter, "value", text.into())
    }

    /// Loads another module as the filter.
    #[must_use]
    pub fn with_filter(mut self, file: &Path) -> Self {
        file.clone_into(&mut self.filter);
        self
    }

    /// Sets a member of the HTTP connection manager.
    pub fn manager(self, member: &str, value: Value) -> Result<Self, StageError> {
        self.set(MANAGER, member, value)
    }

    /// Sets how long a worker may hang before Envoy ends itself, which the shipped configuration
    /// must ask for.
    pub fn watchdog(mut self, kill_timeout: &str) -> Result<Self, StageError> {
        *self.place("/watchdogs/worker_watchdog/kill_timeout")? = json!(kill_timeout);
        Ok(self)
    }

    /// Lets the listeners be changed while Envoy runs ([`super::Envoy::change`]).
    #[must_use]
    pub fn with_changing_listeners(mut self) -> Self {
        self.listeners = Listeners::Changing;
        self
    }

    /// Returns how many workers there are.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// Returns where the filter's own configuration is.
    fn filter_configuration(&self) -> Result<String, StageError> {
        let filters = self.root.pointer(&format!("{MANAGER}/http_filters"));
        let filters = filters.and_then(Value::as_array);
        let ours = filters.and_then(|all| all.iter().position(|one| one["name"] == "keystile"));
        let ours = ours.ok_or_else(|| StageError::Config("no filter `keystile`".to_owned()))?;
        Ok(format!(
            "{MANAGER}/http_filters/{ours}/typed_config/config/configuration"
        ))
    }

    /// Points a cluster at an address.
    fn cluster(mut self, name: &str, address: SocketAddr) -> Result<Self, StageError> {
        let cluster = self
            .root
            .pointer("/static_resources/clusters")
            .and_then(Value::as_array)
            .and_then(|clusters| clusters.iter().position(|cluster| cluster["name"] == name))
            .ok_or_else(|| StageError::Config(format!("no cluster `{name}`")))?;
        let socket = json!({"address": address.ip().to_string(), "port_value": address.port()});
        let place = format!("/static_resources/clusters/{cluster}/{ENDPOINT}");
        *self.place(&place)? = socket;
        Ok(self)
    }

    /// Sets a member of the object at a place that must be there, so that a change of the shipped
    /// file cannot turn a test into one of something else.
    fn set(mut self, place: &str, member: &str, value: Value) -> Result<Self, StageError> {
        let object = self.place(place)?.as_object_mut();
        object
            .ok_or_else(|| StageError::Config(format!("`{place}` is no object")))?
            .insert(member.to_owned(), value);
        Ok(self)
    }

    fn place(&mut self, place: &str) -> Result<&mut Value, StageError> {
        self.root
            .pointer_mut(place)
            .ok_or_else(|| StageError::Config(format!("there is no `{place}`")))
    }
}

/// A token as Envoy reads it from a file (`transport_sockets.tls.v3.Secret`).
fn secret(token: &str) -> Value {
    json!({"resources": [{
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
        "name": "registry-token",
        "generic_secret": {"secret": {"inline_string": token}},
    }]})
}

/// Reads a file of this repository.
fn read(path: &str) -> Result<Value, StageError> {
    let text = fs::read_to_string(places::repository(path))
        .map_err(StageError::io("cannot read a shipped configuration"))?;
    serde_saphyr::from_str(&text).map_err(|error| StageError::Config(error.to_string()))
}
