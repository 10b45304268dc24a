//! What a declaration says of an application that belongs to no developer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::registration::RegistrationStatus;
use crate::domain::text::{Line, Prose};

/// An application that belongs to no developer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// What it is known by here, unique in the registry.
    pub reference_id: Line<255>,
    /// Its name.
    pub name: Line<255>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose<2048>>,
    /// Its strategy, by its name, for good; missing: the portal's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Line<255>>,
    /// The groups that acls know it by.
    #[serde(default)]
    pub groups: Vec<Line<128>>,
    /// Which versions it may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registrations: Option<Vec<Registration>>,
}

/// A version that an application may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The product, by its name.
    pub product: Line<100>,
    /// The version, by its name.
    pub version: Line<255>,
    /// How it stands.
    #[serde(default = "approved")]
    pub status: RegistrationStatus,
}

const fn approved() -> RegistrationStatus {
    RegistrationStatus::Approved
}
