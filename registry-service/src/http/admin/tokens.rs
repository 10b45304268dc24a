//! `/admin/v1/tokens`: access tokens of the admin and gateway APIs.

use axum::response::NoContent;
use schemars::JsonSchema;
use serde::Serialize;

use crate::administration::tokens::{self, NewToken};
use crate::domain::access::{Scope, Token};
use crate::domain::id::{AdminId, TokenId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Asked, Caller, Created, Made, Named};
use crate::http::body::Body;
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// A token on the wire, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
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
#[derive(Serialize, JsonSchema)]
pub(super) struct Issued {
    #[serde(flatten)]
    shown: Shown,
    token: String,
}

/// Lists the tokens.
pub(super) async fn list(Caller(acting): Caller, asked: Asked) -> Answer<Listed<Shown>> {
    let list = tokens::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Issues a token in the name of whoever the asking token belongs to.
pub(super) async fn add(Caller(acting): Caller, Body(new): Body<NewToken>) -> Created<Issued> {
    let issued = tokens::add(&acting, new).await?;
    let body = Issued {
        shown: shown(issued.token),
        token: issued.secret,
    };
    Ok(Made::plain(body))
}

/// Revokes a token, at once and for good.
pub(super) async fn revoke(
    Caller(acting): Caller,
    Named(id): Named<TokenId>,
) -> Result<NoContent, Problem> {
    tokens::revoke(&acting, id).await?;
    Ok(NoContent)
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
