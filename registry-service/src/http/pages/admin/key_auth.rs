//! The Key Authentication form of a service: Kong's parameters, by their names.

use serde_json::{Value, json};

use crate::administration::AdministrationError;
use crate::administration::applications::{self, ApplicationView};
use crate::administration::services::{self, ServiceContent};
use crate::domain::id::{ApplicationId, ServiceId};
use crate::domain::service::{InvalidService, KeyAuth, KeyNames, ValuePrefix};
use crate::http::pages::admin::desk::{Desk, Refused, choices, noted};
use crate::http::pages::admin::services::Known;
use crate::http::pages::{Draft, Form, PageError, PageResult};
use crate::http::path::Named;

const TEMPLATE: &str = "admin/key_auth.html";

const KEY_NAMES: &str = "key_auth.key_names";
const ANONYMOUS: &str = "key_auth.anonymous";
const REALM: &str = "key_auth.realm";
const VALUE_PREFIX: &str = "key_auth.value_prefix";

/// A box of the form, and the parameter it stands for.
type Switch = (&'static str, fn(&KeyAuth) -> bool);

const SWITCHES: [Switch; 5] = [
    ("key_auth.key_in_header", |settings| settings.key_in_header),
    ("key_auth.key_in_query", |settings| settings.key_in_query),
    ("key_auth.key_in_body", |settings| settings.key_in_body),
    ("key_auth.hide_credentials", |settings| {
        settings.hide_credentials
    }),
    ("key_auth.run_on_preflight", |settings| {
        settings.run_on_preflight
    }),
];

const FIELDS: [&str; 9] = [
    KEY_NAMES,
    ANONYMOUS,
    REALM,
    VALUE_PREFIX,
    "key_auth.key_in_header",
    "key_auth.key_in_query",
    "key_auth.key_in_body",
    "key_auth.hide_credentials",
    "key_auth.run_on_preflight",
];

/// Shows the form.
pub(super) async fn show(desk: Desk, Named(id): Named<ServiceId>) -> PageResult {
    let known = Known::read(&desk, id).await?;
    let draft = draft(&known.service.key_auth);
    desk.show(TEMPLATE, page(&desk, &known, draft).await?)
}

/// Changes the parameters; gateways follow within a second.
pub(super) async fn change(desk: Desk, Named(id): Named<ServiceId>, form: Form) -> PageResult {
    let known = Known::read(&desk, id).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    if let Some(key_auth) = parse(&mut draft, &form) {
        let revise = |content: ServiceContent| {
            Ok::<_, AdministrationError>(ServiceContent {
                key_auth,
                ..content
            })
        };
        match services::change(&desk.acting, id, revise).await {
            Ok(_) => {
                let text = "Key Authentication is saved. Gateways follow within a second.";
                return desk.done(&known.path(), text);
            }
            Err(error) => noted(&mut draft, error, KEY_NAMES)?,
        }
    }
    desk.refuse(TEMPLATE, page(&desk, &known, draft).await?)
}

fn parse(draft: &mut Draft, form: &Form) -> Option<KeyAuth> {
    let key_names = key_names(draft);
    let anonymous = draft.parse_filled::<ApplicationId>(ANONYMOUS);
    let realm = draft.parse_filled(REALM);
    let value_prefix = value_prefix(draft);
    let is_on = |name| form.is_ticked(name);
    let key_auth = KeyAuth {
        key_names: key_names.ok()?,
        key_in_header: is_on("key_auth.key_in_header"),
        key_in_query: is_on("key_auth.key_in_query"),
        key_in_body: is_on("key_auth.key_in_body"),
        hide_credentials: is_on("key_auth.hide_credentials"),
        anonymous: anonymous?,
        run_on_preflight: is_on("key_auth.run_on_preflight"),
        realm: realm?,
        value_prefix: value_prefix.ok()?,
    };
    Some(key_auth)
}

/// Reads names, separated by commas or lines; none means those of the strategy.
fn key_names(draft: &mut Draft) -> Result<Option<KeyNames>, Refused> {
    let names = draft.text(KEY_NAMES).split([',', '\n']).map(str::trim);
    let names: Vec<String> = names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        return Ok(None);
    }
    match KeyNames::parse(names) {
        Ok(names) => Ok(Some(names)),
        Err(error) => {
            draft.refuse(KEY_NAMES, error);
            Err(Refused)
        }
    }
}

/// Reads a prefix as it is typed: the space at the end of `Bearer ` belongs to it.
fn value_prefix(draft: &mut Draft) -> Result<Option<ValuePrefix>, Refused> {
    if draft.text(VALUE_PREFIX).is_empty() {
        return Ok(None);
    }
    match draft.text(VALUE_PREFIX).parse() {
        Ok(prefix) => Ok(Some(prefix)),
        Err(error) => {
            let error: InvalidService = error;
            draft.refuse(VALUE_PREFIX, error);
            Err(Refused)
        }
    }
}

fn draft(key_auth: &KeyAuth) -> Draft {
    let names = key_auth.key_names.as_ref();
    let realm = key_auth.realm.as_ref();
    let prefix = key_auth.value_prefix.as_ref();
    let anonymous = key_auth.anonymous.map(|id| id.to_string());
    let mut draft = Draft::blank(&FIELDS)
        .with(
            KEY_NAMES,
            names
                .map(|names| names.as_slice().join(", "))
                .unwrap_or_default(),
        )
        .with(ANONYMOUS, anonymous.unwrap_or_default())
        .with(REALM, realm.map_or("", |realm| realm.as_str()))
        .with(VALUE_PREFIX, prefix.map_or("", |prefix| prefix.as_str()));
    for (name, is_on) in SWITCHES {
        draft = draft.with(name, if is_on(key_auth) { "on" } else { "" });
    }
    draft
}

async fn page(desk: &Desk, known: &Known, draft: Draft) -> Result<Value, PageError> {
    let list = applications::list(&desk.acting, &choices()).await?;
    let strategy = known
        .publication
        .as_ref()
        .and_then(|view| view.strategy.as_ref());
    let choice = |view: &ApplicationView| {
        let name = view.application.name.to_string();
        (view.application.id.to_string(), name)
    };
    let nobody = (String::new(), "No one: a key is needed".to_owned());
    let applications: Vec<(String, String)> = std::iter::once(nobody)
        .chain(list.items.iter().map(choice))
        .collect();
    Ok(json!({
        "service": known.service.name,
        "path": known.path(),
        "has_acl": known.service.acl.is_some(),
        "has_version": known.service.product_version.is_some(),
        "strategy_names": strategy.map(|one| one.key_names.as_slice().join(", ")),
        "applications": applications,
        "form": draft,
    }))
}
