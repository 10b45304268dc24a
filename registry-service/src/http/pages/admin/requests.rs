//! Registrations: who asks for access to what, and what is decided.

use serde_json::{Value, json};

use crate::administration::registrations::{self, Decision};
use crate::domain::id::{ApplicationId, RegistrationId};
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::Prose;
use crate::http::pages::admin::desk::{Desk, narrowed};
use crate::http::pages::{Browse, Form, PageError, PageResult};
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
    let chosen: Option<Vec<_>> = form.all("id").map(ids).collect();
    let decision = DECISIONS
        .iter()
        .find(|(name, ..)| *name == form.text("decision"));
    let (Some(chosen), Some((_, status, word))) = (chosen, decision) else {
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
    let (done, failed) = carry_out(&desk, chosen, &decision).await?;
    match failed {
        0 => desk.done(&back, format!("{} {word}.", counted(done))),
        _ => desk.undone(
            &back,
            format!(
                "{} {word}; {} had changed meanwhile and stayed as they are.",
                counted(done),
                failed
            ),
        ),
    }
}

async fn carry_out(
    desk: &Desk,
    chosen: Vec<(ApplicationId, RegistrationId)>,
    decision: &Decision,
) -> Result<(usize, usize), PageError> {
    let (mut done, mut failed) = (0, 0);
    for ids in chosen {
        match registrations::decide(&desk.acting, ids, decision.clone()).await {
            Ok(_) => done += 1,
            Err(error) => {
                let problem = crate::http::problem::Problem::from(error);
                if problem.status().is_server_error() || problem.status().as_u16() == 403 {
                    return Err(PageError::Problem(problem));
                }
                failed += 1;
            }
        }
    }
    Ok((done, failed))
}

fn counted(number: usize) -> String {
    match number {
        1 => "1 request".to_owned(),
        number => format!("{number} requests"),
    }
}

/// Reads the ids of an application and its registration, as the boxes of the queue name them.
fn ids(text: &str) -> Option<(ApplicationId, RegistrationId)> {
    let (application, registration) = text.split_once(':')?;
    Some((application.parse().ok()?, registration.parse().ok()?))
}

/// Returns what pages show of a registration.
pub(super) fn row(overview: &Overview) -> Value {
    let registration = &overview.registration;
    let developer = overview.developer.as_ref();
    json!({
        "ids": format!("{}:{}", registration.application, registration.id),
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
