//! Why a request was refused: from what somebody has to what gateways decide, and why.

use serde_json::{Value, json};

use crate::administration::refusals::search::{self, Found, Sought};
use crate::administration::refusals::{self, Explanation};
use crate::administration::services;
use crate::domain::application::Application;
use crate::domain::credential::Credential;
use crate::domain::id::{CredentialId, ServiceId};
use crate::domain::refusal::{Findings, Obstacle, Standing, Verdict};
use crate::domain::service::Service;
use crate::domain::text::Line;
use crate::http::pages::admin::applications::key;
use crate::http::pages::admin::desk::{Desk, choices, found};
use crate::http::pages::{Browse, Draft, Form, PageError, PageResult};
use crate::refusals::Refusal;
use crate::storage::usage::Refused;

const TEMPLATE: &str = "admin/refusals.html";

const FIELDS: [&str; 2] = ["sought", "service"];

/// What a look-up came to.
#[derive(Default)]
struct Outcome {
    found: Option<Found>,
    explanation: Option<Explanation>,
}

/// Shows the look-up, and what a link asks about.
pub(super) async fn show(desk: Desk, browse: Browse) -> PageResult {
    let draft = Draft::blank(&FIELDS).with("service", browse.text("service"));
    let ids = browse
        .text("credential")
        .parse()
        .ok()
        .zip(browse.text("service").parse().ok());
    let outcome = Outcome {
        found: None,
        explanation: explained(&desk, ids).await?,
    };
    desk.show(TEMPLATE, page(&desk, draft, outcome).await?)
}

/// Looks something up. It is sent as a form, since what is looked up may be a key, and addresses end
/// up in logs.
pub(super) async fn look_up(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &["service"]).with("sought", "");
    let prefix = &desk.visit.settings().key_prefix;
    let Some(sought) = Sought::parse(form.text("sought"), prefix) else {
        draft.refuse("sought", "must not be empty");
        let page = page(&desk, draft, Outcome::default()).await?;
        return desk.refuse(TEMPLATE, page);
    };
    if sought.may_be_shown() {
        draft = draft.with("sought", form.text("sought").trim());
    }
    let found = search::find(&desk.acting, sought).await?;
    let only = match &found {
        Found::Credentials(pairs) if pairs.len() == 1 => pairs.first().map(|(key, _)| key.id),
        _ => None,
    };
    let ids = only.zip(draft.text("service").parse().ok());
    let outcome = Outcome {
        explanation: explained(&desk, ids).await?,
        found: Some(found),
    };
    desk.show(TEMPLATE, page(&desk, draft, outcome).await?)
}

async fn explained(
    desk: &Desk,
    ids: Option<(CredentialId, ServiceId)>,
) -> Result<Option<Explanation>, PageError> {
    match ids {
        Some(ids) => Ok(found(refusals::explain(&desk.acting, ids).await)?),
        None => Ok(None),
    }
}

async fn page(desk: &Desk, draft: Draft, outcome: Outcome) -> Result<Value, PageError> {
    let services = services::list(&desk.acting, &choices()).await?.items;
    let any = (String::new(), "Every service".to_owned());
    let choice = |service: &Service| (service.id.to_string(), service.name.to_string());
    let choices: Vec<_> = std::iter::once(any)
        .chain(services.iter().map(choice))
        .collect();
    let lately = refusals::lately(&desk.acting).await?;
    let now = desk.acting.registry.clock.now();
    let row = |(credential, owner): &(Credential, Application)| json!({"key": key(credential, now), "application": name(owner)});
    let keys = match &outcome.found {
        Some(Found::Credentials(pairs)) => pairs.iter().map(row).collect(),
        _ => Vec::new(),
    };
    Ok(json!({
        "form": draft,
        "services": choices,
        "keys": keys,
        "found": outcome.found.as_ref().map(told),
        "explanation": outcome.explanation.as_ref().map(shown),
        "lately": lately.keys.iter().map(refused).collect::<Vec<_>>(),
        "gateways": lately.gateways.iter().map(turned_away).collect::<Vec<_>>(),
    }))
}

/// Says what was found that is no credential.
fn told(found: &Found) -> Value {
    match found {
        Found::Credentials(_) => json!({"kind": "credentials"}),
        Found::NoCredential(owner) => json!({"kind": "no-credential", "application": name(owner)}),
        Found::Withdrawn { at } => json!({"kind": "withdrawn", "at": at}),
        Found::Garbled => json!({"kind": "garbled"}),
        Found::UnknownKey => json!({"kind": "unknown-key"}),
        Found::Request {
            id,
            refusal,
            writes,
        } => json!({
            "kind": "request",
            "id": id,
            "refusal": refusal.as_ref().map(turned_away),
            "writes": writes,
        }),
        Found::Nothing => json!({"kind": "nothing"}),
    }
}

fn shown(explanation: &Explanation) -> Value {
    let Explanation {
        credential,
        service,
        standing,
        findings,
        anonymous,
        verdict,
        answered,
    } = explanation;
    let questions = [
        ("Is the key valid?", &findings.key),
        ("May its application call at all?", &findings.application),
        ("Is it approved for this API?", &findings.approval),
        ("Do its groups pass the acl?", &findings.groups),
    ];
    let answer = |(question, obstacle): (&str, &Option<Obstacle>)| json!({"question": question, "obstacle": obstacle.as_ref().map(said)});
    let counts = answered.iter().map(|one| (one.status, one.requests));
    json!({
        "credential": {"id": credential.id, "name": credential.display_name, "hint": hint(credential)},
        "application": name(&standing.application),
        "service": {"id": service.id, "name": service.name},
        "answers": questions.map(answer),
        "verdict": verdict_of(*verdict),
        "anonymous": anonymous.as_ref().map(stand_in),
        "places": places(service),
        "answered": counts.collect::<Vec<_>>(),
    })
}

/// Says who counts where there is no valid key, and what is in their way.
fn stand_in((standing, findings): &(Standing, Findings)) -> Value {
    let obstacles = [&findings.application, &findings.approval, &findings.groups];
    let first = obstacles.into_iter().find_map(Option::as_ref);
    json!({"application": name(&standing.application), "obstacle": first.map(said)})
}

/// Returns a verdict's status, if it is a refusal, and the verdict in words.
fn verdict_of(verdict: Verdict) -> Value {
    let (status, text) = match verdict {
        Verdict::Public => (
            None,
            "Admitted: the service is public, no key is looked for.",
        ),
        Verdict::Admitted => (
            None,
            "Admitted, as long as the key is sent where the service looks.",
        ),
        Verdict::Anonymous => (
            None,
            "Admitted as the anonymous application: the key itself counts as none.",
        ),
        Verdict::Unauthorized => (Some(401), "Refused with 401: the key counts as none."),
        Verdict::Forbidden => (
            Some(403),
            "Refused with 403: the key is known, and may not.",
        ),
    };
    json!({"status": status, "text": text})
}

/// Says what stands in the way, and since when.
fn said(obstacle: &Obstacle) -> Value {
    let (text, at) = match obstacle {
        Obstacle::KeySuspended { at } => ("The key is suspended, since".to_owned(), Some(at)),
        Obstacle::KeyExpired { at } => ("The key has expired, on".to_owned(), Some(at)),
        Obstacle::ApplicationSuspended { at } => {
            ("The application is suspended, since".to_owned(), Some(at))
        }
        Obstacle::DeveloperNotApproved { status } => (
            format!("Its developer is {status}, and keys of such developers do not go on."),
            None,
        ),
        Obstacle::Closed => (
            "The version has no auth strategy, so nobody is admitted.".to_owned(),
            None,
        ),
        Obstacle::NotRegistered => ("It never registered for it.".to_owned(), None),
        Obstacle::NotApproved { status, reason } => {
            let reason = reason.as_ref().map(|text| format!(": “{text}”"));
            let reason = reason.unwrap_or_default();
            (format!("Its registration is {status}{reason}."), None)
        }
        Obstacle::InNoAllowedGroup { allowed } if allowed.is_empty() => (
            "The acl allows no group, so it admits nobody.".to_owned(),
            None,
        ),
        Obstacle::InNoAllowedGroup { allowed } => (
            format!("It is in none of the allowed groups: {}.", listed(allowed)),
            None,
        ),
        Obstacle::InDeniedGroup { group } => (format!("It is in the denied group {group}."), None),
    };
    json!({"text": text, "at": at})
}

fn listed(names: &[Line<128>]) -> String {
    let names: Vec<&str> = names.iter().map(Line::as_str).collect();
    names.join(", ")
}

/// Says where a service looks for keys.
fn places(service: &Service) -> Vec<&'static str> {
    let settings = &service.key_auth;
    let places = [
        (settings.key_in_header, "header"),
        (settings.key_in_query, "query"),
        (settings.key_in_body, "body"),
    ];
    let on = places.into_iter().filter(|(is_on, _)| *is_on);
    on.map(|(_, place)| place).collect()
}

fn refused(refused: &Refused) -> Value {
    json!({
        "credential": refused.credential,
        "name": refused.display_name,
        "application": {"id": refused.application, "name": refused.application_name},
        "service": {"id": refused.service, "name": refused.service_name},
        "status": refused.status,
        "requests": refused.requests,
        "last_at": refused.last_at,
    })
}

fn turned_away(refusal: &Refusal) -> Value {
    json!({
        "request_id": refusal.request_id,
        "at": refusal.at,
        "method": refusal.method,
        "path": refusal.path,
        "status": refusal.status,
        "detail": refusal.detail,
        "source": refusal.source,
    })
}

fn name(application: &Application) -> Value {
    json!({"id": application.id, "name": application.name})
}

fn hint(credential: &Credential) -> Option<String> {
    let hint = &credential.hint;
    (!hint.last_four.is_empty()).then(|| format!("{}…{}", hint.prefix, hint.last_four))
}
