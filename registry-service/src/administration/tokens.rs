//! Access tokens of the admin and gateway APIs.

use std::fmt;

use keystile_protocol::key::ApiKey;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{Acting, AdministrationError, Conflict, InvalidField, Result};
use crate::domain::access::{Duty, Scope, TOKEN_PREFIX, Token};
use crate::domain::id::{AdminId, TokenId};
use crate::domain::once::Once;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::storage::{Deed, List, Wanted, once, token};

/// A token to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    pub name: Line<255>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// The form that asks for it; a form counts once, however often a browser sends it.
    #[serde(skip)]
    pub once: Option<Once>,
}

/// A token that was just made.
pub struct Issued {
    /// The token.
    pub token: Token,
    /// Its secret, for the only time.
    pub secret: String,
}

// === impl Issued ===

impl fmt::Debug for Issued {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Issued(..)")
    }
}

/// Lists tokens.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<Token>> {
    let mut snapshot = acting.read().await?;
    Ok(token::list(&mut snapshot, wanted).await?)
}

/// Issues a token in the name of whoever acts.
pub async fn add(acting: &Acting, new: NewToken) -> Result<Issued> {
    acting.require(Duty::Own)?;
    let admin = acting.by.id.ok_or(AdministrationError::Unknown)?;
    add_for(acting, admin, new).await
}

/// Issues a token in an administrator's name.
pub async fn add_for(acting: &Acting, admin: AdminId, new: NewToken) -> Result<Issued> {
    let NewToken {
        name,
        mut scopes,
        expires_at,
        once,
    } = new;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        let reason = "must be at least one";
        return Err(InvalidField::new("scopes", "min_items", reason).into());
    }
    if expires_at.is_some_and(|end| end <= acting.now()) {
        let reason = "must be in the future";
        return Err(InvalidField::new("expires_at", "future", reason).into());
    }
    let mut write = acting.write_secret(Duty::Own).await?;
    let spent = once::spend(&mut write, once).await;
    spent.map_err(Conflict::AlreadyShown.if_taken())?;
    let token = Token {
        id: TokenId(acting.new_id()),
        admin,
        name,
        scopes,
        created_at: write.now,
        expires_at,
        revoked_at: None,
    };
    let secret = acting.registry.random.secret(TOKEN_PREFIX);
    token::add(&mut write, &token, ApiKey::new(secret.as_str()).digest()).await?;
    let deed = Deed::new("token.add", token.id).became(&token);
    write.commit(deed).await?;
    Ok(Issued { token, secret })
}

/// Revokes a token, at once and for good.
pub async fn revoke(acting: &Acting, id: TokenId) -> Result<()> {
    let mut write = acting.write(Duty::Own).await?;
    if !token::revoke(&mut write, id).await? {
        return Err(AdministrationError::Unknown);
    }
    write.commit(Deed::new("token.revoke", id)).await?;
    Ok(())
}
