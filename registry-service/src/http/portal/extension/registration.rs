//! `/api/ext/v1/applications/{application}/registrations`: with what was said on both sides.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::{ApplicationId, ProductVersionId};
use crate::domain::text::Prose;
use crate::http::admin::caller::{Created, Made};
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::path::Named;
use crate::http::portal::registration as wire;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::registration::{self, NewRegistration};
use crate::storage::own;
use crate::storage::registration::Overview;

/// A registration on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Answer {
    #[serde(flatten)]
    registration: wire::Answer,
    /// What the developer said with the request.
    message: Option<Prose<1024>>,
    /// What the administrator said with the answer.
    reason: Option<Prose<1024>>,
}

/// What an application asks for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    product_version_id: ProductVersionId,
    message: Option<Prose<1024>>,
}

/// Lists the registrations of one of the developer's applications.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(application): Named<ApplicationId>,
    paging: Paging,
) -> Result<Json<Listed<Answer>>, Problem> {
    let all = own::registration::Wanted::default();
    let wanted = (application, all, paging.range());
    let list = registration::list(&registry, signed_in, wanted).await?;
    Ok(Json(paging.answer(list, answer)))
}

/// Asks for a product version, and says why.
pub(super) async fn ask(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(application): Named<ApplicationId>,
    Body(new): Body<New>,
) -> Created<Answer> {
    let new = NewRegistration {
        product_version: new.product_version_id,
        message: new.message,
    };
    let added = registration::ask(&registry, signed_in, (application, new)).await?;
    Ok(Made::plain(answer(added)))
}

fn answer(overview: Overview) -> Answer {
    Answer {
        message: overview.registration.message.clone(),
        reason: overview.registration.reason.clone(),
        registration: wire::answer(overview),
    }
}
