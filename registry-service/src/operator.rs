//! What whoever runs the program does at the command line: the first administrator, tokens.

use std::sync::Arc;

use url::Url;

use crate::administration::administrators::{self, NewAdministrator};
use crate::administration::{Acting, AdministrationError, tokens};
use crate::domain::access::{Administrator, Role, Token};
use crate::domain::id::TokenId;
use crate::domain::text::Email;
use crate::registry::Registry;
use crate::storage::{Range, StorageError, Wanted, people};

pub use crate::administration::tokens::NewToken;

/// How many tokens are listed at most.
const MOST_TOKENS: i64 = 10_000;

/// Why the operator's wish was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// Nobody has the address.
    #[error("there is no administrator with this address; `admin create` makes one")]
    UnknownAdmin,
    /// An administrator could not have done it either.
    #[error(transparent)]
    Administration(#[from] AdministrationError),
    /// The database failed.
    #[error("cannot read")]
    Storage(#[from] StorageError),
}

/// Adds an administrator; returns the link, good for a day and once, that sets the password.
pub async fn create_admin(
    registry: &Arc<Registry>,
    email: Email,
    role: Role,
) -> Result<Url, OperatorError> {
    let new = NewAdministrator { email, role };
    let invited = administrators::add(&acting(registry), new).await?;
    Ok(invited.link)
}

/// Issues a token in an administrator's name; returns its secret, which is not kept.
pub async fn issue_token(
    registry: &Arc<Registry>,
    email: &Email,
    new: NewToken,
) -> Result<String, OperatorError> {
    let mut snapshot = registry.storage.read().await?;
    let found = people::find_by_email(&mut snapshot, email)
        .await?
        .ok_or(OperatorError::UnknownAdmin)?;
    drop(snapshot);
    let issued = tokens::add_for(&acting(registry), found.admin.id, new).await?;
    Ok(issued.secret)
}

/// Lists the tokens, the oldest first.
pub async fn list_tokens(registry: &Arc<Registry>) -> Result<Vec<Token>, OperatorError> {
    let range = Range {
        limit: MOST_TOKENS,
        offset: 0,
    };
    let list = tokens::list(&acting(registry), &Wanted::all(range)).await?;
    Ok(list.items)
}

/// Revokes a token, at once and for good.
pub async fn revoke_token(registry: &Arc<Registry>, id: TokenId) -> Result<(), OperatorError> {
    Ok(tokens::revoke(&acting(registry), id).await?)
}

fn acting(registry: &Arc<Registry>) -> Acting {
    Acting::new(Arc::clone(registry), Administrator::at_the_command_line())
}
