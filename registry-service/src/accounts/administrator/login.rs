//! Administrators' log-ins on pages.

use crate::accounts::administrator::{Login, Present};
use crate::accounts::attempt::Attempt;
use crate::accounts::{AccountError, PageLogin, logins, page};
use crate::domain::id::AdminId;
use crate::domain::password::Password;
use crate::domain::session::{SessionKind, SessionSecret};
use crate::registry::Registry;
use crate::storage::{StorageError, people};

/// Logs an administrator in on a page.
pub async fn log_in(registry: &Registry, attempt: Attempt) -> Result<Login, AccountError> {
    page::log_in_on_page(registry, attempt)
        .await
        .map(Login::from)
}

/// Returns who is logged in on a page, whose log-in goes on because of it.
pub async fn visit(
    registry: &Registry,
    secret: &SessionSecret,
) -> Result<Option<Present>, StorageError> {
    let Some(signed_in) = page::visit::<AdminId>(registry, secret).await? else {
        return Ok(None);
    };
    let mut snapshot = registry.storage.read().await?;
    let found = people::lookup(&mut snapshot, signed_in.owner()).await?;
    Ok(found.map(|found| Present {
        admin: found.admin,
        signed_in,
    }))
}

/// Takes the password again, before a page does what a stolen cookie should not.
pub async fn authenticate_again(
    registry: &Registry,
    secret: &SessionSecret,
    password: Password,
) -> Result<Login, AccountError> {
    page::authenticate_again(registry, secret, password)
        .await
        .map(Login::from)
}

/// Ends the log-in a secret belongs to; there need not be one.
pub async fn log_out(registry: &Registry, secret: &SessionSecret) -> Result<(), AccountError> {
    logins::log_out::<AdminId>(registry, secret, SessionKind::Page).await
}

impl From<PageLogin<AdminId>> for Login {
    fn from(login: PageLogin<AdminId>) -> Self {
        Self {
            secret: login.secret,
            present: Present {
                admin: login.account.admin,
                signed_in: login.signed_in,
            },
            device: login.device,
        }
    }
}
