//! `/api/ext/v1/applications/{application}/credentials`: keys with their ends, and their replacement.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::credential::Overlap;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Created, Made};
use crate::http::body::Body;
use crate::http::credential::Shown;
use crate::http::paging::{Listed, Paging};
use crate::http::path::Named;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::self_service::credential::{self, NewCredential};
use crate::self_service::rotation::{self, Rotation};

/// A new credential on the wire, with its key.
#[derive(Serialize, JsonSchema)]
pub(super) struct Issued {
    #[serde(flatten)]
    shown: Shown,
    credential: String,
}

/// A credential to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    display_name: Option<Line<255>>,
    expires_at: Option<Timestamp>,
}

/// How a key is replaced.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRotation {
    overlap: Overlap,
    expires_at: Option<Timestamp>,
}

/// Lists the credentials of one of the developer's applications.
pub(super) async fn list(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(application): Named<ApplicationId>,
    paging: Paging,
) -> Result<Json<Listed<Shown>>, Problem> {
    let wanted = (application, paging.range());
    let list = credential::list(&registry, signed_in, wanted).await?;
    Ok(Json(paging.answer(list, Shown::from)))
}

/// Issues a key.
pub(super) async fn issue(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(application): Named<ApplicationId>,
    Body(new): Body<New>,
) -> Created<Issued> {
    let new = NewCredential {
        display_name: new.display_name,
        expires_at: new.expires_at,
        once: None,
    };
    let issued = credential::issue(&registry, signed_in, (application, new)).await?;
    Ok(Made::plain(issued.into()))
}

/// Issues a key in place of another, which is valid for as long as the change takes.
pub(super) async fn rotate(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(ids): Named<(ApplicationId, CredentialId)>,
    Body(wanted): Body<NewRotation>,
) -> Created<Issued> {
    let rotation = Rotation {
        overlap: wanted.overlap,
        expires_at: wanted.expires_at,
        once: None,
    };
    let issued = rotation::rotate(&registry, signed_in, (ids, rotation)).await?;
    Ok(Made::plain(issued.into()))
}

impl From<credential::Issued> for Issued {
    fn from(issued: credential::Issued) -> Self {
        Self {
            shown: issued.credential.into(),
            credential: issued.key.reveal().to_owned(),
        }
    }
}
