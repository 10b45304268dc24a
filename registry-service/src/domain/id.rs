//! One id type per entity; those a gateway knows too are the protocol's.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use keystile_protocol::id::{
    ApplicationId, CredentialId, Epoch, InvalidId, ProductVersionId, ServiceId,
};

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
    /// Identifies the portal.
    PortalId,
    /// Identifies an API product.
    ApiProductId,
    /// Identifies a product version as the portal shows it.
    PublicationId,
    /// Identifies an auth strategy.
    AuthStrategyId,
    /// Identifies a developer.
    DeveloperId,
    /// Identifies a registration of an application for a product version.
    RegistrationId,
    /// Identifies a log-in: the sessions that began with one password given.
    LoginId,
    /// Identifies an administrator.
    AdminId,
    /// Identifies an access token.
    TokenId,
    /// Identifies a mail in the outbox.
    MessageId,
    /// Identifies a document of an API product.
    DocumentId,
    /// Identifies the specification of a product version.
    SpecificationId,
}
