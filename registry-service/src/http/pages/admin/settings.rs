//! The portal's settings.

use serde_json::{Value, json};

use crate::administration::portal::{self, PortalChanges};
use crate::administration::strategies;
use crate::domain::portal::Portal;
use crate::http::pages::admin::desk::{Desk, choices, noted, set};
use crate::http::pages::{Draft, Form, PageError, PageResult};

const TEMPLATE: &str = "admin/settings.html";

const STRATEGY: &str = "default_application_auth_strategy_id";

const FIELDS: [&str; 7] = [
    "name",
    "description",
    "is_public",
    "auto_approve_developers",
    "auto_approve_applications",
    "revoke_keeps_traffic",
    STRATEGY,
];

/// Shows the settings.
pub(super) async fn show(desk: Desk) -> PageResult {
    let portal = portal::show(&desk.acting).await?;
    desk.show(TEMPLATE, page(&desk, draft(&portal)).await?)
}

/// Changes the settings.
pub(super) async fn change(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    let name = draft.parse("name");
    let description = draft.parse_filled("description");
    let strategy = draft.parse_filled(STRATEGY);
    if let (Some(name), Some(description), Some(strategy)) = (name, description, strategy) {
        let changes = PortalChanges {
            name: Some(name),
            description: set(description),
            is_public: Some(form.is_ticked("is_public")),
            rbac_enabled: None,
            auto_approve_developers: Some(form.is_ticked("auto_approve_developers")),
            auto_approve_applications: Some(form.is_ticked("auto_approve_applications")),
            revoke_keeps_traffic: Some(form.is_ticked("revoke_keeps_traffic")),
            default_application_auth_strategy_id: set(strategy),
        };
        match portal::change(&desk.acting, changes).await {
            Ok(_) => return desk.done("/settings", "The portal settings are saved."),
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(TEMPLATE, page(&desk, draft).await?)
}

async fn page(desk: &Desk, draft: Draft) -> Result<Value, PageError> {
    let list = strategies::list(&desk.acting, &choices()).await?;
    let strategy = |strategy: &crate::domain::auth_strategy::AuthStrategy| json!({"id": strategy.id, "name": strategy.display_name});
    Ok(json!({
        "form": draft,
        "strategies": list.items.iter().map(strategy).collect::<Vec<_>>(),
        "portal_url": desk.visit.settings().public_url.as_str(),
    }))
}

fn draft(portal: &Portal) -> Draft {
    let description = portal.description.as_ref();
    let strategy = portal.default_auth_strategy.map(|id| id.to_string());
    let switch = |is_on: bool| if is_on { "on" } else { "" };
    Draft::blank(&FIELDS)
        .with("name", &portal.name)
        .with("description", description.map_or("", |text| text.as_str()))
        .with("is_public", switch(portal.is_public))
        .with(
            "auto_approve_developers",
            switch(portal.auto_approve_developers),
        )
        .with(
            "auto_approve_applications",
            switch(portal.auto_approve_applications),
        )
        .with("revoke_keeps_traffic", switch(portal.revoke_keeps_traffic))
        .with(STRATEGY, strategy.unwrap_or_default())
}
