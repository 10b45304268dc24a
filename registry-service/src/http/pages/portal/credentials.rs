//! Keys: what an application has, a new one that is shown once, and the end of one.

use serde::Serialize;

use crate::domain::credential::Credential;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::guide::{self, Guided};
use crate::http::pages::portal::live::Live;
use crate::http::pages::portal::welcome::done;
use crate::http::pages::visit::Confirmation;
use crate::http::pages::{Draft, Form, PageError, PageResult};
use crate::http::path::Named;
use crate::http::problem::Problem;
use crate::self_service::application;
use crate::self_service::credential::{
    self, CredentialError, Issued, MOST_CREDENTIALS, NewCredential,
};
use crate::storage::Range;

const NEW: &str = "portal/new_credential.html";

/// The ids in the path of a credential.
type Ids = (ApplicationId, CredentialId);

/// A credential as the application's page shows it.
#[derive(Serialize)]
pub(super) struct Key {
    id: CredentialId,
    display_name: String,
    hint: Option<String>,
    status: &'static str,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct New {
    application: Owner,
    form: Draft,
}

/// The application a page is about.
#[derive(Serialize)]
pub(super) struct Owner {
    pub(super) id: ApplicationId,
    pub(super) name: String,
}

#[derive(Serialize)]
struct Known {
    application: Owner,
}

/// The one page that holds a key.
#[derive(Serialize)]
struct Shown<'a> {
    application: Owner,
    key: &'a str,
    display_name: &'a str,
    expires_at: Option<Timestamp>,
    guides: Vec<Guided>,
    live: Live,
}

/// Reads the credentials of an application, and whether there may be more.
pub(super) async fn of(
    member: &Member,
    application: ApplicationId,
) -> Result<(Vec<Key>, bool), PageError> {
    let all = Range {
        limit: MOST_CREDENTIALS,
        offset: 0,
    };
    let registry = &member.visit.registry;
    let now = registry.clock.now();
    let list = credential::list(registry, member.signed_in, (application, all)).await?;
    let may_be_more = list.total < MOST_CREDENTIALS;
    let keys = list.items.into_iter().map(|one| key(one, now)).collect();
    Ok((keys, may_be_more))
}

/// Shows the form of a new key; the password comes first if it was given long ago.
pub(super) async fn show_new(member: Member, Named(id): Named<ApplicationId>) -> PageResult {
    let visit = &member.visit;
    let application = named(&member, id).await?;
    if !member
        .signed_in
        .may_make_secrets(visit.registry.clock.now())
    {
        return Ok(visit.password_first(&new_path(id)));
    }
    let form = Draft::blank(&["display_name"]).with("once", visit.registry.random.uuid());
    visit.show(NEW, New { application, form })
}

/// Makes a key and shows it, in the answer to this one request and never again.
pub(super) async fn issue(
    member: Member,
    Named(id): Named<ApplicationId>,
    form: Form,
) -> PageResult {
    let application = named(&member, id).await?;
    let mut draft = Draft::of(&form, &["display_name"]);
    let Ok(once) = form.text("once").parse() else {
        return Err(Problem::invalid_field("once", "is_uuid", "must come with the form").into());
    };
    if let Some(display_name) = draft.parse_filled::<Line<255>>("display_name") {
        let new = NewCredential {
            display_name,
            once: Some(once),
            ..NewCredential::default()
        };
        let registry = &member.visit.registry;
        match credential::issue(registry, member.signed_in, (id, new)).await {
            Ok(issued) => return show_key(&member, application, &issued).await,
            Err(CredentialError::LoginTooOld) => {
                return Ok(member.visit.password_first(&new_path(id)));
            }
            Err(CredentialError::AlreadyShown) => return already_shown(&member, application),
            Err(error @ CredentialError::TooMany) => draft.refuse("display_name", error),
            Err(error) => return Err(error.into()),
        }
    }
    let form = draft.with("once", once);
    member.visit.refuse(NEW, New { application, form })
}

/// Says that a form was sent before, and its key shown then.
pub(super) fn already_shown(member: &Member, application: Owner) -> PageResult {
    let page = Known { application };
    member.visit.show("portal/already_shown.html", page)
}

/// Asks before a key is deleted.
pub(super) async fn ask_delete(member: Member, Named(ids): Named<Ids>) -> PageResult {
    let found = credential::lookup(&member.visit.registry, member.signed_in, ids).await?;
    member.visit.confirm(Confirmation {
        title: format!("Delete the key “{}”?", found.display_name),
        consequences: vec![
            "Whatever uses it is refused within a second.".to_owned(),
            "A deleted key never comes back.".to_owned(),
        ],
        action: format!("/applications/{}/credentials/{}/delete", ids.0, ids.1),
        button: "Delete the key",
        keep: "Keep it",
        back: format!("/applications/{}", ids.0),
    })
}

/// Deletes a key.
pub(super) async fn delete(member: Member, Named(ids): Named<Ids>, _: Form) -> PageResult {
    let visit = &member.visit;
    credential::withdraw(&visit.registry, member.signed_in, ids).await?;
    let to = Live::now(&visit.registry).on_page(&format!("/applications/{}", ids.0));
    Ok(done(visit, &to, "The key is deleted."))
}

fn new_path(id: ApplicationId) -> String {
    format!("/applications/{id}/credentials/new")
}

/// Shows a key, in the answer to the one request that made it.
pub(super) async fn show_key(member: &Member, application: Owner, issued: &Issued) -> PageResult {
    let key = issued.key.reveal();
    let shown = Shown {
        guides: guide::of_approved(member, (application.id, key)).await?,
        live: Live::now(&member.visit.registry),
        application,
        key,
        display_name: issued.credential.display_name.as_str(),
        expires_at: issued.credential.expires_at,
    };
    member.visit.show("portal/key.html", shown)
}

/// Reads the application a page is about.
pub(super) async fn named(member: &Member, id: ApplicationId) -> Result<Owner, PageError> {
    let own = application::lookup(&member.visit.registry, member.signed_in, id).await?;
    let name = own.application.name.to_string();
    Ok(Owner { id, name })
}

fn key(credential: Credential, now: Timestamp) -> Key {
    let status = if credential.suspended_at.is_some() {
        "suspended"
    } else if credential.expires_at.is_some_and(|end| end <= now) {
        "expired"
    } else {
        "active"
    };
    let hint = credential.hint;
    Key {
        id: credential.id,
        display_name: credential.display_name.to_string(),
        hint: (!hint.last_four.is_empty()).then(|| format!("{}…{}", hint.prefix, hint.last_four)),
        status,
        created_at: credential.created_at,
        last_used_at: credential.last_used_at,
        expires_at: credential.expires_at,
    }
}
