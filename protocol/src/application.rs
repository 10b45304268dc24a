//! Who calls, and with what.

use serde::{Deserialize, Serialize};

use crate::id::{ApplicationId, CredentialId, ProductVersionId};
use crate::key::KeyDigest;

/// A developer's application, as far as a decision needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Application {
    /// Identifies the application; the upstream reads it as `X-Consumer-ID`.
    pub id: ApplicationId,
    /// Its name; the upstream reads it as `X-Consumer-Username`. Not unique.
    pub name: String,
    /// Its reference id; the upstream reads it as `X-Consumer-Custom-ID`.
    pub reference: Option<String>,
    /// Its free groups, which an acl is about.
    pub groups: Vec<String>,
    /// The product versions it has an approved registration for.
    pub approved: Vec<ProductVersionId>,
    /// Whether its keys are admitted anywhere.
    pub state: ApplicationState,
}

/// Whether an application's keys are admitted anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// Its keys are admitted where its registrations and groups say so.
    Active,
    /// Its keys are known and refused: it is suspended, or its developer is not approved.
    Suspended,
}

/// A live credential: its key stands for an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Credential {
    /// Identifies the credential; the upstream reads it as `X-Credential-Identifier`.
    pub id: CredentialId,
    /// What stands in for its key.
    pub digest: KeyDigest,
    /// Whose it is.
    pub application: ApplicationId,
    /// When it stops being valid, in milliseconds since the Unix epoch.
    pub expires_at_ms: Option<i64>,
}
