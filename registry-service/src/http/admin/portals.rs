//! `/v2/portals`: the one portal and its switches.

use axum::Json;
use serde::{Deserialize, Serialize};

use crate::domain::change::Change;
use crate::domain::id::{AuthStrategyId, PortalId};
use crate::domain::portal::Portal;
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Named};
use crate::http::body::{Body, Wish};
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::{Connection, Deed, List, StorageError, portal};

/// The portal on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: PortalId,
    name: Line<255>,
    description: Option<Prose<512>>,
    is_public: bool,
    rbac_enabled: bool,
    auto_approve_developers: bool,
    auto_approve_applications: bool,
    revoke_keeps_traffic: bool,
    default_application_auth_strategy_id: Option<AuthStrategyId>,
    default_domain: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What may be changed about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    name: Option<Line<255>>,
    #[serde(default)]
    description: Wish<Prose<512>>,
    is_public: Option<bool>,
    rbac_enabled: Option<bool>,
    auto_approve_developers: Option<bool>,
    auto_approve_applications: Option<bool>,
    revoke_keeps_traffic: Option<bool>,
    #[serde(default)]
    default_application_auth_strategy_id: Wish<AuthStrategyId>,
}

/// Lists the portal.
pub(super) async fn list(caller: Caller, paging: Paging) -> Answer<Listed<Shown>> {
    let mut snapshot = caller.read().await?;
    let items = vec![portal::lookup(&mut snapshot).await?];
    let list = List { items, total: 1 };
    let shown = |portal| shown(&caller.registry, portal);
    Ok(Json(paging.answer(list, shown)))
}

/// Shows the portal.
pub(super) async fn lookup(caller: Caller, Named(id): Named<String>) -> Answer<Shown> {
    let mut snapshot = caller.read().await?;
    let portal = named(&mut snapshot, &id).await?;
    Ok(Json(shown(&caller.registry, portal)))
}

/// Changes the portal.
pub(super) async fn change(
    caller: Caller,
    Named(id): Named<String>,
    Body(changes): Body<Changes>,
) -> Answer<Shown> {
    let mut write = caller.write().await?;
    let before = named(&mut write, &id).await?;
    let after = changes.apply(before.clone(), caller.now());
    portal::update(&mut write, &after)
        .await
        .map_err(unknown_strategy)?;
    if after.revoke_keeps_traffic != before.revoke_keeps_traffic {
        for application in portal::applications_without_approved_developer(&mut write).await? {
            write.changed(Change::Application(application));
        }
    }
    write.commit(Deed::new("portal.update", after.id)).await?;
    Ok(Json(shown(&caller.registry, after)))
}

/// Reads the portal if it is the one a path names.
pub(super) async fn named(connection: &mut Connection, id: &str) -> Result<Portal, Problem> {
    let portal = portal::lookup(connection).await?;
    if id.parse() == Ok(portal.id) {
        Ok(portal)
    } else {
        Err(Problem::not_found())
    }
}

// === impl Changes ===

impl Changes {
    fn apply(self, mut portal: Portal, now: Timestamp) -> Portal {
        self.description.apply(&mut portal.description);
        self.default_application_auth_strategy_id
            .apply(&mut portal.default_auth_strategy);
        Portal {
            name: self.name.unwrap_or(portal.name),
            is_public: self.is_public.unwrap_or(portal.is_public),
            rbac_enabled: self.rbac_enabled.unwrap_or(portal.rbac_enabled),
            auto_approve_developers: self
                .auto_approve_developers
                .unwrap_or(portal.auto_approve_developers),
            auto_approve_applications: self
                .auto_approve_applications
                .unwrap_or(portal.auto_approve_applications),
            revoke_keeps_traffic: self
                .revoke_keeps_traffic
                .unwrap_or(portal.revoke_keeps_traffic),
            updated_at: now,
            ..portal
        }
    }
}

fn unknown_strategy(error: StorageError) -> Problem {
    match error {
        StorageError::Referenced => {
            let field = "default_application_auth_strategy_id";
            Problem::invalid_field(field, "exists", "names no strategy")
        }
        error => error.into(),
    }
}

fn shown(registry: &Registry, portal: Portal) -> Shown {
    let url = &registry.settings.public_url;
    Shown {
        id: portal.id,
        name: portal.name,
        description: portal.description,
        is_public: portal.is_public,
        rbac_enabled: portal.rbac_enabled,
        auto_approve_developers: portal.auto_approve_developers,
        auto_approve_applications: portal.auto_approve_applications,
        revoke_keeps_traffic: portal.revoke_keeps_traffic,
        default_application_auth_strategy_id: portal.default_auth_strategy,
        default_domain: url.authority().to_owned(),
        created_at: portal.created_at,
        updated_at: portal.updated_at,
    }
}
