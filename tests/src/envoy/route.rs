//! Routes of a test's own.

use serde_json::{Map, Value, json};

/// A route to the upstream, under a service's rules.
#[derive(Debug, Clone)]
pub struct Route {
    name: String,
    matching: Map<String, Value>,
    metadata: Map<String, Value>,
}

// === impl Route ===

impl Route {
    /// Makes a route for targets that start so; the upstream reads its name in `x-route`.
    pub fn new(name: &str, prefix: &str) -> Self {
        Self {
            name: name.to_owned(),
            matching: Map::from_iter([("prefix".to_owned(), json!(prefix))]),
            metadata: Map::new(),
        }
    }

    /// Puts it under a service's rules.
    #[must_use]
    pub fn service(mut self, service: &str) -> Self {
        self.metadata
            .insert("keystile".to_owned(), json!({"service": service}));
        self
    }

    /// Narrows it to requests that have a header.
    #[must_use]
    pub fn when_header(self, name: &str) -> Self {
        self.when("headers", name)
    }

    /// Narrows it to requests that have a query argument.
    #[must_use]
    pub fn when_query(self, name: &str) -> Self {
        self.when("query_parameters", name)
    }

    fn when(mut self, what: &str, name: &str) -> Self {
        let present = json!([{"name": name, "present_match": true}]);
        self.matching.insert(what.to_owned(), present);
        self
    }

    /// Returns it as Envoy reads it (`config.route.v3.Route`).
    pub(super) fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "match": self.matching,
            "metadata": {"filter_metadata": self.metadata},
            "route": {"cluster": "upstream"},
            "request_headers_to_add": [{
                "header": {"key": "x-route", "value": self.name},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            }],
        })
    }
}
