//! A credential as our own APIs show it, to administrators and to its developer.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::credential::Credential;
use crate::domain::id::CredentialId;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

/// A credential on the wire, without its key.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Credential")]
pub(super) struct Shown {
    id: CredentialId,
    display_name: Line<255>,
    /// How the key begins and ends.
    prefix: String,
    last_four: String,
    expires_at: Option<Timestamp>,
    suspended_at: Option<Timestamp>,
    /// When a gateway last let somebody through with it, to a few minutes.
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Credential> for Shown {
    fn from(credential: Credential) -> Self {
        Self {
            id: credential.id,
            display_name: credential.display_name,
            prefix: credential.hint.prefix,
            last_four: credential.hint.last_four,
            expires_at: credential.expires_at,
            suspended_at: credential.suspended_at,
            last_used_at: credential.last_used_at,
            created_at: credential.created_at,
            updated_at: credential.updated_at,
        }
    }
}
