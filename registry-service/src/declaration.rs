//! A portal declared in a file: what it offers, to be kept in version control and applied.
//!
//! A [`Declaration`] names things by what people call them, never by ids. [`read`] takes a file,
//! [`mod@objects`] spreads it out into single things, [`plan`] compares those with what is there,
//! [`present`] learns that through the admin API and [`carry_out`] changes it through the same.
//!
//! It holds what its owner decides: settings, strategies, products with all they have, services, and
//! applications that belong to no developer. Developers, what they made and their keys are not
//! declared, for they come and go without the owner: `backup` keeps them, `import-keys` brings them.

mod answer;
mod application;
pub mod carry_out;
mod catalogue;
pub mod client;
pub mod objects;
pub mod plan;
pub mod present;
pub mod read;
mod service;
mod write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::auth_strategy::Ttl;
use crate::domain::service::KeyNames;
use crate::domain::text::{Line, Prose};

pub use application::{Application, Registration};
pub use catalogue::{Document, Product, Publication, Specification, Version};
pub use service::{KeyAuth, Service};
pub use write::Format;

/// A portal as it shall be. A list that is left out is left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The version of this format.
    pub keystile: FormatVersion,
    /// The portal's settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<Portal>,
    /// How applications authenticate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategies: Option<Vec<Strategy>>,
    /// API products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Vec<Product>>,
    /// Applications that belong to no developer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applications: Option<Vec<Application>>,
    /// Services that belong to no product version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<Service>>,
}

/// The version of the format: `1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct FormatVersion;

/// The portal's settings; one that is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Portal {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Line<255>>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose<512>>,
    /// Whether everyone sees it; self-service is off then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
    /// Whether teams decide who sees which product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rbac_enabled: Option<bool>,
    /// Whether developers are approved as soon as they have verified their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_approve_developers: Option<bool>,
    /// Whether registrations are approved at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_approve_applications: Option<bool>,
    /// Whether keys of a revoked developer go on working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_keeps_traffic: Option<bool>,
    /// The strategy of applications that name none, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_strategy: Option<Line<255>>,
}

/// A key-auth strategy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// Its name, unique in the registry.
    pub name: Line<255>,
    /// Its name as developers see it; missing: the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Line<255>>,
    /// The names a key may have.
    pub key_names: KeyNames,
    /// How long a new key lives; missing: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Ttl>,
    /// Whether an application gets its first key when it is made on the portal's pages.
    #[serde(default)]
    pub default_credential: bool,
}

// === impl Declaration ===

impl Declaration {
    /// Returns the JSON Schema of a declaration, for editors and checks.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }
}

// === impl FormatVersion ===

impl TryFrom<u32> for FormatVersion {
    type Error = &'static str;

    fn try_from(version: u32) -> Result<Self, Self::Error> {
        match version {
            1 => Ok(Self),
            _ => Err("must be 1, the version of the format that this program reads"),
        }
    }
}

impl From<FormatVersion> for u32 {
    fn from(_: FormatVersion) -> Self {
        1
    }
}

impl JsonSchema for FormatVersion {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FormatVersion".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"const": 1})
    }
}
