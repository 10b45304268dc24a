//! How the portal shows a version, and whether developers can register for it: App Registration.

use keystile_protocol::id::ProductVersionId;
use serde_json::{Value, json};

use crate::administration::portal::{self, PortalChanges};
use crate::administration::publications::{self, PublicationChanges, Terms};
use crate::administration::strategies::{self, KeyAuthConfig, NewStrategy};
use crate::administration::{AdministrationError, InvalidField};
use crate::domain::access::Duty;
use crate::domain::auth_strategy::AuthStrategy;
use crate::domain::id::{ApiProductId, AuthStrategyId};
use crate::domain::publication::PublishStatus;
use crate::domain::service::KeyNames;
use crate::domain::text::Line;
use crate::domain::wish::Wish;
use crate::http::pages::admin::desk::{Desk, choices, noted};
use crate::http::pages::admin::versions::Known;
use crate::http::pages::{Draft, Form, PageError, PageResult};
use crate::http::path::Named;

const TEMPLATE: &str = "admin/app_registration.html";

const STRATEGY: &str = "auth_strategy_ids";

const FIELDS: [&str; 3] = [STRATEGY, "auto_approve", "publish"];

/// What the form sends for a strategy that is yet to be made.
const NEW: &str = "new";

type Ids = (ApiProductId, ProductVersionId);

/// Shows how app registration is set up.
pub(super) async fn show(desk: Desk, Named(ids): Named<Ids>) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    let draft = draft(&known);
    desk.show(TEMPLATE, page(&desk, &known, draft).await?)
}

/// Enables app registration, or changes how it works.
pub(super) async fn enable(desk: Desk, Named(ids): Named<Ids>, form: Form) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    let result = match chosen(&desk, draft.text(STRATEGY)).await {
        Ok(strategy) => {
            let terms = Terms {
                publish_status: if form.is_ticked("publish") {
                    PublishStatus::Published
                } else {
                    PublishStatus::Unpublished
                },
                auth_strategy_ids: vec![strategy],
                application_registration_enabled: true,
                auto_approve_registration: form.is_ticked("auto_approve"),
                deprecated: known.version.version.deprecated,
                notify_developers: false,
            };
            publications::replace(&desk.acting, ids.1, terms).await
        }
        Err(error) => Err(error),
    };
    match result {
        Ok(view) => {
            let text = said(&desk, view.publication.auth_strategy).await?;
            desk.done(&known.path(), text)
        }
        Err(error) => {
            noted(&mut draft, error, STRATEGY)?;
            desk.refuse(TEMPLATE, page(&desk, &known, draft).await?)
        }
    }
}

/// Stops new registrations; those there are go on.
pub(super) async fn disable(desk: Desk, Named(ids): Named<Ids>, _: Form) -> PageResult {
    let changes = PublicationChanges {
        application_registration_enabled: Some(false),
        ..PublicationChanges::default()
    };
    let text = "App registration is disabled. Applications that are registered already keep their \
                access.";
    change(desk, ids, (changes, text)).await
}

/// Puts a version into the catalogue.
pub(super) async fn publish(desk: Desk, Named(ids): Named<Ids>, _: Form) -> PageResult {
    let changes = PublicationChanges {
        publish_status: Some(PublishStatus::Published),
        ..PublicationChanges::default()
    };
    change(desk, ids, (changes, "The version is in the catalogue.")).await
}

/// Takes a version out of the catalogue.
pub(super) async fn unpublish(desk: Desk, Named(ids): Named<Ids>, _: Form) -> PageResult {
    let changes = PublicationChanges {
        publish_status: Some(PublishStatus::Unpublished),
        ..PublicationChanges::default()
    };
    let text = "The version has left the catalogue. Applications that are registered already keep \
                their access.";
    change(desk, ids, (changes, text)).await
}

async fn change(desk: Desk, ids: Ids, (changes, text): (PublicationChanges, &str)) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    if known.publication.is_some() {
        publications::change(&desk.acting, ids.1, changes).await?;
    } else {
        let terms = Terms {
            publish_status: changes.publish_status.unwrap_or(PublishStatus::Unpublished),
            auth_strategy_ids: Vec::new(),
            application_registration_enabled: false,
            auto_approve_registration: false,
            deprecated: known.version.version.deprecated,
            notify_developers: false,
        };
        publications::replace(&desk.acting, ids.1, terms).await?;
    }
    desk.done(&known.path(), text)
}

/// Returns the strategy a form names; the first one can be made on the way.
async fn chosen(desk: &Desk, text: &str) -> Result<AuthStrategyId, AdministrationError> {
    let refused = |reason: &str| InvalidField::new(STRATEGY, "required", reason);
    if text != NEW {
        return text
            .parse()
            .map_err(|_| refused("choose how applications authenticate").into());
    }
    let name = Line::parse("key-auth").map_err(|error| refused(&error.to_string()))?;
    let key_names =
        KeyNames::parse(vec!["apikey".to_owned()]).map_err(|error| refused(&error.to_string()))?;
    let new = NewStrategy {
        name,
        display_name: None,
        key_auth: KeyAuthConfig {
            key_names,
            ttl: None,
            default_credential: false,
        },
    };
    Ok(strategies::add(&desk.acting, new).await?.id)
}

/// Makes the strategy the portal's default if there is none, as no application could be created
/// otherwise, and says what was done.
async fn said(desk: &Desk, strategy: Option<AuthStrategyId>) -> Result<&'static str, PageError> {
    let portal = portal::show(&desk.acting).await?;
    match strategy {
        Some(strategy)
            if portal.default_auth_strategy.is_none() && desk.acting.by.may(Duty::Own) =>
        {
            let changes = PortalChanges {
                default_application_auth_strategy_id: Wish::Set(strategy),
                ..PortalChanges::default()
            };
            portal::change(&desk.acting, changes).await?;
            Ok(
                "App registration is enabled. Its strategy is the portal's default from now on, so \
                new applications use it.",
            )
        }
        _ => Ok("App registration is enabled."),
    }
}

fn draft(known: &Known) -> Draft {
    let publication = known.publication.as_ref().map(|view| &view.publication);
    let is_on = |is_on: fn(&crate::domain::publication::Publication) -> bool,
                 otherwise: &'static str| {
        publication.map_or(otherwise, |terms| if is_on(terms) { "on" } else { "" })
    };
    let strategy = publication.and_then(|terms| terms.auth_strategy);
    Draft::blank(&FIELDS)
        .with(
            STRATEGY,
            strategy.map(|id| id.to_string()).unwrap_or_default(),
        )
        .with(
            "auto_approve",
            is_on(|terms| terms.auto_approve_registration, ""),
        )
        // Whoever enables registration mostly wants the version to be found as well.
        .with("publish", is_on(is_published_or_closed, "on"))
}

fn is_published_or_closed(publication: &crate::domain::publication::Publication) -> bool {
    publication.publish_status == PublishStatus::Published
        || !publication.application_registration_enabled
}

async fn page(desk: &Desk, known: &Known, draft: Draft) -> Result<Value, PageError> {
    let list = strategies::list(&desk.acting, &choices()).await?;
    let portal = portal::show(&desk.acting).await?;
    let first = list.items.first().map(|strategy| strategy.id.to_string());
    let draft = match draft.text(STRATEGY) {
        "" => {
            let default = portal.default_auth_strategy.map(|id| id.to_string());
            draft.with(
                STRATEGY,
                default.or(first).unwrap_or_else(|| NEW.to_owned()),
            )
        }
        _ => draft,
    };
    let strategy = |strategy: &AuthStrategy| {
        json!({
            "id": strategy.id,
            "name": strategy.display_name,
            "key_names": strategy.key_names,
        })
    };
    let publication = known.publication.as_ref();
    Ok(json!({
        "version": known.shown(),
        "path": known.path(),
        "is_enabled": publication.is_some_and(|view| view.publication.application_registration_enabled),
        "portal_approves": portal.auto_approve_applications,
        "portal_is_public": portal.is_public,
        "strategies": list.items.iter().map(strategy).collect::<Vec<_>>(),
        "form": draft,
    }))
}
