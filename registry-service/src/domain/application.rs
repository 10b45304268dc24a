//! Applications: what keys stand for.

use crate::domain::id::{ApplicationId, AuthStrategyId, DeveloperId};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Identifies it; the upstream reads it as `X-Consumer-ID`.
    pub id: ApplicationId,
    /// Whose it is; none if an administrator declared it.
    pub developer: Option<DeveloperId>,
    /// How it authenticates, for good; none only if an administrator declared it.
    pub auth_strategy: Option<AuthStrategyId>,
    /// Its name; not unique.
    pub name: Line<255>,
    /// What it is about; the portal's form takes as much.
    pub description: Option<Prose<2048>>,
    /// Where its users return to.
    pub redirect_uri: Option<Prose<2048>>,
    /// Its name elsewhere, unique in the registry; the upstream reads it as `X-Consumer-Custom-ID`.
    pub reference_id: Option<Line<255>>,
    /// When its keys stopped being admitted, if they did.
    pub suspended_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
