//! Registrations: an application asks for a product version.

use serde::Serialize;

use crate::domain::InvalidTransition;
use crate::domain::id::{ApplicationId, ProductVersionId, RegistrationId};
use crate::domain::name::named;
use crate::domain::text::Prose;
use crate::domain::timestamp::Timestamp;

/// An application's registration for a product version; at most one for each pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registration {
    /// Identifies it.
    pub id: RegistrationId,
    /// Who asks.
    pub application: ApplicationId,
    /// What for.
    pub product_version: ProductVersionId,
    /// How it stands; only `approved` gives access.
    pub status: RegistrationStatus,
    /// What the developer said with the request.
    pub message: Option<Prose<1024>>,
    /// What the administrator said with the answer.
    pub reason: Option<Prose<1024>>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

named! {
    /// How a registration stands.
    RegistrationStatus {
        /// Waits for an administrator.
        Pending = "pending",
        /// Gives access.
        Approved = "approved",
        /// Was turned away.
        Rejected = "rejected",
        /// Gave access once and does no longer.
        Revoked = "revoked",
    }
}

// === impl Registration ===

impl Registration {
    /// Applies an administrator's decision: a revoked or rejected one may be reinstated, an approved
    /// one is revoked rather than rejected.
    pub fn decide(
        self,
        status: RegistrationStatus,
        now: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        use RegistrationStatus::{Approved, Pending, Rejected, Revoked};
        match (self.status, status) {
            (Pending | Rejected | Revoked | Approved, Approved)
            | (Pending | Rejected, Rejected)
            | (Approved | Revoked, Revoked)
            | (Pending, Pending) => Ok(Self {
                status,
                updated_at: now,
                ..self
            }),
            _ => Err(InvalidTransition),
        }
    }
}
