//! `/admin/v1/applications/{application}/credentials`: issuing keys and taking existing ones in;
//! `/admin/v1/credentials/imports`: taking in many.

use axum::Json;
use axum::response::NoContent;
use schemars::JsonSchema;
use serde::Serialize;

use crate::administration::credentials::{self, CredentialChanges, NewCredential};
use crate::administration::imports::{self, Import, Imported};
use crate::domain::credential::Credential;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::Body;
use crate::http::credential::Shown;
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// A credential that was just made, with its key if that was made here.
#[derive(Serialize, JsonSchema)]
pub(super) struct Issued {
    #[serde(flatten)]
    shown: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

/// Lists the credentials of an application.
pub(super) async fn list(
    Caller(acting): Caller,
    Named(application): Named<ApplicationId>,
    asked: Asked,
) -> Answer<Listed<Shown>> {
    let list = credentials::list(&acting, application, &asked.wanted).await?;
    Ok(asked.answer(list, Shown::from))
}

/// Issues a key, or takes one in.
pub(super) async fn add(
    Caller(acting): Caller,
    Named(application): Named<ApplicationId>,
    Body(new): Body<NewCredential>,
) -> Created<Issued> {
    let issued = credentials::add(&acting, application, new).await?;
    let updated_at = issued.credential.updated_at;
    let body = Issued {
        shown: issued.credential.into(),
        credential: issued.key,
    };
    Ok(created(one(updated_at, body)))
}

/// Takes in keys that exist elsewhere, all or none of them, in one write.
pub(super) async fn import(Caller(acting): Caller, Body(import): Body<Import>) -> Answer<Imported> {
    Ok(Json(imports::import(&acting, &import).await?))
}

/// Renames a credential, suspends it or lets it go on.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(ids): Named<(ApplicationId, CredentialId)>,
    Body(changes): Body<CredentialChanges>,
) -> Single<Shown> {
    let credential = credentials::change(&acting, ids, changes).await?;
    Ok(single(credential))
}

/// Withdraws a credential; its key never comes back.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named((application, id)): Named<(ApplicationId, CredentialId)>,
) -> Result<NoContent, Problem> {
    credentials::remove(&acting, application, id).await?;
    Ok(NoContent)
}

fn single(credential: Credential) -> One<Shown> {
    one(credential.updated_at, credential.into())
}
