//! `/api/v2/applications/{application}/credentials`: keys, each shown once.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};

use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::text::{Line, optional};
use crate::http::body::{self, Body};
use crate::http::paging::{LenientPaging, Listed};
use crate::http::path::Named;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::credential::{self, NewCredential};

/// The ids in the path of a credential.
type Ids = (ApplicationId, CredentialId);

/// A credential on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    id: CredentialId,
    display_name: Line<255>,
}

/// A new credential on the wire: the one answer that holds a key.
#[derive(Serialize)]
pub(super) struct Issued {
    credential: String,
    id: CredentialId,
    display_name: Line<255>,
}

/// What a key shall be called.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    #[serde(default)]
    display_name: String,
}

/// What a key shall be called from now on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Renamed {
    display_name: Line<255>,
}

/// Lists the credentials of one of the developer's applications.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<ApplicationId>,
    LenientPaging(paging): LenientPaging,
) -> Result<Json<Listed<Answer>>, Problem> {
    let list = credential::list(&registry, signed_in, (id, paging.range())).await?;
    Ok(Json(paging.answer(list, |credential| Answer {
        id: credential.id,
        display_name: credential.display_name,
    })))
}

/// Issues a key.
pub(super) async fn issue(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<ApplicationId>,
    request: Request,
) -> Result<(StatusCode, Json<Issued>), Problem> {
    let new = NewCredential {
        display_name: wanted_name(request, &registry).await?,
        ..NewCredential::default()
    };
    let issued = credential::issue(&registry, signed_in, (id, new)).await?;
    let answer = Issued {
        credential: issued.key.reveal().to_owned(),
        id: issued.credential.id,
        display_name: issued.credential.display_name,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Gives a credential another name.
pub(super) async fn rename(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(ids): Named<Ids>,
    Body(Renamed { display_name }): Body<Renamed>,
) -> Result<StatusCode, Problem> {
    credential::rename(&registry, signed_in, (ids, display_name)).await?;
    Ok(StatusCode::OK)
}

/// Withdraws a credential; its key never comes back.
pub(super) async fn withdraw(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(ids): Named<Ids>,
) -> Result<StatusCode, Problem> {
    credential::withdraw(&registry, signed_in, ids).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads what a key shall be called. The body may be missing, and so may the name.
async fn wanted_name(
    request: Request,
    registry: &Arc<Registry>,
) -> Result<Option<Line<255>>, Problem> {
    let New { display_name } = if request.headers().contains_key(CONTENT_TYPE) {
        Body::from_request(request, registry).await?.0
    } else if body::read(request, registry).await?.is_empty() {
        New::default()
    } else {
        return Err(Problem::unsupported_media_type(
            "the body must be `application/json`",
        ));
    };
    optional(Some(&display_name))
        .map_err(|error| Problem::invalid_field("display_name", "invalid", error))
}
