//! What Envoy knows an API as, and how it is guarded.

mod acl;
mod name;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::{ApplicationId, ProductVersionId, ServiceId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

pub use acl::{Acl, AclRule};
pub use name::{KeyNames, ServiceName, ValuePrefix};

/// A guarded API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Identifies it; Konnect's `gateway_service.id`.
    pub id: ServiceId,
    /// What route metadata calls it.
    pub name: ServiceName,
    /// The product version whose registrations it asks for.
    pub product_version: Option<ProductVersionId>,
    /// The public URL that pages print in examples.
    pub proxy_url: Option<url::Url>,
    /// Where the key may be, and what happens to it.
    pub key_auth: KeyAuth,
    /// Which groups it admits.
    pub acl: Option<Acl>,
    /// Whether everyone is admitted without a key; never by default.
    pub public: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Kong's key-auth parameters, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeyAuth {
    /// The names a key may have; none means those of the auth strategy.
    pub key_names: Option<KeyNames>,
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
    pub realm: Option<Line<128>>,
    /// What precedes the key in a header's value and is not part of it, such as `Bearer `.
    pub value_prefix: Option<ValuePrefix>,
}

/// Why a part of a service is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidService {
    /// Not a service name.
    #[error("must be 1 to 128 of a-z, 0-9, `.` and `-`")]
    Name,
    /// No key name, or too many.
    #[error("must have 1 to 10 names")]
    KeyNameCount,
    /// Not a key name.
    #[error("must be names of 1 to 256 of A-Z, a-z, 0-9, `_` and `-`")]
    KeyName,
    /// Both or neither of `allow` and `deny`.
    #[error("must have exactly one of `allow` and `deny`")]
    Acl,
    /// Not a value prefix.
    #[error("must be 1 to 64 visible ASCII characters or spaces")]
    ValuePrefix,
}

// === impl KeyAuth ===

impl Default for KeyAuth {
    /// Kong's defaults, but for `hide_credentials`, which Kong itself turned on later.
    fn default() -> Self {
        Self {
            key_names: None,
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

#[cfg(test)]
mod tests;
