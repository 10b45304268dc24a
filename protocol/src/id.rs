//! One id type per entity, so that two cannot be swapped.
//!
//! An id is a UUID: 16 bytes on the wire, its text form for people (RFC 9562, section 4).

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a UUID")
    }
}

impl core::error::Error for InvalidId {}

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )+};
}

id! {
    /// Identifies what Envoy knows an API as.
    ServiceId,
    /// Identifies a developer's application; the upstream reads it as `X-Consumer-ID`.
    ApplicationId,
    /// Identifies a credential; the upstream reads it as `X-Credential-Identifier`.
    CredentialId,
    /// Identifies a version of an API product; an approved registration names one.
    ProductVersionId,
    /// Identifies one unbroken history of the registry's data; a restore starts another.
    Epoch,
}
