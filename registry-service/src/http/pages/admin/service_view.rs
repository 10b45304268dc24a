//! A service as pages show it: what routes call it, where keys may be, which plugins are at work.

use serde::Serialize;
use serde_json::{Value, json};

use crate::administration::applications;
use crate::administration::publications::PublicationView;
use crate::administration::versions::VersionView;
use crate::domain::product::ApiProduct;
use crate::domain::service::{Acl, AclRule, KeyAuth, Service};
use crate::http::pages::PageError;
use crate::http::pages::admin::desk::{Desk, found};

/// Where examples send requests while a service has no URL.
const EXAMPLE_URL: &str = "{PROXY_URL}";

/// A service and what it names.
#[derive(Serialize)]
pub(super) struct ServiceView {
    id: String,
    name: String,
    proxy_url: Option<String>,
    example_url: String,
    public: bool,
    anonymous: Option<Value>,
    is_body_on: bool,
}

/// A plugin of a service, as Kong's pages list them.
#[derive(Serialize)]
pub(super) struct Plugin {
    name: &'static str,
    is_enabled: bool,
    parameters: Vec<(&'static str, String)>,
}

/// The version that a service belongs to.
#[derive(Serialize)]
pub(super) struct Owner {
    pub(super) path: String,
    pub(super) name: String,
}

// === impl ServiceView ===

impl ServiceView {
    /// Reads what a service names.
    pub(super) async fn read(
        desk: &Desk,
        service: Option<&Service>,
    ) -> Result<Option<Self>, PageError> {
        let Some(service) = service else {
            return Ok(None);
        };
        let anonymous = match service.key_auth.anonymous {
            Some(id) => {
                let found = found(applications::lookup(&desk.acting, id).await)?;
                let name = found.map(|view| view.application.name.to_string());
                Some(json!({"id": id, "name": name}))
            }
            None => None,
        };
        let proxy_url = service.proxy_url.as_ref().map(ToString::to_string);
        Ok(Some(Self {
            id: service.id.to_string(),
            name: service.name.to_string(),
            example_url: proxy_url.clone().unwrap_or_else(|| EXAMPLE_URL.to_owned()),
            proxy_url,
            public: service.public,
            anonymous,
            is_body_on: service.key_auth.key_in_body,
        }))
    }
}

// === impl Owner ===

impl Owner {
    /// Names a version of a product.
    pub(super) fn of(product: &ApiProduct, view: &VersionView) -> Self {
        let version = &view.version;
        Self {
            path: format!("/products/{}/versions/{}", version.product, version.id),
            name: format!("{} {}", product.name, version.name),
        }
    }
}

/// Returns the plugins at work, with every parameter by its name.
pub(super) fn plugins(service: &Service, publication: Option<&PublicationView>) -> [Plugin; 3] {
    [
        registration(publication),
        Plugin {
            name: "key-auth",
            is_enabled: !service.public,
            parameters: key_auth(&service.key_auth, publication),
        },
        Plugin {
            name: "acl",
            is_enabled: service.acl.is_some() || publication.is_some(),
            parameters: acl(service.acl.as_ref(), publication.is_some()),
        },
    ]
}

fn registration(publication: Option<&PublicationView>) -> Plugin {
    let terms = publication.map(|view| &view.publication);
    let strategy = publication.and_then(|view| view.strategy.as_ref());
    Plugin {
        name: "application-registration",
        is_enabled: terms.is_some_and(|terms| terms.application_registration_enabled),
        parameters: vec![
            (
                "strategy",
                strategy
                    .map_or("none: closed", |one| one.display_name.as_str())
                    .to_owned(),
            ),
            (
                "auto_approve",
                on(terms.is_some_and(|terms| terms.auto_approve_registration)),
            ),
        ],
    }
}

fn key_auth(
    key_auth: &KeyAuth,
    publication: Option<&PublicationView>,
) -> Vec<(&'static str, String)> {
    let strategy = publication.and_then(|view| view.strategy.as_ref());
    let own = key_auth.key_names.as_ref();
    let key_names = own.or(strategy.map(|strategy| &strategy.key_names));
    let key_names =
        key_names.map_or_else(|| "apikey".to_owned(), |names| names.as_slice().join(", "));
    vec![
        ("key_names", key_names),
        ("key_in_header", on(key_auth.key_in_header)),
        ("key_in_query", on(key_auth.key_in_query)),
        ("key_in_body", on(key_auth.key_in_body)),
        ("hide_credentials", on(key_auth.hide_credentials)),
        (
            "anonymous",
            key_auth.anonymous.map_or_else(none, |id| id.to_string()),
        ),
        ("run_on_preflight", on(key_auth.run_on_preflight)),
        (
            "realm",
            key_auth
                .realm
                .as_ref()
                .map_or_else(none, ToString::to_string),
        ),
    ]
}

fn acl(acl: Option<&Acl>, has_version: bool) -> Vec<(&'static str, String)> {
    let groups = |groups: &[crate::domain::text::Line<128>]| {
        let names: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
        names.join(", ")
    };
    let mut parameters = Vec::new();
    if has_version {
        let approved = "applications approved for this version".to_owned();
        parameters.push(("allow", approved));
    }
    match acl.map(|acl| &acl.rule) {
        Some(AclRule::Allow(names)) => parameters.push(("allow (groups)", groups(names))),
        Some(AclRule::Deny(names)) => parameters.push(("deny (groups)", groups(names))),
        None => {}
    }
    parameters.push((
        "hide_groups_header",
        on(acl.is_some_and(|acl| acl.hide_groups_header)),
    ));
    parameters
}

fn on(is_on: bool) -> String {
    if is_on { "on" } else { "off" }.to_owned()
}

fn none() -> String {
    "none".to_owned()
}
