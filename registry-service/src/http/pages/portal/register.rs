//! Register: an application, chosen or made on the spot, asks for a product version.

use serde::Serialize;

use crate::domain::id::{ApplicationId, AuthStrategyId};
use crate::domain::registration::RegistrationStatus;
use crate::domain::session::SignedIn;
use crate::domain::text::{Line, Prose};
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::portal::product::{Head, head, takes_registrations};
use crate::http::pages::portal::version::{Ids, Version};
use crate::http::pages::{Draft, Flash, Form, PageError, PageResult};
use crate::http::path::Named;
use crate::self_service::application::{self, ApplicationError, NewApplication, OwnApplication};
use crate::self_service::catalogue::{self, Offer};
use crate::self_service::registration::{self, NewRegistration, RegistrationError};

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
    guest: Guest,
    signed_in: SignedIn,
    ids: Ids,
    offer: Offer,
}

/// Shows the form.
pub(super) async fn show(guest: Guest, Named(ids): Named<Ids>) -> PageResult {
    let desk = Desk::open(guest, ids).await?;
    let eligible = desk.eligible().await?;
    let first = match eligible.first() {
        Some(own) => own.application.id.to_string(),
        None => NEW.to_owned(),
    };
    let form = Draft::blank(&FIELDS).with("application", first);
    let page = desk.page(eligible, form).await?;
    desk.guest.visit.show(PAGE, page)
}

/// Registers.
pub(super) async fn send(guest: Guest, Named(ids): Named<Ids>, form: Form) -> PageResult {
    let desk = Desk::open(guest, ids).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    if let Some((application, message)) = desk.application(&mut draft).await? {
        match desk.ask(application, message).await {
            Ok((to, flash)) => return Ok(desk.guest.visit.go_with(&to, &flash)),
            Err(
                error @ (RegistrationError::AlreadyRegistered | RegistrationError::OtherStrategy),
            ) => {
                draft.refuse("application", error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let page = desk.page(desk.eligible().await?, draft).await?;
    desk.guest.visit.refuse(PAGE, page)
}

// === impl Desk ===

impl Desk {
    /// Lets somebody to the form who is logged in, if there is something to register for.
    async fn open(guest: Guest, ids: Ids) -> Result<Self, PageError> {
        let visitor = guest.visitor().await?;
        let Some(signed_in) = visitor.signed_in() else {
            let to = format!("/products/{}/versions/{}", ids.0, ids.1);
            return Err(PageError::elsewhere(guest.visit.go(&to)));
        };
        let offer = catalogue::version(&guest.visit.registry, visitor, ids).await?;
        if !takes_registrations(&offer) {
            return Err(RegistrationError::NotEnabled.into());
        }
        Ok(Self {
            guest,
            signed_in,
            ids,
            offer,
        })
    }

    async fn eligible(&self) -> Result<Vec<OwnApplication>, RegistrationError> {
        registration::eligible(&self.guest.visit.registry, self.signed_in, self.ids).await
    }

    /// Returns the application that shall register, which may have to be made, and the message.
    /// Nothing is made while something else on the form is wrong.
    async fn application(
        &self,
        draft: &mut Draft,
    ) -> Result<Option<(ApplicationId, Option<Prose<1024>>)>, PageError> {
        let message = draft.parse_filled::<Prose<1024>>("message");
        if draft.text("application") == NEW {
            let name = draft.parse::<Line<255>>("name");
            let reference_id = draft.parse_filled::<Line<255>>("reference_id");
            let (Some(message), Some(name), Some(reference_id)) = (message, name, reference_id)
            else {
                return Ok(None);
            };
            let made = self.make((name, reference_id), draft).await?;
            return Ok(made.map(|id| (id, message)));
        }
        let Ok(id) = draft.text("application").parse() else {
            draft.refuse("application", "must be one of your applications");
            return Ok(None);
        };
        Ok(message.map(|message| (id, message)))
    }

    async fn make(
        &self,
        (name, reference_id): (Line<255>, Option<Line<255>>),
        draft: &mut Draft,
    ) -> Result<Option<ApplicationId>, PageError> {
        let new = NewApplication {
            name,
            auth_strategy: self.strategy(),
            reference_id,
            description: None,
            redirect_uri: None,
        };
        match application::add(&self.guest.visit.registry, self.signed_in, new).await {
            Ok(own) => Ok(Some(own.application.id)),
            Err(error @ ApplicationError::ReferenceTaken) => {
                draft.refuse("reference_id", error);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn ask(
        &self,
        application: ApplicationId,
        message: Option<Prose<1024>>,
    ) -> Result<(String, Flash), RegistrationError> {
        let new = NewRegistration {
            product_version: self.ids.1,
            message,
        };
        let asked = (application, new);
        let added = registration::ask(&self.guest.visit.registry, self.signed_in, asked).await?;
        let what = format!("{} {}", added.product_name, added.version_name);
        let flash = if added.registration.status == RegistrationStatus::Approved {
            Flash::success(format!(
                "Approved: {} may call {what}.",
                added.application_name
            ))
        } else {
            Flash::notice(format!(
                "Requested: an administrator decides about access to {what}. You can already \
                 generate a credential; it works once the request is approved."
            ))
        };
        Ok((format!("/applications/{application}"), flash))
    }

    async fn page(&self, eligible: Vec<OwnApplication>, form: Draft) -> Result<Page, PageError> {
        let visitor = self.guest.visitor().await?;
        let version = &self.offer.published.version;
        Ok(Page {
            product: head(&self.guest, visitor, self.ids.0).await?,
            version: Version {
                id: version.id,
                name: version.name.to_string(),
                is_deprecated: version.deprecated,
            },
            strategy: self
                .offer
                .published
                .strategy
                .as_ref()
                .map(|(_, name)| name.to_string()),
            approves_at_once: self.offer.approves_at_once,
            eligible: eligible.into_iter().map(choice).collect(),
            form,
        })
    }

    fn strategy(&self) -> Option<AuthStrategyId> {
        self.offer.published.strategy.as_ref().map(|(id, _)| *id)
    }
}

fn choice(own: OwnApplication) -> Choice {
    Choice {
        id: own.application.id,
        name: own.application.name.to_string(),
        reference_id: own.application.reference_id.map(|id| id.to_string()),
    }
}
