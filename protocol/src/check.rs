//! One question about one key, asked while a gateway's table is incomplete.

use serde::{Deserialize, Serialize};

use crate::application::{Application, Credential};
use crate::id::Epoch;
use crate::key::KeyDigest;

/// `POST /gateway/v1/check`: what is known of a key?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The name of the service the key was sent to.
    pub service: String,
    /// What stands in for the key.
    pub digest: KeyDigest,
}

/// Facts, not a decision: the gateway decides with what it decides everything else with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckResponse {
    /// The history the revision belongs to.
    pub epoch: Epoch,
    /// The newest revision when the answer was made.
    pub revision: i64,
    /// The digest asked about; an answer to another question is not believed.
    pub digest: KeyDigest,
    /// What was found.
    pub outcome: Outcome,
}

/// What the registry knows of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No live credential has this key.
    Unknown,
    /// A credential and the application it stands for.
    Found {
        /// The credential; it may have expired, by the gateway's clock.
        credential: Credential,
        /// Whose it is.
        application: Application,
    },
}
