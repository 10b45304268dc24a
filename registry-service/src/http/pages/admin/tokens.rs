//! Access tokens of the admin and gateway APIs.

use serde_json::{Value, json};

use crate::administration::tokens::{self, NewToken};
use crate::administration::{AdministrationError, Conflict};
use crate::domain::access::{Scope, Token};
use crate::domain::id::TokenId;
use crate::domain::timestamp::Timestamp;
use crate::http::pages::admin::desk::{Desk, Refused, narrowed, noted};
use crate::http::pages::{Browse, Draft, Form, PageResult};
use crate::http::path::Named;

const FORM: &str = "admin/token_form.html";

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const FIELDS: [&str; 7] = [
    "name", "admin", "approve", "read", "gateway", "days", "once",
];

const SCOPES: [Scope; 4] = [Scope::Admin, Scope::Approve, Scope::Read, Scope::Gateway];

/// Lists the tokens.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let list = tokens::list(&desk.acting, &narrowed(&browse, "name")).await?;
    let now = desk.acting.registry.clock.now();
    let page = json!({
        "q": browse.text("q"),
        "tokens": list.items.iter().map(|token| row(token, now)).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/tokens.html", page)
}

/// Asks for a new token.
pub(super) async fn blank(desk: Desk) -> PageResult {
    let once = desk.acting.registry.random.uuid();
    let draft = Draft::blank(&FIELDS).with("days", "90").with("once", once);
    desk.show(FORM, json!({"form": draft}))
}

/// Issues a token and shows its secret, for the only time.
pub(super) async fn add(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    let now = desk.acting.registry.clock.now();
    let chosen = SCOPES.into_iter();
    let scopes: Vec<Scope> = chosen
        .filter(|scope| form.is_ticked(scope.name()))
        .collect();
    if scopes.is_empty() {
        draft.refuse("gateway", "tick at least one");
    }
    let (name, end, once) = (
        draft.parse("name"),
        end(&mut draft, now),
        draft.parse("once"),
    );
    if let (Some(name), Ok(expires_at), Some(once), false) = (name, end, once, scopes.is_empty()) {
        let new = NewToken {
            name,
            scopes,
            expires_at,
            once: Some(once),
        };
        match tokens::add(&desk.acting, new).await {
            Ok(issued) => {
                let page = json!({"token": row(&issued.token, now), "secret": issued.secret});
                return desk.show("admin/token.html", page);
            }
            Err(AdministrationError::Conflict(Conflict::AlreadyShown)) => {
                return desk.show("admin/already_shown.html", json!({}));
            }
            Err(AdministrationError::PasswordNeeded) => return desk.password_first("/tokens/new"),
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, json!({"form": draft}))
}

/// Asks whether a token shall end.
pub(super) async fn confirm(desk: Desk, Named(id): Named<TokenId>) -> PageResult {
    let page = json!({
        "title": "Revoke the token?",
        "consequences": [
            "Whoever uses it is refused at once, and it cannot be taken back.",
            "A gateway that loses its token goes on with what it knows until that is too old.",
        ],
        "action": format!("/tokens/{id}/revoke"),
        "button": "Revoke token",
        "back": "/tokens",
        "keep": "Keep it",
    });
    desk.show("confirm.html", page)
}

/// Revokes a token.
pub(super) async fn revoke(desk: Desk, Named(id): Named<TokenId>, _: Form) -> PageResult {
    tokens::revoke(&desk.acting, id).await?;
    desk.done("/tokens", "The token is revoked.")
}

/// Reads when a token stops working, if it does.
fn end(draft: &mut Draft, now: Timestamp) -> Result<Option<Timestamp>, Refused> {
    let days: Option<u16> = draft.parse_filled("days").ok_or(Refused)?;
    Ok(days.map(|days| now.plus_ms(i64::from(days) * DAY_MS)))
}

fn row(token: &Token, now: Timestamp) -> Value {
    let status = match (token.revoked_at, token.is_live(now)) {
        (Some(_), _) => "revoked",
        (None, false) => "expired",
        (None, true) => "active",
    };
    json!({
        "id": token.id,
        "name": token.name,
        "scopes": token.scopes,
        "status": status,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    })
}
