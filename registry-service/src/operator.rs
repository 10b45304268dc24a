//! What whoever runs the program does at the command line: the first administrator, tokens.

use std::sync::Arc;

use keystile_protocol::key::ApiKey;
use url::Url;

use crate::administration::{Acting, AdministrationError, tokens};
use crate::domain::access::{Actor, Admin, Administrator, Role};
use crate::domain::id::AdminId;
use crate::domain::text::Email;
use crate::registry::Registry;
use crate::storage::{Deed, StorageError, people};

pub use crate::administration::tokens::NewToken;

/// How long the first link works.
const WELCOME_MS: i64 = 24 * 60 * 60 * 1000;

/// Why the operator's wish was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The address is taken.
    #[error("there already is an administrator with this address")]
    Taken,
    /// Nobody has the address.
    #[error("there is no administrator with this address; `admin create` makes one")]
    UnknownAdmin,
    /// An administrator could not have done it either.
    #[error(transparent)]
    Administration(#[from] AdministrationError),
    /// The link cannot be made of the admin URL.
    #[error("the admin URL cannot be extended")]
    Url(#[from] url::ParseError),
    /// The database failed.
    #[error("cannot write")]
    Storage(#[from] StorageError),
}

/// Adds an administrator; returns the link, good for a day and once, that sets the password.
pub async fn create_admin(
    registry: &Registry,
    email: Email,
    role: Role,
) -> Result<Url, OperatorError> {
    let now = registry.clock.now();
    let secret = registry.random.secret("ksl");
    let admin = Admin {
        id: AdminId(registry.random.uuid()),
        email,
        role,
    };
    let mut write = registry.storage.write(Actor::Operator, now).await?;
    people::add(&mut write, &admin)
        .await
        .map_err(|error| match error {
            StorageError::Duplicate => OperatorError::Taken,
            error => OperatorError::Storage(error),
        })?;
    let digest = ApiKey::new(secret.as_str()).digest();
    people::add_welcome_link(&mut write, admin.id, digest, now.plus_ms(WELCOME_MS)).await?;
    write.commit(Deed::new("admin.add", admin.id)).await?;
    let mut link = registry.settings.admin_url.join("welcome")?;
    link.query_pairs_mut().append_pair("token", &secret);
    Ok(link)
}

/// Issues a token in an administrator's name; returns its secret, which is not kept.
pub async fn issue_token(
    registry: &Arc<Registry>,
    email: &Email,
    new: NewToken,
) -> Result<String, OperatorError> {
    let mut snapshot = registry.storage.read().await?;
    let admin = people::find_by_email(&mut snapshot, email)
        .await?
        .ok_or(OperatorError::UnknownAdmin)?;
    drop(snapshot);
    let acting = Acting::new(Arc::clone(registry), Administrator::at_the_command_line());
    let issued = tokens::add_for(&acting, admin.id, new).await?;
    Ok(issued.secret)
}
