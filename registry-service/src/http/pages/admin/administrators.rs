//! Administrators, as owners look after them.

use serde_json::{Value, json};

use crate::administration::administrators::{self, Invited, NewAdministrator};
use crate::administration::{AdministrationError, Conflict};
use crate::domain::access::Role;
use crate::domain::id::AdminId;
use crate::http::pages::admin::desk::{Desk, narrowed, noted};
use crate::http::pages::{Browse, Draft, Form, PageResult};
use crate::http::path::Named;
use crate::storage::people::AdminAccount;

const FORM: &str = "admin/administrator_form.html";

const HERE: &str = "/administrators";

const FIELDS: [&str; 2] = ["email", "role"];

/// Lists the administrators.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let list = administrators::list(&desk.acting, &narrowed(&browse, "email")).await?;
    let page = json!({
        "administrators": list.items.iter().map(|one| row(one, &desk)).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/administrators.html", page)
}

/// Asks for a new administrator.
pub(super) async fn blank(desk: Desk) -> PageResult {
    let draft = Draft::blank(&FIELDS).with("role", Role::Operator);
    desk.show(FORM, json!({"form": draft}))
}

/// Adds an administrator and shows the link that lets them in, for the only time.
pub(super) async fn add(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    let (email, role) = (draft.parse("email"), draft.parse("role"));
    if let (Some(email), Some(role)) = (email, role) {
        let new = NewAdministrator { email, role };
        match administrators::add(&desk.acting, new).await {
            Ok(invited) => return show_link(&desk, &invited),
            Err(AdministrationError::PasswordNeeded) => {
                return desk.password_first(&format!("{HERE}/new"));
            }
            Err(error) => noted(&mut draft, error, "email")?,
        }
    }
    desk.refuse(FORM, json!({"form": draft}))
}

/// Shows another link, to whoever lost the first one or the password.
pub(super) async fn invite(desk: Desk, Named(id): Named<AdminId>, _: Form) -> PageResult {
    match administrators::invite_again(&desk.acting, id).await {
        Ok(invited) => show_link(&desk, &invited),
        Err(AdministrationError::PasswordNeeded) => desk.password_first(HERE),
        Err(error) => Err(error.into()),
    }
}

/// Asks whether an administrator shall go.
pub(super) async fn confirm(desk: Desk, Named(id): Named<AdminId>) -> PageResult {
    let account = administrators::lookup(&desk.acting, id).await?;
    let page = json!({
        "title": format!("Remove {}?", account.admin.email),
        "consequences": ["They are logged out, and their access tokens stop working."],
        "action": format!("{HERE}/{id}/delete"),
        "button": "Remove administrator",
        "back": HERE,
        "keep": "Keep them",
    });
    desk.show("confirm.html", page)
}

/// Removes an administrator; the last owner stays.
pub(super) async fn remove(desk: Desk, Named(id): Named<AdminId>, _: Form) -> PageResult {
    match administrators::remove(&desk.acting, id).await {
        Ok(()) => desk.done(HERE, "The administrator is removed."),
        Err(AdministrationError::Conflict(conflict @ Conflict::LastOwner)) => {
            desk.undone(HERE, format!("Nothing was removed: {conflict}."))
        }
        Err(error) => Err(error.into()),
    }
}

fn show_link(desk: &Desk, invited: &Invited) -> PageResult {
    let page = json!({"email": invited.admin.email, "link": invited.link});
    desk.show("admin/administrator_link.html", page)
}

fn row(account: &AdminAccount, desk: &Desk) -> Value {
    json!({
        "id": account.admin.id,
        "email": account.admin.email,
        "role": account.admin.role,
        "is_me": desk.acting.by.id == Some(account.admin.id),
        "has_password": account.password.is_some(),
        "created_at": account.created_at,
    })
}
