//! Developers: who they are, whether they may, and what they own.

use keystile_protocol::id::ApplicationId;
use serde_json::{Value, json};

use crate::administration::applications;
use crate::administration::developers::{self, NewDeveloper};
use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::id::DeveloperId;
use crate::http::pages::admin::desk::{Desk, choices, narrowed, noted};
use crate::http::pages::{Browse, Draft, Form, PageResult};
use crate::http::path::Named;

const FORM: &str = "admin/developer_form.html";

const FIELDS: [&str; 2] = ["full_name", "email"];

/// Lists the developers.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let mut wanted = narrowed(&browse, "email");
    let status = browse.text("status");
    if DeveloperStatus::NAMES.contains(&status) {
        wanted = wanted.equal("status", status);
    }
    let list = developers::list(&desk.acting, &wanted).await?;
    let page = json!({
        "q": browse.text("q"),
        "status": status,
        "statuses": DeveloperStatus::NAMES,
        "developers": list.items.iter().map(row).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/developers.html", page)
}

/// Asks for a new developer.
pub(super) async fn blank(desk: Desk) -> PageResult {
    desk.show(FORM, json!({"form": Draft::blank(&FIELDS)}))
}

/// Adds a developer, approved; a link leads them to a password.
pub(super) async fn add(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    let (full_name, email) = (draft.parse("full_name"), draft.parse("email"));
    if let (Some(full_name), Some(email)) = (full_name, email) {
        let new = NewDeveloper {
            email,
            full_name,
            status: DeveloperStatus::Approved,
        };
        match developers::add(&desk.acting, new).await {
            Ok(developer) => {
                let text = match desk.visit.settings().mail {
                    Some(_) => {
                        "The developer is invited: a link that sets their password is mailed."
                    }
                    None => {
                        "The developer is invited. The link that sets their password waits in the \
                         outbox."
                    }
                };
                return desk.done(&format!("/developers/{}", developer.id), text);
            }
            Err(error) => noted(&mut draft, error, "email")?,
        }
    }
    desk.refuse(FORM, json!({"form": draft}))
}

/// Shows a developer and their applications.
pub(super) async fn show(desk: Desk, Named(id): Named<DeveloperId>) -> PageResult {
    let developer = developers::lookup(&desk.acting, id).await?;
    let wanted = choices().equal("developer_id", id);
    let list = applications::list(&desk.acting, &wanted).await?;
    let application = |view: &applications::ApplicationView| -> (ApplicationId, String) {
        (view.application.id, view.application.name.to_string())
    };
    let page = json!({
        "developer": row(&developer),
        "applications": list.items.iter().map(application).collect::<Vec<_>>(),
        "decisions": decisions(&developer),
    });
    desk.show("admin/developer.html", page)
}

/// Approves, rejects or revokes a developer.
pub(super) async fn decide(desk: Desk, Named(id): Named<DeveloperId>, form: Form) -> PageResult {
    let back = format!("/developers/{id}");
    let Ok(status) = form.text("status").parse() else {
        return desk.undone(&back, "Nothing was decided: the form was incomplete.");
    };
    let developer = developers::decide(&desk.acting, id, status).await?;
    let text = match developer.status {
        DeveloperStatus::Approved => "The developer is approved and may log in.",
        DeveloperStatus::Rejected => "The developer is rejected. Their address stays taken.",
        DeveloperStatus::Revoked => {
            "The developer is revoked: logged out, and their keys are refused."
        }
        DeveloperStatus::Pending | DeveloperStatus::Unverified => "The developer is changed.",
    };
    desk.done(&back, text)
}

/// Asks whether a developer shall go.
pub(super) async fn confirm(desk: Desk, Named(id): Named<DeveloperId>) -> PageResult {
    let developer = developers::lookup(&desk.acting, id).await?;
    let page = json!({
        "title": format!("Delete {}?", developer.full_name),
        "consequences": [
            "Their applications, registrations and credentials go too, and their keys are refused.",
            "To stop them for a while, revoke them instead.",
        ],
        "action": format!("/developers/{id}/delete"),
        "button": "Delete developer",
        "back": format!("/developers/{id}"),
        "keep": "Keep them",
    });
    desk.show("confirm.html", page)
}

/// Removes a developer.
pub(super) async fn remove(desk: Desk, Named(id): Named<DeveloperId>, _: Form) -> PageResult {
    developers::remove(&desk.acting, id).await?;
    desk.done("/developers", "The developer is deleted.")
}

/// Returns what can be decided about a developer: the domain says which decisions follow.
fn decisions(developer: &Developer) -> Vec<(&'static str, &'static str)> {
    let choices = [
        (DeveloperStatus::Approved, "Approve"),
        (DeveloperStatus::Rejected, "Reject"),
        (DeveloperStatus::Revoked, "Revoke"),
    ];
    let follows = |(status, _): &(DeveloperStatus, &str)| {
        *status != developer.status
            && developer
                .clone()
                .decide(*status, developer.updated_at)
                .is_ok()
    };
    let follow = choices.into_iter().filter(follows);
    follow.map(|(status, word)| (status.name(), word)).collect()
}

fn row(developer: &Developer) -> Value {
    json!({
        "id": developer.id,
        "full_name": developer.full_name,
        "email": developer.email,
        "status": developer.status,
        "created_at": developer.created_at,
    })
}
