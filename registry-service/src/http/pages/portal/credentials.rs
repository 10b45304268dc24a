//! Keys: what an application has, a new one that is shown once, and the end of one.

use serde::Serialize;

use crate::domain::credential::Credential;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::once::Once;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::guide::{self, Guided};
use crate::http::pages::portal::welcome::done;
use crate::http::pages::visit::Confirmation;
use crate::http::pages::{Draft, Form, PageError, PageResult, ReturnTo};
use crate::http::path::Named;
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
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct New {
    application: Owner,
    form: Draft,
}

/// The application a page is about.
#[derive(Serialize)]
struct Owner {
    id: ApplicationId,
    name: String,
}

/// The one page that holds a key.
#[derive(Serialize)]
struct Shown<'a> {
    application: Owner,
    key: &'a str,
    display_name: &'a str,
    expires_at: Option<Timestamp>,
    guides: Vec<Guided>,
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
pub(super) async fn show_new(
    member: Member,
    Named(id): Named<ApplicationId>,
    browse: crate::http::pages::Browse,
) -> PageResult {
    let registry = &member.visit.registry;
    let application = named(&member, id).await?;
    let name = browse.text("display_name");
    if !member.signed_in.may_make_secrets(registry.clock.now()) {
        return Ok(password_first(&member, (id, name)));
    }
    let form = Draft::blank(&["display_name"])
        .with("display_name", name)
        .with("once", registry.random.uuid());
    member.visit.show(NEW, New { application, form })
}

/// Makes a key and shows it, in the answer to this one request and never again.
pub(super) async fn issue(
    member: Member,
    Named(id): Named<ApplicationId>,
    form: Form,
) -> PageResult {
    let application = named(&member, id).await?;
    let mut draft = Draft::of(&form, &["display_name", "once"]);
    let Some(new) = read(&mut draft) else {
        return member.visit.refuse(
            NEW,
            New {
                application,
                form: draft,
            },
        );
    };
    let registry = &member.visit.registry;
    match credential::issue(registry, member.signed_in, (id, new)).await {
        Ok(issued) => show_key(&member, application, &issued).await,
        Err(CredentialError::LoginTooOld) => {
            Ok(password_first(&member, (id, draft.text("display_name"))))
        }
        Err(CredentialError::AlreadyShown) => {
            let page = New {
                application,
                form: draft,
            };
            member.visit.show("portal/already_shown.html", page)
        }
        Err(error @ CredentialError::TooMany) => {
            draft.refuse("display_name", error);
            member.visit.refuse(
                NEW,
                New {
                    application,
                    form: draft,
                },
            )
        }
        Err(error) => Err(error.into()),
    }
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
    let to = format!("/applications/{}", ids.0);
    Ok(done(visit, &to, "The key is deleted."))
}

fn read(draft: &mut Draft) -> Option<NewCredential> {
    let display_name = draft.parse_filled::<Line<255>>("display_name");
    let once = draft.parse::<Once>("once");
    Some(NewCredential {
        display_name: display_name?,
        once: Some(once?),
        ..NewCredential::default()
    })
}

async fn show_key(member: &Member, application: Owner, issued: &Issued) -> PageResult {
    let key = issued.key.reveal();
    let shown = Shown {
        guides: guide::of_approved(member, (application.id, key)).await?,
        application,
        key,
        display_name: issued.credential.display_name.as_str(),
        expires_at: issued.credential.expires_at,
    };
    member.visit.show("portal/key.html", shown)
}

/// Leads to the password and back, with the name that was typed.
fn password_first(member: &Member, (id, name): (ApplicationId, &str)) -> axum::response::Response {
    let query = |pairs: &[(&str, &str)]| {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    };
    let back = format!(
        "/applications/{id}/credentials/new?{}",
        query(&[("display_name", name)])
    );
    let back = ReturnTo::parse(&back);
    let to = format!(
        "/confirm-password?{}",
        query(&[("return_to", back.as_str())])
    );
    member.visit.go(&to)
}

async fn named(member: &Member, id: ApplicationId) -> Result<Owner, PageError> {
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
        expires_at: credential.expires_at,
    }
}
