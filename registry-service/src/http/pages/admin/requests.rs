//! Registrations: who asks for access to what, and what is decided.

use serde_json::{Value, json};

use crate::administration::registrations::{self, Decision};
use crate::domain::id::RegistrationId;
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::Prose;
use crate::http::pages::admin::desk::{Desk, narrowed};
use crate::http::pages::{Browse, Draft, Form, PageError, PageResult};
use crate::http::problem::Problem;
use crate::storage::registration::Overview;

/// What a button of the queue says, and what it decides.
const DECISIONS: [(&str, RegistrationStatus, &str); 3] = [
    ("approve", RegistrationStatus::Approved, "approved"),
    ("reject", RegistrationStatus::Rejected, "rejected"),
    ("revoke", RegistrationStatus::Revoked, "revoked"),
];

/// How registrations stand that are shown unless asked otherwise.
const FIRST: &str = "pending";

const TEMPLATE: &str = "admin/requests.html";

const FIELDS: [&str; 2] = ["id", "reason"];

/// Lists registrations; those that wait first.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let page = page(&desk, &browse, Draft::blank(&FIELDS)).await?;
    desk.show(TEMPLATE, page)
}

/// Decides about the registrations that are ticked.
pub(super) async fn decide(desk: Desk, browse: Browse, form: Form) -> PageResult {
    let mut decided = DECISIONS.iter();
    let (_, status, word) = decided
        .find(|(name, ..)| *name == form.text("decision"))
        .ok_or_else(|| Problem::invalid_field("decision", "enum", "is none of the buttons"))?;
    let ticked: Vec<&str> = form.all("id").collect();
    let mut draft = Draft::of(&form, &FIELDS).with("id", ticked.join(" "));
    let Some((chosen, reason)) = read(&mut draft) else {
        return desk.refuse(TEMPLATE, page(&desk, &browse, draft).await?);
    };
    let decision = Decision {
        status: *status,
        reason,
    };
    let outcomes = registrations::decide_all(&desk.acting, &chosen, &decision).await?;
    let done = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.is_ok())
        .count();
    let back = format!("/requests?status={}", asked(&browse));
    let text = format!("{} {word}", counted(done));
    match outcomes.len() - done {
        0 => desk.done(&back, format!("{text}.")),
        left => {
            let text = format!("{text}; {left} had changed meanwhile and stayed as they are.");
            desk.undone(&back, text)
        }
    }
}

/// Reads which registrations are decided about and why, or notes what is wrong.
fn read(draft: &mut Draft) -> Option<(Vec<RegistrationId>, Option<Prose<1024>>)> {
    let ticked = draft.text("id").split(' ');
    let chosen: Vec<RegistrationId> = ticked.map_while(|id| id.parse().ok()).collect();
    if chosen.is_empty() {
        draft.refuse("id", "tick the requests to decide about first");
    }
    let reason = draft.parse_filled("reason")?;
    (!chosen.is_empty()).then_some((chosen, reason))
}

async fn page(desk: &Desk, browse: &Browse, draft: Draft) -> Result<Value, PageError> {
    let status = asked(browse);
    let mut wanted = narrowed(browse, "application_name");
    if RegistrationStatus::NAMES.contains(&status.as_str()) {
        wanted = wanted.equal("status", &status);
    }
    let list = registrations::list(&desk.acting, &wanted).await?;
    Ok(json!({
        "q": browse.text("q"),
        "status": status,
        "form": draft,
        "requests": list.items.iter().map(row).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    }))
}

fn asked(browse: &Browse) -> String {
    browse.filled("status").unwrap_or_else(|| FIRST.to_owned())
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
