//! Register: an application, chosen or made on the spot, asks for a product version.

use axum::http::StatusCode;
use serde::Serialize;

use crate::domain::id::ApplicationId;
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::{Line, Prose};
use crate::http::pages::portal::applications;
use crate::http::pages::portal::credentials::{self, Owner};
use crate::http::pages::portal::guest::Member;
use crate::http::pages::portal::product::{Head, head, takes_registrations};
use crate::http::pages::portal::version::{Ids, Version};
use crate::http::pages::{Draft, Flash, Form, PageError, PageResult};
use crate::http::path::Named;
use crate::self_service::application::{NewApplication, OwnApplication};
use crate::self_service::catalogue::{self, Offer, Visitor};
use crate::self_service::credential::Issued;
use crate::self_service::registration::{self, NewRegistration, RegistrationError};
use crate::storage::registration::Overview;

const PAGE: &str = "portal/register.html";
const FIELDS: [&str; 4] = ["application", "name", "reference_id", "message"];

/// What stands for an application that is made on the spot.
const NEW: &str = "new";

#[derive(Serialize)]
struct Page {
    product: Head,
    version: Version,
    strategy: Option<String>,
    approves_at_once: bool,
    eligible: Vec<Choice>,
    form: Draft,
}

#[derive(Serialize)]
struct Choice {
    id: ApplicationId,
    name: String,
    reference_id: Option<String>,
}

/// Someone at the form, and what they could register for.
struct Desk {
    member: Member,
    visitor: Visitor,
    ids: Ids,
    offer: Offer,
}

/// The application that shall register, and its first key if it was made with one.
struct Chosen {
    id: ApplicationId,
    issued: Option<Issued>,
}

/// Shows the form.
pub(super) async fn show(member: Member, Named(ids): Named<Ids>) -> PageResult {
    let desk = Desk::open(member, ids).await?;
    let eligible = desk.eligible().await?;
    let first = match eligible.first() {
        Some(own) => own.application.id.to_string(),
        None => NEW.to_owned(),
    };
    let form = Draft::blank(&FIELDS).with("application", first);
    desk.show(StatusCode::OK, (eligible, form)).await
}

/// Registers.
pub(super) async fn send(member: Member, Named(ids): Named<Ids>, form: Form) -> PageResult {
    let desk = Desk::open(member, ids).await?;
    let mut draft = Draft::of(&form, &FIELDS).with("once", form.text("once"));
    if let Some((chosen, message)) = desk.choose(&mut draft).await? {
        match desk.ask(chosen.id, message).await {
            Ok(added) => return desk.lead_on(&added, chosen).await,
            Err(
                error @ (RegistrationError::AlreadyRegistered | RegistrationError::OtherStrategy),
            ) => draft.refuse("application", error),
            Err(error) => return Err(error.into()),
        }
    }
    let eligible = desk.eligible().await?;
    desk.show(StatusCode::UNPROCESSABLE_ENTITY, (eligible, draft))
        .await
}

// === impl Desk ===

impl Desk {
    /// Lets a developer to the form, if there is something to register for.
    async fn open(member: Member, ids: Ids) -> Result<Self, PageError> {
        let registry = &member.visit.registry;
        let visitor = Visitor::admit(registry, Some(member.signed_in)).await?;
        let offer = catalogue::version(registry, visitor, ids).await?;
        if !takes_registrations(&offer) {
            // The version's own page says why.
            return Err(PageError::elsewhere(member.visit.go(&path(ids))));
        }
        Ok(Self {
            member,
            visitor,
            ids,
            offer,
        })
    }

    async fn eligible(&self) -> Result<Vec<OwnApplication>, RegistrationError> {
        let registry = &self.member.visit.registry;
        registration::eligible(registry, self.member.signed_in, self.ids).await
    }

    /// Returns the application that shall register, which may have to be made, and the message.
    /// Nothing is made while something else on the form is wrong.
    async fn choose(
        &self,
        draft: &mut Draft,
    ) -> Result<Option<(Chosen, Option<Prose<1024>>)>, PageError> {
        let message = draft.parse_filled::<Prose<1024>>("message");
        if draft.text("application") == NEW {
            let new = self.read(draft);
            let (Some(message), Some(new)) = (message, new) else {
                return Ok(None);
            };
            let made = self.make(new, draft).await?;
            return Ok(made.map(|chosen| (chosen, message)));
        }
        let Ok(id) = draft.text("application").parse() else {
            draft.refuse("application", "must be one of your applications");
            return Ok(None);
        };
        let chosen = Chosen { id, issued: None };
        Ok(message.map(|message| (chosen, message)))
    }

    fn read(&self, draft: &mut Draft) -> Option<NewApplication> {
        let name = draft.parse::<Line<255>>("name");
        let reference_id = draft.parse_filled::<Line<255>>("reference_id");
        let strategy = self.offer.published.strategy.as_ref();
        Some(NewApplication {
            name: name?,
            auth_strategy: strategy.map(|(id, _)| *id),
            reference_id: reference_id?,
            description: None,
            redirect_uri: None,
        })
    }

    async fn make(
        &self,
        new: NewApplication,
        draft: &mut Draft,
    ) -> Result<Option<Chosen>, PageError> {
        let here = format!("{}/register", path(self.ids));
        match applications::make(&self.member, new, (draft, &here)).await? {
            Some((own, issued)) => Ok(Some(Chosen {
                id: own.application.id,
                issued,
            })),
            None => Ok(None),
        }
    }

    async fn ask(
        &self,
        application: ApplicationId,
        message: Option<Prose<1024>>,
    ) -> Result<Overview, RegistrationError> {
        let new = NewRegistration {
            product_version: self.ids.1,
            message,
        };
        let asked = (application, new);
        registration::ask(&self.member.visit.registry, self.member.signed_in, asked).await
    }

    /// Leads to the application's page, unless there is a key to be shown before.
    async fn lead_on(&self, added: &Overview, chosen: Chosen) -> PageResult {
        if let Some(issued) = &chosen.issued {
            let owner = Owner {
                id: chosen.id,
                name: added.application_name.to_string(),
            };
            return credentials::show_key(&self.member, owner, issued).await;
        }
        let to = format!("/applications/{}", chosen.id);
        Ok(self.member.visit.go_with(&to, &answered(added)))
    }

    async fn show(
        &self,
        status: StatusCode,
        (eligible, form): (Vec<OwnApplication>, Draft),
    ) -> PageResult {
        let visit = &self.member.visit;
        let published = &self.offer.published;
        let strategy = published.strategy.as_ref();
        let page = Page {
            product: head(visit, self.visitor, self.ids.0).await?,
            version: Version {
                id: published.version.id,
                name: published.version.name.to_string(),
                is_deprecated: published.version.deprecated,
            },
            strategy: strategy.map(|(_, name)| name.to_string()),
            approves_at_once: self.offer.approves_at_once,
            eligible: eligible.into_iter().map(choice).collect(),
            form: form.with("once", visit.registry.random.uuid()),
        };
        visit.show_as(status, PAGE, page)
    }
}

fn path((product, version): Ids) -> String {
    format!("/products/{product}/versions/{version}")
}

fn answered(added: &Overview) -> Flash {
    let what = format!("{} {}", added.product_name, added.version_name);
    if added.registration.status == RegistrationStatus::Approved {
        return Flash::success(format!(
            "Approved: {} may call {what}.",
            added.application_name
        ));
    }
    Flash::notice(format!(
        "Requested: an administrator decides about access to {what}. You can already generate a \
         credential; it works once the request is approved."
    ))
}

fn choice(own: OwnApplication) -> Choice {
    Choice {
        id: own.application.id,
        name: own.application.name.to_string(),
        reference_id: own.application.reference_id.map(|id| id.to_string()),
    }
}
