//! `/admin/v1/tokens`: access tokens of the admin and gateway APIs.

use axum::Json;
use axum::http::StatusCode;
use keystile_protocol::key::ApiKey;
use serde::{Deserialize, Serialize};

use crate::domain::access::{Actor, Scope, Token};
use crate::domain::id::{AdminId, TokenId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Named, created};
use crate::http::body::Body;
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::operator::{self, NewToken};
use crate::storage::{Connection, Deed, token};

/// A token on the wire, without its secret.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: TokenId,
    admin_id: AdminId,
    name: Line<255>,
    scopes: Vec<Scope>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// A token that was just made, with its secret, for the only time.
#[derive(Serialize)]
pub(super) struct Issued {
    #[serde(flatten)]
    shown: Shown,
    token: String,
}

/// A token to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: Line<255>,
    scopes: Vec<Scope>,
    expires_at: Option<Timestamp>,
}

/// Lists the tokens.
pub(super) async fn list(caller: Caller, paging: Paging) -> Answer<Listed<Shown>> {
    let mut snapshot = caller.read().await?;
    let list = token::list(&mut snapshot, paging.range()).await?;
    Ok(Json(paging.answer(list, shown)))
}

/// Issues a token in the name of whoever the asking token belongs to.
pub(super) async fn add(caller: Caller, Body(wanted): Body<Wanted>) -> Created<Issued> {
    let mut write = caller.write().await?;
    let admin = admin(&mut write, caller.actor).await?;
    let new = NewToken {
        name: wanted.name,
        scopes: wanted.scopes,
        expires_at: wanted.expires_at,
    };
    let (token, secret) = operator::draft(&caller.registry, admin, new)
        .map_err(|error| Problem::invalid_field("scopes", "min_items", error))?;
    let digest = ApiKey::new(secret.as_str()).digest();
    token::add(&mut write, &token, digest).await?;
    write.commit(Deed::new("token.add", token.id)).await?;
    Ok(created(Issued {
        shown: shown(token),
        token: secret,
    }))
}

/// Revokes a token, at once and for good.
pub(super) async fn revoke(
    caller: Caller,
    Named(id): Named<TokenId>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    if !token::revoke(&mut write, id).await? {
        return Err(Problem::not_found());
    }
    write.commit(Deed::new("token.revoke", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn admin(connection: &mut Connection, actor: Actor) -> Result<AdminId, Problem> {
    let Actor::Token(id) = actor else {
        return Err(Problem::forbidden("only a token can make another"));
    };
    token::lookup(connection, id)
        .await?
        .map(|token| token.admin)
        .ok_or_else(Problem::not_found)
}

fn shown(token: Token) -> Shown {
    Shown {
        id: token.id,
        admin_id: token.admin,
        name: token.name,
        scopes: token.scopes,
        created_at: token.created_at,
        expires_at: token.expires_at,
        revoked_at: token.revoked_at,
    }
}
