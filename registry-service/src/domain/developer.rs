//! Developers, who own applications.

use serde::Serialize;

use crate::domain::InvalidTransition;
use crate::domain::id::DeveloperId;
use crate::domain::name::named;
use crate::domain::text::{Email, Line};
use crate::domain::timestamp::Timestamp;

/// A developer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Developer {
    /// Identifies them.
    pub id: DeveloperId,
    /// Where they read mail; unique in the registry.
    pub email: Email,
    /// Their name.
    pub full_name: Line<256>,
    /// Whether they may log in and their keys are admitted.
    pub status: DeveloperStatus,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

named! {
    /// Whether a developer may log in and their keys are admitted.
    DeveloperStatus {
        /// Signed up, and has not yet shown that the address is theirs.
        Unverified = "unverified",
        /// Waits for an administrator.
        Pending = "pending",
        /// May log in.
        Approved = "approved",
        /// Was turned away; the address stays taken.
        Rejected = "rejected",
        /// Was approved once and is no longer; the address stays taken.
        Revoked = "revoked",
    }
}

// === impl Developer ===

impl Developer {
    /// Applies an administrator's decision.
    pub fn decide(
        self,
        status: DeveloperStatus,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        use DeveloperStatus::{Approved, Pending, Rejected, Revoked, Unverified};
        match (self.status, status) {
            (_, Unverified) | (Approved, Pending | Rejected) | (Unverified | Pending, Revoked) => {
                Err(InvalidTransition)
            }
            _ => Ok(Self {
                status,
                updated_at: now,
                ..self
            }),
        }
    }
}
