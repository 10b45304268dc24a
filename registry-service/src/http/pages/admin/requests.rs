//! Registrations: who asks for access to what, and what is decided.

use serde_json::{Value, json};

use crate::administration::registrations::{self, Decision};
use crate::domain::id::RegistrationId;
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::Prose;
use crate::http::pages::admin::desk::{Desk, narrowed};
use crate::http::pages::{Browse, Form, PageResult};
use crate::storage::registration::Overview;

/// What a button of the queue says, and what it decides.
const DECISIONS: [(&str, RegistrationStatus, &str); 3] = [
    ("approve", RegistrationStatus::Approved, "approved"),
    ("reject", RegistrationStatus::Rejected, "rejected"),
    ("revoke", RegistrationStatus::Revoked, "revoked"),
];

/// How registrations stand that are shown unless asked otherwise.
const FIRST: &str = "pending";

/// Lists registrations; those that wait first.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let status = browse.filled("status").unwrap_or_else(|| FIRST.to_owned());
    let mut wanted = narrowed(&browse, "application_name");
    if RegistrationStatus::NAMES.contains(&status.as_str()) {
        wanted = wanted.equal("status", &status);
    }
    let list = registrations::list(&desk.acting, &wanted).await?;
    let page = json!({
        "q": browse.text("q"),
        "status": status,
        "requests": list.items.iter().map(row).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/requests.html", page)
}

/// Decides about the registrations that are ticked.
pub(super) async fn decide(desk: Desk, browse: Browse, form: Form) -> PageResult {
    let status = browse.filled("status").unwrap_or_else(|| FIRST.to_owned());
    let back = format!("/requests?status={status}");
    let chosen: Result<Vec<RegistrationId>, _> = form.all("id").map(str::parse).collect();
    let decision = DECISIONS
        .iter()
        .find(|(name, ..)| *name == form.text("decision"));
    let (Ok(chosen), Some((_, status, word))) = (chosen, decision) else {
        return desk.undone(&back, "Nothing was decided: the form was incomplete.");
    };
    if chosen.is_empty() {
        return desk.undone(&back, "Tick the requests to decide about first.");
    }
    let Ok(reason) = Prose::<1024>::parse(form.text("reason").trim()) else {
        return desk.undone(&back, "Nothing was decided: the reason is too long.");
    };
    let decision = Decision {
        status: *status,
        reason: Some(reason).filter(|reason| !reason.as_str().is_empty()),
    };
    let outcomes = registrations::decide_all(&desk.acting, &chosen, &decision).await?;
    let done = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.is_ok())
        .count();
    let text = format!("{} {word}", counted(done));
    match outcomes.len() - done {
        0 => desk.done(&back, format!("{text}.")),
        left => {
            let text = format!("{text}; {left} had changed meanwhile and stayed as they are.");
            desk.undone(&back, text)
        }
    }
}

fn counted(number: usize) -> String {
    match number {
        1 => "1 request".to_owned(),
        number => format!("{number} requests"),
    }
}

/// Returns what pages show of a registration.
pub(super) fn row(overview: &Overview) -> Value {
    let registration = &overview.registration;
    let developer = overview.developer.as_ref();
    json!({
        "id": registration.id,
        "status": registration.status,
        "application_id": registration.application,
        "application": overview.application_name,
        "developer_id": developer.map(|(id, _)| id),
        "developer": developer.map(|(_, email)| email),
        "product": overview.product_name,
        "version": overview.version_name,
        "version_path": format!("/products/{}/versions/{}", overview.product, registration.product_version),
        "message": registration.message,
        "reason": registration.reason,
        "created_at": registration.created_at,
        "updated_at": registration.updated_at,
    })
}
