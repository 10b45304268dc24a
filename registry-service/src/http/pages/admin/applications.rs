//! Applications: their groups, registrations and keys, and whether they may.

use serde_json::{Value, json};

use crate::administration::applications::{
    self, ApplicationChanges, ApplicationView, NewApplication,
};
use crate::administration::credentials::{self, CredentialChanges};
use crate::administration::{developers, registrations};
use crate::domain::credential::Credential;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::pages::admin::acl::groups;
use crate::http::pages::admin::desk::{Desk, choices, found, narrowed, noted};
use crate::http::pages::admin::requests;
use crate::http::pages::{Browse, Draft, Form, PageError, PageResult};
use crate::http::path::Named;

const FORM: &str = "admin/application_form.html";

const TEMPLATE: &str = "admin/application.html";

const FIELDS: [&str; 3] = ["name", "reference_id", "groups"];

const GROUPS: [&str; 1] = ["groups"];

/// Lists the applications.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let list = applications::list(&desk.acting, &narrowed(&browse, "name")).await?;
    let page = json!({
        "q": browse.text("q"),
        "applications": list.items.iter().map(row).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/applications.html", page)
}

/// Asks for an application of nobody's, such as an anonymous one.
pub(super) async fn blank(desk: Desk) -> PageResult {
    desk.show(FORM, json!({"form": Draft::blank(&FIELDS)}))
}

/// Adds an application of nobody's.
pub(super) async fn add(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    let name = draft.parse("name");
    let reference_id = draft.parse_filled("reference_id");
    let groups = groups(&mut draft, "groups");
    if let (Some(name), Some(reference_id), Some(groups)) = (name, reference_id, groups) {
        let new = NewApplication {
            name,
            description: None,
            redirect_uri: None,
            reference_id,
            developer_id: None,
            auth_strategy_id: None,
            groups,
        };
        match applications::add(&desk.acting, new).await {
            Ok(view) => {
                let path = format!("/applications/{}", view.application.id);
                return desk.done(&path, "The application is created.");
            }
            Err(error) => noted(&mut draft, error, "reference_id")?,
        }
    }
    desk.refuse(FORM, json!({"form": draft}))
}

/// Shows an application.
pub(super) async fn show(desk: Desk, Named(id): Named<ApplicationId>) -> PageResult {
    let view = applications::lookup(&desk.acting, id).await?;
    let names: Vec<&str> = view.groups.iter().map(Line::as_str).collect();
    let draft = Draft::blank(&GROUPS).with("groups", names.join("\n"));
    desk.show(TEMPLATE, page(&desk, &view, draft).await?)
}

/// Replaces an application's groups.
pub(super) async fn set_groups(
    desk: Desk,
    Named(id): Named<ApplicationId>,
    form: Form,
) -> PageResult {
    let view = applications::lookup(&desk.acting, id).await?;
    let mut draft = Draft::of(&form, &GROUPS);
    if let Some(groups) = groups(&mut draft, "groups") {
        match applications::set_groups(&desk.acting, id, &groups).await {
            Ok(_) => return desk.done(&format!("/applications/{id}"), "The groups are saved."),
            Err(error) => noted(&mut draft, error, "groups")?,
        }
    }
    desk.refuse(TEMPLATE, page(&desk, &view, draft).await?)
}

/// Refuses an application's keys for now, or lets them go on.
pub(super) async fn suspend(desk: Desk, Named(id): Named<ApplicationId>, form: Form) -> PageResult {
    let suspended = form.text("suspended") == "yes";
    let changes = ApplicationChanges {
        suspended: Some(suspended),
        ..ApplicationChanges::default()
    };
    applications::change(&desk.acting, id, changes).await?;
    let text = if suspended {
        "The application is suspended: its keys answer 403."
    } else {
        "The application may go on."
    };
    desk.done(&format!("/applications/{id}"), text)
}

/// Refuses a key for now, or lets it go on.
pub(super) async fn suspend_key(
    desk: Desk,
    Named((application, id)): Named<(ApplicationId, CredentialId)>,
    form: Form,
) -> PageResult {
    let suspended = form.text("suspended") == "yes";
    let changes = CredentialChanges {
        suspended: Some(suspended),
        ..CredentialChanges::default()
    };
    credentials::change(&desk.acting, (application, id), changes).await?;
    let text = if suspended {
        "The key is suspended: it answers 401."
    } else {
        "The key may go on."
    };
    desk.done(&format!("/applications/{application}"), text)
}

/// Asks whether a credential shall go.
pub(super) async fn confirm_key(
    desk: Desk,
    Named((application, id)): Named<(ApplicationId, CredentialId)>,
) -> PageResult {
    let path = format!("/applications/{application}");
    let page = json!({
        "title": "Delete the credential?",
        "consequences": ["Its key is refused within a second, and can never come back."],
        "action": format!("{path}/credentials/{id}/delete"),
        "button": "Delete credential",
        "back": path,
        "keep": "Keep it",
    });
    desk.show("confirm.html", page)
}

/// Withdraws a credential.
pub(super) async fn remove_key(
    desk: Desk,
    Named((application, id)): Named<(ApplicationId, CredentialId)>,
    _: Form,
) -> PageResult {
    credentials::remove(&desk.acting, application, id).await?;
    desk.done(
        &format!("/applications/{application}"),
        "The credential is deleted.",
    )
}

/// Asks whether an application shall go.
pub(super) async fn confirm(desk: Desk, Named(id): Named<ApplicationId>) -> PageResult {
    let view = applications::lookup(&desk.acting, id).await?;
    let page = json!({
        "title": format!("Delete {}?", view.application.name),
        "consequences": [
            "Its registrations and credentials go too, and its keys are refused for good.",
            "To stop it for a while, suspend it instead.",
        ],
        "action": format!("/applications/{id}/delete"),
        "button": "Delete application",
        "back": format!("/applications/{id}"),
        "keep": "Keep it",
    });
    desk.show("confirm.html", page)
}

/// Removes an application.
pub(super) async fn remove(desk: Desk, Named(id): Named<ApplicationId>, _: Form) -> PageResult {
    applications::remove(&desk.acting, id).await?;
    desk.done("/applications", "The application is deleted.")
}

async fn page(desk: &Desk, view: &ApplicationView, draft: Draft) -> Result<Value, PageError> {
    let id = view.application.id;
    let developer = match view.application.developer {
        Some(id) => found(developers::lookup(&desk.acting, id).await)?,
        None => None,
    };
    let wanted = choices();
    let registrations =
        registrations::list_of_application(&desk.acting, id, wanted.clone()).await?;
    let credentials = credentials::list(&desk.acting, id, &wanted).await?;
    let now = desk.acting.registry.clock.now();
    let keys = credentials.items.iter().map(|one| key(one, now));
    Ok(json!({
        "application": row(view),
        "description": view.application.description,
        "developer": developer.map(|one| json!({"id": one.id, "name": one.full_name, "email": one.email})),
        "registrations": registrations.items.iter().map(requests::row).collect::<Vec<_>>(),
        "credentials": keys.collect::<Vec<_>>(),
        "form": draft,
    }))
}

fn row(view: &ApplicationView) -> Value {
    let application = &view.application;
    json!({
        "id": application.id,
        "name": application.name,
        "reference_id": application.reference_id,
        "developer_id": application.developer,
        "groups": view.groups,
        "registration_count": view.registration_count,
        "status": if application.suspended_at.is_some() { "suspended" } else { "active" },
        "created_at": application.created_at,
    })
}

/// Returns what pages show of a credential.
pub(super) fn key(credential: &Credential, now: Timestamp) -> Value {
    let is_over = credential.expires_at.is_some_and(|end| end <= now);
    let status = match (credential.suspended_at, is_over) {
        (Some(_), _) => "suspended",
        (None, true) => "expired",
        (None, false) => "active",
    };
    json!({
        "id": credential.id,
        "name": credential.display_name,
        "prefix": credential.hint.prefix,
        "last_four": credential.hint.last_four,
        "status": status,
        "created_at": credential.created_at,
        "expires_at": credential.expires_at,
    })
}
