//! The shipped configuration with what a test changes in it.

mod second;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Route;
use crate::error::StageError;
use crate::places;

const PROXY: &str = "/static_resources/listeners/0";
const MANAGER: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config";
const FILTER: &str = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config\
                      /http_filters/0/typed_config/config/configuration";
const ENDPOINT: &str = "load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";

/// Where listeners are read from if they may change ([`EnvoyConfig::with_changing_listeners`]).
const LISTENERS: &str = "listeners.json";

/// An Envoy configuration: `envoy/envoy.yaml`, on free ports, with one worker.
#[derive(Debug, Clone)]
pub struct EnvoyConfig {
    root: Value,
    token: String,
    second_token: String,
    filter: PathBuf,
    workers: usize,
    listeners: Listeners,
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
        let config = Self {
            root: read("envoy/envoy.yaml")?,
            token: String::new(),
            second_token: String::new(),
            filter: places::filter()?,
            workers: 1,
            listeners: Listeners::Static,
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
            token: String::new(),
            second_token: String::new(),
            filter: PathBuf::new(),
            workers: 1,
            listeners: Listeners::Static,
        }
    }

    /// Points it at a registry, with the token that is added on the way there.
    pub fn registry(mut self, gateway: SocketAddr, token: &str) -> Result<Self, StageError> {
        token.clone_into(&mut self.token);
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

    /// Adds the shipped limit for each application.
    pub fn limited_by_application(mut self) -> Result<Self, StageError> {
        let limit = read("envoy/limit-by-application.yaml")?;
        let filters = self.place(&format!("{MANAGER}/http_filters"))?;
        let filters = filters.as_array_mut();
        let filters = filters.ok_or_else(|| StageError::Config("no filters".to_owned()))?;
        // The last one is the router.
        filters.insert(filters.len().saturating_sub(1), limit);
        Ok(self)
    }

    /// Adds the shipped access log by application.
    pub fn logging_by_application(mut self) -> Result<Self, StageError> {
        let entry = read("envoy/log-by-application.yaml")?;
        let logs = self.place(&format!("{MANAGER}/access_log"))?;
        let logs = logs.as_array_mut();
        let logs = logs.ok_or_else(|| StageError::Config("no access log".to_owned()))?;
        logs.push(entry);
        Ok(self)
    }

    /// Sets a member of the filter's own configuration, which is JSON in a text.
    pub fn plugin(mut self, member: &str, value: Value) -> Result<Self, StageError> {
        let text = self.place(FILTER)?["value"].take();
        let mut plugin: Value = serde_json::from_str(text.as_str().unwrap_or_default())
            .map_err(|error| StageError::Config(error.to_string()))?;
        let members = plugin.as_object_mut();
        let members = members.ok_or_else(|| StageError::Config("no members".to_owned()))?;
        members.insert(member.to_owned(), value);
        self.set(FILTER, "value", plugin.to_string().into())
    }

    /// Changes whatever has no function here.
    #[must_use]
    pub fn edit(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.root);
        self
    }

    /// Replaces the filter's own configuration as a whole, whatever it is.
    pub fn plugin_text(self, text: &str) -> Result<Self, StageError> {
        self.set(FILTER, "value", text.into())
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

    /// Writes all files into a folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), StageError> {
        for (file, token) in [
            ("registry-token.yaml", &self.token),
            ("second-token.yaml", &self.second_token),
        ] {
            write(&folder.join(file), &secret(token).to_string())?;
        }
        let mut root = self.root.clone();
        if self.listeners == Listeners::Changing {
            self.write_listeners(folder)?;
            let file = folder.join(LISTENERS).to_string_lossy().into_owned();
            let source = json!({"lds_config": {"path_config_source": {"path": file}}});
            if let Some(members) = root.as_object_mut() {
                members.insert("dynamic_resources".to_owned(), source);
            }
            if let Some(listeners) = root.pointer_mut("/static_resources/listeners") {
                *listeners = json!([]);
            }
        }
        write(&folder.join("envoy.json"), &self.in_place(&root, folder))
    }

    /// Replaces the file of changing listeners; Envoy notices that another file is there.
    pub(super) fn write_listeners(&self, folder: &Path) -> Result<(), StageError> {
        let listeners = self.root.pointer("/static_resources/listeners");
        let mut listeners = listeners.cloned().unwrap_or_default();
        let each = listeners.as_array_mut().into_iter().flatten();
        for members in each.filter_map(Value::as_object_mut) {
            let kind = "type.googleapis.com/envoy.config.listener.v3.Listener";
            members.insert("@type".to_owned(), json!(kind));
        }
        let file = folder.join("listeners.next");
        write(
            &file,
            &self.in_place(&json!({"resources": listeners}), folder),
        )?;
        fs::rename(&file, folder.join(LISTENERS)).map_err(StageError::io("cannot replace a file"))
    }

    /// Names the files that are there instead of those the shipped configuration names.
    fn in_place(&self, value: &Value, folder: &Path) -> String {
        value
            .to_string()
            .replace(
                "/etc/keystile/keystile_filter.wasm",
                &self.filter.to_string_lossy(),
            )
            .replace("/etc/keystile", &folder.to_string_lossy())
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

/// JSON is YAML.
fn write(file: &Path, text: &str) -> Result<(), StageError> {
    fs::write(file, text).map_err(StageError::io("cannot write"))
}

/// Reads a file of this repository.
fn read(path: &str) -> Result<Value, StageError> {
    let text = fs::read_to_string(places::repository(path))
        .map_err(StageError::io("cannot read a shipped configuration"))?;
    serde_saphyr::from_str(&text).map_err(|error| StageError::Config(error.to_string()))
}
