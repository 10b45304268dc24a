//! The files in `envoy/` that are parts: each replaces or joins some of a whole configuration.

use serde_json::Value;

use super::{EnvoyConfig, MANAGER, read};
use crate::error::StageError;

const CLUSTERS: &str = "/static_resources/clusters";

/// What a file of `envoy/` is, by what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shipped {
    /// A configuration of its own.
    Whole,
    /// Takes the place of the cluster of its name.
    Cluster,
    /// Takes the place of the routes.
    Routes,
    /// Goes between `keystile` and the router.
    HttpFilter,
    /// Joins the access logs.
    AccessLog,
    /// Is read from a file beside the configuration.
    Secret,
}

// === impl Shipped ===

impl Shipped {
    /// Tells what a file of `envoy/` is; one that is nothing known has nobody who tries it.
    pub fn of(file: &str) -> Result<Self, StageError> {
        Self::recognise(&read(&format!("envoy/{file}"))?)
            .ok_or_else(|| StageError::Config(format!("nobody knows what `{file}` is")))
    }

    fn recognise(document: &Value) -> Option<Self> {
        let is_log = |name: &str| name.starts_with("envoy.access_loggers.");
        if document
            .get("name")
            .and_then(Value::as_str)
            .is_some_and(is_log)
        {
            return Some(Self::AccessLog);
        }
        [
            ("static_resources", Self::Whole),
            ("load_assignment", Self::Cluster),
            ("virtual_hosts", Self::Routes),
            ("typed_config", Self::HttpFilter),
            ("resources", Self::Secret),
        ]
        .into_iter()
        .find_map(|(member, what)| document.get(member).map(|_| what))
    }
}

impl EnvoyConfig {
    /// Puts a part into its place.
    pub fn with_part(mut self, file: &str) -> Result<Self, StageError> {
        let part = read(&format!("envoy/{file}"))?;
        match Shipped::of(file)? {
            Shipped::Cluster => {
                let name = part.get("name").cloned().unwrap_or_default();
                let clusters = self.list(CLUSTERS)?;
                let one = clusters
                    .iter_mut()
                    .find(|one| one.get("name") == Some(&name));
                *one.ok_or_else(|| StageError::Config(format!("no cluster `{name}`")))? = part;
                Ok(self)
            }
            Shipped::Routes => self.set(MANAGER, "route_config", part),
            Shipped::HttpFilter => {
                let filters = self.list(&format!("{MANAGER}/http_filters"))?;
                // The last one is the router.
                filters.insert(filters.len().saturating_sub(1), part);
                Ok(self)
            }
            Shipped::AccessLog => {
                self.list(&format!("{MANAGER}/access_log"))?.push(part);
                Ok(self)
            }
            Shipped::Secret => Ok(self.with_file(file, &part.to_string())),
            Shipped::Whole => Err(StageError::Config(format!("`{file}` is no part"))),
        }
    }

    /// Adds the shipped limit for each application.
    pub fn limited_by_application(self) -> Result<Self, StageError> {
        self.with_part("limit-by-application.yaml")
    }

    /// Adds the shipped access log by application.
    pub fn logging_by_application(self) -> Result<Self, StageError> {
        self.with_part("log-by-application.yaml")
    }

    /// Puts a file beside the configuration.
    #[must_use]
    pub fn with_file(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    /// Returns the configuration as it is, with the places of files that the shipped one names.
    pub fn document(&self) -> &Value {
        &self.root
    }

    fn list(&mut self, place: &str) -> Result<&mut Vec<Value>, StageError> {
        let list = self.place(place)?.as_array_mut();
        list.ok_or_else(|| StageError::Config(format!("`{place}` is no list")))
    }
}
