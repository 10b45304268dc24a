//! What Envoy knows an API as, and how it is guarded.

use serde::{Deserialize, Serialize};

use crate::id::{ApplicationId, ProductVersionId, ServiceId};

/// A guarded API: route metadata names it, the registry says how it is guarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// Identifies the service.
    pub id: ServiceId,
    /// The name in route metadata: `[a-z0-9.-]{1,128}`, unique in the registry.
    pub name: String,
    /// Whom it admits before its groups are asked.
    pub access: Access,
    /// Where the key may be, and what happens to it (Kong's key-auth plugin).
    pub key_auth: KeyAuth,
    /// Which groups it admits (Kong's acl plugin); `None` admits whoever `access` admits.
    pub acl: Option<Acl>,
}

/// Whom a service admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everyone; no key is looked for. An administrator said so explicitly.
    Public,
    /// No one: the product version has no auth strategy.
    Closed,
    /// Every live key: the service belongs to no product version.
    AnyKey,
    /// Keys of applications with an approved registration for this product version.
    Approved(ProductVersionId),
}

/// Kong's key-auth parameters, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyAuth {
    /// The names a key may have, in the order they are looked for; never empty.
    pub key_names: Vec<String>,
    /// Whether a request header may carry the key.
    pub key_in_header: bool,
    /// Whether a query argument may carry the key.
    pub key_in_query: bool,
    /// Whether a field of the body may carry the key.
    pub key_in_body: bool,
    /// Whether the key is removed before the request goes upstream.
    pub hide_credentials: bool,
    /// The application that requests without a valid key act as.
    pub anonymous: Option<ApplicationId>,
    /// Whether `OPTIONS` requests need a key too.
    pub run_on_preflight: bool,
    /// The realm of the challenge (RFC 9110, section 11.6.1).
    pub realm: Option<String>,
    /// What precedes the key in a header's value and is not part of it, such as `Bearer `.
    pub value_prefix: Option<String>,
}

/// Kong's acl parameters, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Acl {
    /// Which groups are admitted or refused.
    pub rule: AclRule,
    /// Whether the upstream is kept from seeing `X-Consumer-Groups`.
    pub hide_groups_header: bool,
}

/// Kong's `allow` xor `deny`: exact, case-sensitive group names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AclRule {
    /// Only members of one of these groups; an empty list admits nobody.
    Allow(Vec<String>),
    /// Everyone but members of one of these groups.
    Deny(Vec<String>),
}

impl Default for KeyAuth {
    /// Kong's defaults, but for `hide_credentials`, which Kong itself turned on later.
    fn default() -> Self {
        Self {
            key_names: vec!["apikey".to_owned()],
            key_in_header: true,
            key_in_query: true,
            key_in_body: false,
            hide_credentials: true,
            anonymous: None,
            run_on_preflight: true,
            realm: None,
            value_prefix: None,
        }
    }
}
