//! My Apps, and a new one.

use serde::Serialize;

use crate::domain::application::RedirectUri;
use crate::domain::id::{ApplicationId, AuthStrategyId};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::http::pages::portal::credentials::{self, Owner};
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::welcome::done;
use crate::http::pages::{Browse, Draft, Flash, Form, PageError, PageResult, Pager};
use crate::self_service::application::{
    self, ApplicationError, MOST_APPLICATIONS, NewApplication, OwnApplication,
};
use crate::self_service::catalogue;
use crate::self_service::credential::Issued;
use crate::storage::Range;
use crate::storage::catalogue::strategy::Strategies;
use crate::storage::own::application::Wanted;
use crate::storage::portal;

const NEW: &str = "portal/new_application.html";
const FIELDS: [&str; 5] = [
    "name",
    "reference_id",
    "description",
    "redirect_uri",
    "auth_strategy_id",
];

#[derive(Serialize)]
struct Listed<'a> {
    search: &'a str,
    applications: Vec<Shown>,
    pager: Pager,
}

#[derive(Serialize)]
struct Shown {
    id: ApplicationId,
    name: String,
    description: Option<String>,
    reference_id: Option<String>,
    is_suspended: bool,
    created_at: Timestamp,
}

#[derive(Serialize)]
struct New {
    form: Draft,
    strategies: Vec<(String, String)>,
}

/// Lists the developer's applications.
pub(super) async fn list(member: Member, browse: Browse) -> PageResult {
    let wanted = Wanted {
        name_contains: browse.filled("q"),
        ..Wanted::default()
    };
    let registry = &member.visit.registry;
    let wanted = (wanted, browse.range());
    let list = application::list(registry, member.signed_in, wanted).await?;
    let page = Listed {
        search: browse.text("q"),
        pager: browse.pager(list.total),
        applications: list.items.into_iter().map(shown).collect(),
    };
    member.visit.show("portal/applications.html", page)
}

/// Shows the form of a new application.
pub(super) async fn show_new(member: Member) -> PageResult {
    let mut snapshot = member.visit.registry.storage.read().await?;
    let default = portal::lookup(&mut snapshot).await?.default_auth_strategy;
    drop(snapshot);
    let strategies = strategies(&member).await?;
    let default = default.map(|id| id.to_string());
    let chosen = default.or_else(|| strategies.first().map(|(id, _)| id.clone()));
    let form = Draft::blank(&FIELDS)
        .with("auth_strategy_id", chosen.unwrap_or_default())
        .with("once", member.visit.registry.random.uuid());
    member.visit.show(NEW, New { form, strategies })
}

/// Adds an application.
pub(super) async fn send_new(member: Member, form: Form) -> PageResult {
    let visit = &member.visit;
    let mut draft = Draft::of(&form, &FIELDS).with("once", form.text("once"));
    if let Some(new) = read(&mut draft)
        && let Some((own, issued)) = make(&member, new, (&mut draft, "/applications/new")).await?
    {
        let OwnApplication { application, .. } = own;
        if let Some(issued) = issued {
            let owner = Owner {
                id: application.id,
                name: application.name.to_string(),
            };
            return credentials::show_key(&member, owner, &issued).await;
        }
        let to = format!("/applications/{}", application.id);
        let text = format!("{} is ready to be registered.", application.name);
        return Ok(done(visit, &to, &text));
    }
    let strategies = strategies(&member).await?;
    let page = New {
        form: draft.with("once", visit.registry.random.uuid()),
        strategies,
    };
    visit.refuse(NEW, page)
}

/// Makes an application, and its first key if its strategy asks for one; `None` is a refusal that
/// the form says. The way around the password leads back to the form at `here`; what was typed is kept.
pub(super) async fn make(
    member: &Member,
    new: NewApplication,
    (draft, here): (&mut Draft, &str),
) -> Result<Option<(OwnApplication, Option<Issued>)>, PageError> {
    let registry = &member.visit.registry;
    let once = draft.text("once").parse().ok();
    match application::add_with_credential(registry, member.signed_in, (new, once)).await {
        Ok(made) => Ok(Some(made)),
        Err(ApplicationError::LoginTooOld) => {
            Err(PageError::elsewhere(member.visit.password_first(here)))
        }
        Err(ApplicationError::AlreadyMade) => {
            let flash = Flash::notice("That form was sent before: its application is among these.");
            let answer = member.visit.go_with("/applications", &flash);
            Err(PageError::elsewhere(answer))
        }
        Err(error) => {
            note(draft, error)?;
            Ok(None)
        }
    }
}

/// Notes a refusal at its field, or gives it back.
pub(super) fn note(draft: &mut Draft, error: ApplicationError) -> Result<(), PageError> {
    let Some(field) = error.field() else {
        return Err(error.into());
    };
    draft.refuse(field, error);
    Ok(())
}

fn read(draft: &mut Draft) -> Option<NewApplication> {
    let name = draft.parse::<Line<255>>("name");
    let reference_id = draft.parse_filled::<Line<255>>("reference_id");
    let description = draft.parse_filled::<Prose<2048>>("description");
    let redirect_uri = draft.parse_filled::<RedirectUri>("redirect_uri");
    let auth_strategy = draft.parse_filled::<AuthStrategyId>("auth_strategy_id");
    Some(NewApplication {
        name: name?,
        reference_id: reference_id?,
        description: description?,
        redirect_uri: redirect_uri?,
        auth_strategy: auth_strategy?,
    })
}

/// Returns what there is to choose from, by id and name.
async fn strategies(member: &Member) -> Result<Vec<(String, String)>, PageError> {
    let all = Range {
        limit: MOST_APPLICATIONS,
        offset: 0,
    };
    let wanted = (Strategies::default(), all);
    let list = catalogue::strategies(&member.visit.registry, member.signed_in, wanted).await?;
    let pair = |item: &crate::domain::auth_strategy::AuthStrategy| {
        (item.id.to_string(), item.display_name.to_string())
    };
    Ok(list.items.iter().map(pair).collect())
}

fn shown(own: OwnApplication) -> Shown {
    let application = own.application;
    Shown {
        id: application.id,
        name: application.name.to_string(),
        description: application.description.map(|text| text.to_string()),
        reference_id: application.reference_id.map(|id| id.to_string()),
        is_suspended: application.suspended_at.is_some(),
        created_at: application.created_at,
    }
}
