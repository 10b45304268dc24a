//! `/admin/v1/administrators`: who administers the registry.

use axum::response::NoContent;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::administration::administrators::{
    self, AdministratorChanges, Invited, NewAdministrator,
};
use crate::domain::access::Role;
use crate::domain::id::AdminId;
use crate::domain::text::Email;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Asked, Caller, Created, Made, Named, One, Single, one};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;
use crate::storage::people::AdminAccount;

/// An administrator on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Shown {
    id: AdminId,
    email: Email,
    role: Role,
    has_password: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// An administrator and the one-time link, for the only time.
#[derive(Serialize, JsonSchema)]
pub(super) struct Invitation {
    id: AdminId,
    email: Email,
    role: Role,
    #[schemars(with = "String")]
    link: Url,
}

/// Lists the administrators.
pub(super) async fn list(Caller(acting): Caller, asked: Asked) -> Answer<Listed<Shown>> {
    let list = administrators::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Adds an administrator, and answers the link that sets their password.
pub(super) async fn add(
    Caller(acting): Caller,
    Body(new): Body<NewAdministrator>,
) -> Created<Invitation> {
    Ok(invitation(administrators::add(&acting, new).await?))
}

/// Makes a new one-time link for an administrator.
pub(super) async fn invite(
    Caller(acting): Caller,
    Named(id): Named<AdminId>,
) -> Created<Invitation> {
    Ok(invitation(administrators::invite_again(&acting, id).await?))
}

/// Shows an administrator.
pub(super) async fn lookup(Caller(acting): Caller, Named(id): Named<AdminId>) -> Single<Shown> {
    Ok(single(administrators::lookup(&acting, id).await?))
}

/// Changes how much an administrator may do.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(id): Named<AdminId>,
    Body(changes): Body<AdministratorChanges>,
) -> Single<Shown> {
    Ok(single(administrators::change(&acting, id, changes).await?))
}

/// Removes an administrator with their tokens and log-ins.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named(id): Named<AdminId>,
) -> Result<NoContent, Problem> {
    administrators::remove(&acting, id).await?;
    Ok(NoContent)
}

fn invitation(invited: Invited) -> Made<Invitation> {
    Made::plain(Invitation {
        id: invited.admin.id,
        email: invited.admin.email,
        role: invited.admin.role,
        link: invited.link,
    })
}

fn single(account: AdminAccount) -> One<Shown> {
    one(account.updated_at, shown(account))
}

fn shown(account: AdminAccount) -> Shown {
    Shown {
        id: account.admin.id,
        email: account.admin.email,
        role: account.admin.role,
        has_password: account.password.is_some(),
        created_at: account.created_at,
        updated_at: account.updated_at,
    }
}
