//! Applications: what keys stand for.

use std::str::FromStr;

use serde::Serialize;
use url::Url;

use crate::domain::id::{ApplicationId, AuthStrategyId, DeveloperId};
use crate::domain::text::{InvalidText, Line, Prose};
use crate::domain::timestamp::Timestamp;

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// Where a developer lets an application's users return to: an absolute URL, of any scheme but those
/// that run in the page that links to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri(Prose<2048>);

/// Why nobody can return there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRedirectUri {
    /// Not a whole URL.
    #[error("must be an absolute URL")]
    NotAbsolute,
    /// A page that links to it would run it.
    #[error("must not run in a page")]
    Runs,
    /// Too much of it.
    #[error(transparent)]
    Text(#[from] InvalidText),
}

// === impl RedirectUri ===

impl From<RedirectUri> for Prose<2048> {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

impl FromStr for RedirectUri {
    type Err = InvalidRedirectUri;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        let url = Url::parse(text).map_err(|_| InvalidRedirectUri::NotAbsolute)?;
        if ["javascript", "data", "vbscript", "blob"].contains(&url.scheme()) {
            return Err(InvalidRedirectUri::Runs);
        }
        Ok(Self(Prose::parse(text)?))
    }
}
