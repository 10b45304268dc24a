//! A second listener in front of the same upstream, whose filter follows another registry.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{EnvoyConfig, secret};
use crate::error::StageError;

impl EnvoyConfig {
    /// The name of the second listener.
    pub const SECOND: &str = "second";

    /// Adds a listener like the first, in the same virtual machine, that follows another registry.
    pub fn with_second_registry(
        mut self,
        gateway: SocketAddr,
        token: &str,
    ) -> Result<Self, StageError> {
        let secret = secret(token).to_string();
        self.files.insert("second-token.yaml".to_owned(), secret);
        self.double("/static_resources/clusters", "keystile-registry", |text| {
            text.replace("keystile-registry", "second-registry")
                .replace("registry-token.yaml", "second-token.yaml")
        })?;
        self.double("/static_resources/listeners", "proxy", |text| {
            // Its filter's configuration is JSON in a text of JSON.
            text.replace("keystile-registry", "second-registry")
        })?;
        let listeners = self.place("/static_resources/listeners")?;
        if let Some(listener) = listeners.as_array_mut().and_then(|all| all.last_mut()) {
            listener["name"] = json!(Self::SECOND);
        }
        self.cluster("second-registry", gateway)
    }

    /// Adds a changed copy of what has a name in a list.
    fn double(
        &mut self,
        place: &str,
        name: &str,
        change: impl FnOnce(&str) -> String,
    ) -> Result<(), StageError> {
        let list = self.place(place)?.as_array_mut();
        let list = list.ok_or_else(|| StageError::Config(format!("`{place}` is no list")))?;
        let one = list.iter().find(|one| one["name"] == name);
        let copy: Option<Value> =
            one.and_then(|one| serde_json::from_str(&change(&one.to_string())).ok());
        list.push(copy.ok_or_else(|| StageError::Config(format!("no `{name}`")))?);
        Ok(())
    }
}
