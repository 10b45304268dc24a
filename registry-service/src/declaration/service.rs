//! What a declaration says of a service.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::domain::service::{Acl, KeyNames, ServiceName, ValuePrefix};
use crate::domain::text::Line;

/// What Envoy knows an API as, and how it is guarded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What route metadata calls it; for good while its version is published.
    pub name: ServiceName,
    /// The public URL that pages print in examples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_url: Option<Url>,
    /// Where the key may be, and what happens to it.
    #[serde(default)]
    pub key_auth: KeyAuth,
    /// Which groups it admits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<Acl>,
    /// Whether everyone is admitted without a key.
    #[serde(default)]
    pub public: bool,
}

/// Kong's key-auth parameters, by their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeyAuth {
    /// The names a key may have; missing: those of the strategy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_names: Option<KeyNames>,
    /// Whether a request header may carry the key.
    pub key_in_header: bool,
    /// Whether a query argument may carry the key.
    pub key_in_query: bool,
    /// Whether a field of the body may carry the key.
    pub key_in_body: bool,
    /// Whether the key is removed before the request goes upstream.
    pub hide_credentials: bool,
    /// The application that requests without a valid key act as, by its `reference_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous: Option<Line<255>>,
    /// Whether `OPTIONS` requests need a key too.
    pub run_on_preflight: bool,
    /// The realm of the challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm: Option<Line<128>>,
    /// What precedes the key in a header's value and is not part of it, such as `Bearer `.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_prefix: Option<ValuePrefix>,
}

// === impl KeyAuth ===

impl Default for KeyAuth {
    /// What a service has that says nothing.
    fn default() -> Self {
        let usual = crate::domain::service::KeyAuth::default();
        Self {
            key_names: usual.key_names,
            key_in_header: usual.key_in_header,
            key_in_query: usual.key_in_query,
            key_in_body: usual.key_in_body,
            hide_credentials: usual.hide_credentials,
            anonymous: None,
            run_on_preflight: usual.run_on_preflight,
            realm: usual.realm,
            value_prefix: usual.value_prefix,
        }
    }
}
