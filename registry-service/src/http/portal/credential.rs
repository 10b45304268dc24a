//! `/api/v2/applications/{application}/credentials`: keys, each shown once.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use keystile_protocol::key::ApiKey;
use serde::{Deserialize, Serialize};

use crate::domain::application::Application;
use crate::domain::credential::{Credential, KeyHint};
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::text::Line;
use crate::http::body::{self, Body};
use crate::http::paging::{Listed, Paging};
use crate::http::path::Named;
use crate::http::portal::application::existing as existing_application;
use crate::http::portal::signed_in::SignedIn;
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::{Connection, Deed, Write, auth_strategy, credential, own};

/// How many credentials an application has at most (Konnect's limit).
const MOST_CREDENTIALS: i64 = 20;

/// What a key is called that was given no name.
const UNNAMED: &str = "API key";

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
    signed_in: SignedIn,
    Named(id): Named<ApplicationId>,
    paging: Paging,
) -> Result<Json<Listed<Answer>>, Problem> {
    let mut snapshot = registry.storage.read().await?;
    let application = existing_application(&mut snapshot, signed_in, id).await?;
    let wanted = (application.id, paging.range());
    let list = own::credential::list(&mut snapshot, signed_in.developer, wanted).await?;
    Ok(Json(paging.answer(list, |credential| Answer {
        id: credential.id,
        display_name: credential.display_name,
    })))
}

/// Issues a key.
pub(super) async fn issue(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(id): Named<ApplicationId>,
    request: Request,
) -> Result<(StatusCode, Json<Issued>), Problem> {
    let display_name = wanted_name(request, &registry).await?;
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let application = existing_application(&mut write, signed_in, id).await?;
    refuse_more(&mut write, &application).await?;
    let key = registry.random.secret(&registry.settings.key_prefix);
    let credential = Credential {
        id: CredentialId(registry.random.uuid()),
        application: application.id,
        display_name,
        digest: ApiKey::new(key.as_str()).digest(),
        hint: KeyHint::of(&key),
        expires_at: match application.auth_strategy {
            None => None,
            Some(strategy) => auth_strategy::lookup(&mut write, strategy)
                .await?
                .and_then(|strategy| strategy.ttl)
                .map(|ttl| ttl.end(now)),
        },
        suspended_at: None,
        created_at: now,
        updated_at: now,
    };
    credential::add(&mut write, &credential).await?;
    let deed = Deed::new("credential.issue", credential.id);
    write.commit(deed).await?;
    let issued = Issued {
        credential: key,
        id: credential.id,
        display_name: credential.display_name,
    };
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Gives a credential another name.
pub(super) async fn rename(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(ids): Named<Ids>,
    Body(Renamed { display_name }): Body<Renamed>,
) -> Result<StatusCode, Problem> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let credential = Credential {
        display_name,
        updated_at: now,
        ..existing(&mut write, signed_in, ids).await?
    };
    credential::update(&mut write, &credential).await?;
    let deed = Deed::new("credential.rename", credential.id);
    write.commit(deed).await?;
    Ok(StatusCode::OK)
}

/// Withdraws a credential; its key never comes back.
pub(super) async fn withdraw(
    State(registry): State<Arc<Registry>>,
    signed_in: SignedIn,
    Named(ids): Named<Ids>,
) -> Result<StatusCode, Problem> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let credential = existing(&mut write, signed_in, ids).await?;
    credential::remove(&mut write, credential.id).await?;
    let deed = Deed::new("credential.withdraw", credential.id);
    write.commit(deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn existing(
    connection: &mut Connection,
    signed_in: SignedIn,
    ids: Ids,
) -> Result<Credential, Problem> {
    let found = own::credential::lookup(connection, signed_in.developer, ids).await?;
    found.ok_or_else(Problem::not_found)
}

/// Reads what a key shall be called. The body may be missing, and so may the name.
async fn wanted_name(request: Request, registry: &Arc<Registry>) -> Result<Line<255>, Problem> {
    let New { display_name } = if request.headers().contains_key(CONTENT_TYPE) {
        Body::from_request(request, registry).await?.0
    } else if body::read(request, registry).await?.is_empty() {
        New::default()
    } else {
        return Err(Problem::unsupported_media_type(
            "the body must be `application/json`",
        ));
    };
    let name = match display_name.as_str() {
        "" => UNNAMED,
        name => name,
    };
    Line::parse(name).map_err(|error| Problem::invalid_field("display_name", "invalid", error))
}

async fn refuse_more(write: &mut Write, application: &Application) -> Result<(), Problem> {
    if credential::count(write, application.id).await? < MOST_CREDENTIALS {
        return Ok(());
    }
    Err(Problem::forbidden(
        "the application has as many credentials as it may have",
    ))
}
