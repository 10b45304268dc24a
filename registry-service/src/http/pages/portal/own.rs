//! One of the developer's applications: its registrations and its credentials.

use serde::Serialize;

use crate::domain::application::RedirectUri;
use crate::domain::id::ApplicationId;
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::domain::wish::Wish;
use crate::http::pages::portal::applications::note;
use crate::http::pages::portal::credentials::{self, Key};
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::live::Live;
use crate::http::pages::portal::registrations::{self, Registered};
use crate::http::pages::portal::usage::{self, Usage};
use crate::http::pages::portal::welcome::done;
use crate::http::pages::visit::Confirmation;
use crate::http::pages::{Browse, Draft, Form, PageResult};
use crate::http::path::Named;
use crate::self_service::application::{self, ApplicationChanges, OwnApplication};

const EDIT: &str = "portal/edit_application.html";
const FIELDS: [&str; 4] = ["name", "reference_id", "description", "redirect_uri"];

#[derive(Serialize)]
struct Page {
    application: Shown,
    registrations: Vec<Registered>,
    credentials: Vec<Key>,
    takes_more_keys: bool,
    live: Option<Live>,
    usage: Usage,
}

#[derive(Serialize)]
struct Shown {
    id: ApplicationId,
    name: String,
    description: Option<String>,
    reference_id: Option<String>,
    redirect_uri: Option<String>,
    strategy: Option<String>,
    is_suspended: bool,
    created_at: Timestamp,
}

#[derive(Serialize)]
struct Edit {
    id: ApplicationId,
    name: String,
    form: Draft,
}

/// Shows an application.
pub(super) async fn show(
    member: Member,
    Named(id): Named<ApplicationId>,
    query: Browse,
) -> PageResult {
    let revision = query.text("revision").parse().ok();
    let own = application::lookup(&member.visit.registry, member.signed_in, id).await?;
    let (keys, takes_more_keys) = credentials::of(&member, id).await?;
    let page = Page {
        application: shown(own),
        registrations: registrations::of(&member, id).await?,
        credentials: keys,
        takes_more_keys,
        usage: usage::of(&member, id).await?,
        live: revision.map(|revision| Live::of(&member.visit.registry, revision)),
    };
    member.visit.show("portal/application.html", page)
}

/// Shows what can be changed.
pub(super) async fn show_edit(member: Member, Named(id): Named<ApplicationId>) -> PageResult {
    let own = application::lookup(&member.visit.registry, member.signed_in, id).await?;
    let shown = shown(own);
    let form = Draft::blank(&FIELDS)
        .with("name", &shown.name)
        .with("reference_id", shown.reference_id.unwrap_or_default())
        .with("description", shown.description.unwrap_or_default())
        .with("redirect_uri", shown.redirect_uri.unwrap_or_default());
    let name = shown.name;
    member.visit.show(EDIT, Edit { id, name, form })
}

/// Changes an application.
pub(super) async fn send_edit(
    member: Member,
    Named(id): Named<ApplicationId>,
    form: Form,
) -> PageResult {
    let visit = &member.visit;
    let own = application::lookup(&visit.registry, member.signed_in, id).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    if let Some(changes) = read(&mut draft) {
        match application::change(&visit.registry, member.signed_in, (id, changes)).await {
            Ok(_) => return Ok(done(visit, &format!("/applications/{id}"), "Changed.")),
            Err(error) => note(&mut draft, error)?,
        }
    }
    let page = Edit {
        id,
        name: own.application.name.to_string(),
        form: draft,
    };
    visit.refuse(EDIT, page)
}

/// Asks before an application is removed.
pub(super) async fn ask_delete(member: Member, Named(id): Named<ApplicationId>) -> PageResult {
    let own = application::lookup(&member.visit.registry, member.signed_in, id).await?;
    let name = own.application.name;
    member.visit.confirm(Confirmation {
        title: format!("Delete {name}?"),
        consequences: vec![
            "Its registrations end, and its keys stop working within a second.".to_owned(),
            "A deleted key never comes back.".to_owned(),
        ],
        action: format!("/applications/{id}/delete"),
        button: "Delete the application",
        keep: "Keep it",
        back: format!("/applications/{id}"),
    })
}

/// Removes an application.
pub(super) async fn delete(member: Member, Named(id): Named<ApplicationId>, _: Form) -> PageResult {
    let visit = &member.visit;
    application::remove(&visit.registry, member.signed_in, id).await?;
    let text = "The application is deleted, and its keys are worth nothing any more.";
    Ok(done(visit, "/applications", text))
}

fn read(draft: &mut Draft) -> Option<ApplicationChanges> {
    let name = draft.parse::<Line<255>>("name");
    let reference_id = draft.parse_filled::<Line<255>>("reference_id");
    let description = draft.parse_filled::<Prose<2048>>("description");
    let redirect_uri = draft.parse_filled::<RedirectUri>("redirect_uri");
    Some(ApplicationChanges {
        name: Some(name?),
        reference_id: reference_id?,
        description: wish(description?),
        redirect_uri: wish(redirect_uri?),
    })
}

/// A field that was emptied is a wish for nothing.
fn wish<T>(value: Option<T>) -> Wish<T> {
    value.map_or(Wish::Clear, Wish::Set)
}

fn shown(own: OwnApplication) -> Shown {
    let application = own.application;
    Shown {
        id: application.id,
        name: application.name.to_string(),
        description: application.description.map(|text| text.to_string()),
        reference_id: application.reference_id.map(|id| id.to_string()),
        redirect_uri: application.redirect_uri.map(|uri| uri.to_string()),
        strategy: own
            .auth_strategy
            .map(|strategy| strategy.display_name.to_string()),
        is_suspended: application.suspended_at.is_some(),
        created_at: application.created_at,
    }
}
