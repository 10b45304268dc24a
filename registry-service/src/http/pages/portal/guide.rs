//! The i page of a registration: where the key may be sent, with commands that work as they stand.

use serde::Serialize;

use crate::domain::example::{self, Place};
use crate::domain::id::ApplicationId;
use crate::domain::registration::RegistrationStatus;
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::registrations::{self, Ids, Registered, registered};
use crate::http::pages::{PageError, PageResult};
use crate::http::path::Named;
use crate::self_service::guide::{self, Guide};

/// What stands for the key where it is not known.
const PLACEHOLDER: &str = "{API_KEY}";

/// For how many versions the page of a new key says how to call them.
const MOST_SHOWN: usize = 3;

#[derive(Serialize)]
struct Page {
    application: Owner,
    guide: Guided,
    hides_key: bool,
}

#[derive(Serialize)]
struct Owner {
    id: ApplicationId,
    name: String,
}

/// How a version is called.
#[derive(Serialize)]
pub(super) struct Guided {
    registration: Registered,
    proxy_url: Option<String>,
    key_names: Vec<String>,
    examples: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    place: &'static str,
    name: String,
    command: String,
}

/// Shows the page.
pub(super) async fn show(member: Member, Named(ids): Named<Ids>) -> PageResult {
    let registry = &member.visit.registry;
    let guide = guide::of_registration(registry, member.signed_in, ids).await?;
    let page = Page {
        application: Owner {
            id: ids.0,
            name: guide.overview.application_name.to_string(),
        },
        hides_key: guide
            .service
            .as_ref()
            .is_some_and(|service| service.key_auth.hide_credentials),
        guide: guided(guide, PLACEHOLDER),
    };
    member.visit.show("portal/guide.html", page)
}

/// Says how an application calls what it is approved for, with a key that was just made.
pub(super) async fn of_approved(
    member: &Member,
    (application, key): (ApplicationId, &str),
) -> Result<Vec<Guided>, PageError> {
    let all = registrations::of(member, application).await?;
    let approved = all
        .into_iter()
        .filter(|one| one.status == RegistrationStatus::Approved)
        .take(MOST_SHOWN);
    let mut guides = Vec::new();
    for one in approved {
        let ids = (application, one.id);
        let registry = &member.visit.registry;
        let guide = guide::of_registration(registry, member.signed_in, ids).await?;
        guides.push(guided(guide, key));
    }
    Ok(guides)
}

fn guided(guide: Guide, key: &str) -> Guided {
    let names: Vec<String> = guide
        .key_names
        .map(|names| names.as_slice().to_vec())
        .unwrap_or_default();
    let service = guide.service.as_ref();
    let url = service.and_then(|service| service.proxy_url.as_ref());
    let examples = match (service, url, names.first()) {
        (Some(service), Some(url), Some(name)) => {
            example::examples(url, &service.key_auth, (name, key))
        }
        _ => Vec::new(),
    };
    Guided {
        proxy_url: url.map(ToString::to_string),
        key_names: names,
        examples: examples
            .into_iter()
            .map(|one| Shown {
                place: place(one.place),
                name: one.name,
                command: one.command,
            })
            .collect(),
        registration: registered(guide.overview),
    }
}

const fn place(place: Place) -> &'static str {
    match place {
        Place::Header => "header",
        Place::Body => "body",
        Place::Query => "query",
    }
}
