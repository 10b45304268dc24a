//! The portal: one registry is one portal.

use serde::Serialize;

use crate::domain::id::{AuthStrategyId, PortalId};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;

/// The portal and its switches, by Konnect's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Portal {
    /// Identifies it.
    pub id: PortalId,
    /// Its name.
    pub name: Line<255>,
    /// What it is about.
    pub description: Option<Prose<512>>,
    /// Whether everyone sees it; log-in, and with it self-service, is off then.
    pub is_public: bool,
    /// Whether teams decide who sees which product.
    pub rbac_enabled: bool,
    /// Whether developers are approved as soon as they have verified their address.
    pub auto_approve_developers: bool,
    /// Whether registrations are approved at once, whatever a publication says.
    pub auto_approve_applications: bool,
    /// Whether keys of a revoked developer go on working, as they do in Konnect.
    pub revoke_keeps_traffic: bool,
    /// The auth strategy of applications that name none.
    pub default_auth_strategy: Option<AuthStrategyId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
