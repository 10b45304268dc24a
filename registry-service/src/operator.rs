//! What whoever runs the program does at the command line: the first administrator, tokens.

use keystile_protocol::key::ApiKey;
use url::Url;

use crate::domain::access::{Actor, Admin, Role, Scope, TOKEN_PREFIX, Token};
use crate::domain::id::{AdminId, TokenId};
use crate::domain::text::{Email, Line};
use crate::domain::timestamp::Timestamp;
use crate::registry::Registry;
use crate::storage::{Deed, StorageError, people, token};

/// How long the first link works.
const WELCOME_MS: i64 = 24 * 60 * 60 * 1000;

/// A token in the making.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub name: Line<255>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// Why the operator's wish was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The address is taken.
    #[error("there already is an administrator with this address")]
    Taken,
    /// Nobody has the address.
    #[error("there is no administrator with this address; `admin create` makes one")]
    UnknownAdmin,
    /// A token without a scope could do nothing.
    #[error("a token needs at least one scope")]
    NoScope,
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
    registry: &Registry,
    email: &Email,
    new: NewToken,
) -> Result<String, OperatorError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(Actor::Operator, now).await?;
    let admin = people::find_by_email(&mut write, email)
        .await?
        .ok_or(OperatorError::UnknownAdmin)?;
    let (token, secret) = draft(registry, admin.id, new)?;
    token::add(&mut write, &token, ApiKey::new(secret.as_str()).digest()).await?;
    write.commit(Deed::new("token.add", token.id)).await?;
    Ok(secret)
}

/// Returns a new token and its secret, neither kept yet.
pub fn draft(
    registry: &Registry,
    admin: AdminId,
    new: NewToken,
) -> Result<(Token, String), OperatorError> {
    let NewToken {
        name,
        mut scopes,
        expires_at,
    } = new;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(OperatorError::NoScope);
    }
    let token = Token {
        id: TokenId(registry.random.uuid()),
        admin,
        name,
        scopes,
        created_at: registry.clock.now(),
        expires_at,
        revoked_at: None,
    };
    Ok((token, registry.random.secret(TOKEN_PREFIX)))
}
