//! `/api/v2/portal`: what a front-end needs before anyone is logged in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::domain::id::PortalId;
use crate::domain::text::Line;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::portal;

/// The portal's context on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    portal_id: PortalId,
    /// One registry is one organisation.
    org_id: PortalId,
    name: Line<255>,
    canonical_domain: String,
    is_public: bool,
    rbac_enabled: bool,
    basic_auth_enabled: bool,
    oidc_auth_enabled: bool,
    featureset_id: &'static str,
    feature_set: &'static str,
    /// Dynamic client registration is not built.
    dcr_provider_ids: [String; 0],
    /// Front-ends know `24h` and `90d`.
    allowed_time_period: &'static str,
}

/// Shows the portal's context.
pub(super) async fn show(State(registry): State<Arc<Registry>>) -> Result<Json<Answer>, Problem> {
    let mut snapshot = registry.storage.read().await?;
    let portal = portal::lookup(&mut snapshot).await?;
    Ok(Json(Answer {
        portal_id: portal.id,
        org_id: portal.id,
        name: portal.name,
        canonical_domain: registry.settings.public_url.authority().to_owned(),
        is_public: portal.is_public,
        rbac_enabled: portal.rbac_enabled,
        basic_auth_enabled: true,
        oidc_auth_enabled: false,
        featureset_id: "keystile",
        feature_set: "keystile",
        dcr_provider_ids: [],
        allowed_time_period: "90d",
    }))
}
