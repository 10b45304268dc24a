//! `/v2/portals`: the one portal and its switches.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::administration::portal::{self, PortalChanges};
use crate::domain::id::{AuthStrategyId, PortalId};
use crate::domain::portal::Portal;
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Asked, Caller, Named, Single, one};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::{self, List};

/// The portal on the wire.
#[derive(Debug, Serialize, JsonSchema)]
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

/// The beginning of a path: which portal it is about.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct OfPortal {
    portal: PortalId,
}

/// Lists the portal.
pub(super) async fn list(Caller(acting): Caller, asked: Asked) -> Answer<Listed<Shown>> {
    let items = vec![portal::show(&acting).await?];
    let list = List { items, total: 1 };
    Ok(asked.answer(list, |portal| shown(&acting.registry, portal)))
}

/// Shows the portal.
pub(super) async fn lookup(Caller(acting): Caller) -> Single<Shown> {
    let portal = portal::show(&acting).await?;
    Ok(one(portal.updated_at, shown(&acting.registry, portal)))
}

/// Changes the portal.
pub(super) async fn change(
    Caller(acting): Caller,
    Body(changes): Body<PortalChanges>,
) -> Single<Shown> {
    let portal = portal::change(&acting, changes).await?;
    Ok(one(portal.updated_at, shown(&acting.registry, portal)))
}

/// Lets requests in whose path names the portal that is here.
pub(super) async fn only_here(
    State(registry): State<Arc<Registry>>,
    Named(path): Named<OfPortal>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let mut snapshot = registry.storage.read().await?;
    let portal = storage::portal::lookup(&mut snapshot).await?;
    drop(snapshot);
    if path.portal == portal.id {
        Ok(next.run(request).await)
    } else {
        Err(Problem::not_found())
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
