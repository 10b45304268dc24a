//! Auth strategies: how applications authenticate.

use serde_json::{Value, json};

use crate::administration::strategies::{self, KeyAuthConfig, NewStrategy, StrategyChanges};
use crate::domain::auth_strategy::{AuthStrategy, Ttl, TtlUnit};
use crate::domain::id::AuthStrategyId;
use crate::domain::service::KeyNames;
use crate::domain::text::Line;
use crate::http::pages::admin::desk::{Desk, Refused, narrowed, noted};
use crate::http::pages::{Browse, Draft, Form, PageResult};
use crate::http::path::Named;

const FORM: &str = "admin/strategy_form.html";

const FIELDS: [&str; 6] = [
    "name",
    "display_name",
    "key_names",
    "ttl_value",
    "ttl_unit",
    "default_credential",
];

/// What a form says of a strategy.
struct Content {
    name: Line<255>,
    display_name: Option<Line<255>>,
    key_auth: KeyAuthConfig,
}

/// Lists the strategies.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let list = strategies::list(&desk.acting, &narrowed(&browse, "name")).await?;
    let page = json!({
        "q": browse.text("q"),
        "strategies": list.items.iter().map(row).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/strategies.html", page)
}

/// Asks for a new strategy.
pub(super) async fn blank(desk: Desk) -> PageResult {
    let draft = Draft::blank(&FIELDS)
        .with("key_names", "apikey")
        .with("ttl_unit", TtlUnit::Days);
    desk.show(FORM, page(None, &draft))
}

/// Adds a strategy.
pub(super) async fn add(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    if let Some(content) = parse(&mut draft) {
        let new = NewStrategy {
            name: content.name,
            display_name: content.display_name,
            key_auth: content.key_auth,
        };
        match strategies::add(&desk.acting, new).await {
            Ok(_) => return desk.done("/strategies", "The strategy is created."),
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, page(None, &draft))
}

/// Shows what may be changed about a strategy.
pub(super) async fn edit(desk: Desk, Named(id): Named<AuthStrategyId>) -> PageResult {
    let strategy = strategies::lookup(&desk.acting, id).await?;
    let ttl = strategy.ttl;
    let draft = Draft::blank(&FIELDS)
        .with("name", &strategy.name)
        .with("display_name", &strategy.display_name)
        .with("key_names", strategy.key_names.as_slice().join(", "))
        .with(
            "ttl_value",
            ttl.map(|ttl| ttl.value.to_string()).unwrap_or_default(),
        )
        .with("ttl_unit", ttl.map_or(TtlUnit::Days, |ttl| ttl.unit))
        .with(
            "default_credential",
            if strategy.default_credential {
                "on"
            } else {
                ""
            },
        );
    desk.show(FORM, page(Some(&strategy), &draft))
}

/// Changes a strategy; keys that were issued keep their end.
pub(super) async fn change(desk: Desk, Named(id): Named<AuthStrategyId>, form: Form) -> PageResult {
    let strategy = strategies::lookup(&desk.acting, id).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    if let Some(content) = parse(&mut draft) {
        let changes = StrategyChanges {
            name: Some(content.name),
            display_name: content.display_name,
            key_auth: Some(content.key_auth),
        };
        match strategies::change(&desk.acting, id, changes).await {
            Ok(_) => return desk.done("/strategies", "The strategy is saved."),
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, page(Some(&strategy), &draft))
}

/// Asks whether a strategy shall go.
pub(super) async fn confirm(desk: Desk, Named(id): Named<AuthStrategyId>) -> PageResult {
    let strategy = strategies::lookup(&desk.acting, id).await?;
    let page = json!({
        "title": format!("Delete {}?", strategy.display_name),
        "consequences": ["It can only be deleted while no application, version or portal uses it."],
        "action": format!("/strategies/{id}/delete"),
        "button": "Delete strategy",
        "back": "/strategies",
        "keep": "Keep it",
    });
    desk.show("confirm.html", page)
}

/// Removes a strategy that nothing uses.
pub(super) async fn remove(desk: Desk, Named(id): Named<AuthStrategyId>, _: Form) -> PageResult {
    strategies::remove(&desk.acting, id).await?;
    desk.done("/strategies", "The strategy is deleted.")
}

fn parse(draft: &mut Draft) -> Option<Content> {
    let name = draft.parse("name");
    let display_name = draft.parse_filled("display_name");
    let names = draft.text("key_names").split([',', '\n']).map(str::trim);
    let names = names.filter(|name| !name.is_empty()).map(str::to_owned);
    let key_names = match KeyNames::parse(names.collect()) {
        Ok(names) => Some(names),
        Err(error) => {
            draft.refuse("key_names", error);
            None
        }
    };
    let ttl = ttl(draft);
    Some(Content {
        name: name?,
        display_name: display_name?,
        key_auth: KeyAuthConfig {
            key_names: key_names?,
            ttl: ttl.ok()?,
            default_credential: !draft.text("default_credential").is_empty(),
        },
    })
}

/// Reads how long keys live; nothing means for good.
fn ttl(draft: &mut Draft) -> Result<Option<Ttl>, Refused> {
    let value = draft.text("ttl_value").trim().to_owned();
    if value.is_empty() {
        return Ok(None);
    }
    let unit = draft.parse("ttl_unit").ok_or(Refused)?;
    match value.parse() {
        Ok(value) if value > 0 => Ok(Some(Ttl { value, unit })),
        _ => {
            draft.refuse(
                "ttl_value",
                "must be a whole number of at least 1, or empty",
            );
            Err(Refused)
        }
    }
}

fn page(strategy: Option<&AuthStrategy>, draft: &Draft) -> Value {
    let path = strategy.map(|strategy| format!("/strategies/{}", strategy.id));
    json!({
        "strategy": strategy.map(row),
        "action": path.unwrap_or_else(|| "/strategies/new".to_owned()),
        "form": draft,
    })
}

fn row(strategy: &AuthStrategy) -> Value {
    json!({
        "id": strategy.id,
        "name": strategy.name,
        "display_name": strategy.display_name,
        "key_names": strategy.key_names,
        "ttl": strategy.ttl,
    })
}
