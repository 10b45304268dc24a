//! Versions of a product: their service, how the portal shows them, who may register.

use serde::Serialize;
use serde_json::{Value, json};

use crate::administration::publications::{self, PublicationView};
use crate::administration::services::{self, ServiceContent};
use crate::administration::versions::{self, NewVersion, VersionChanges, VersionView};
use crate::administration::{AdministrationError, products};
use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::product::ApiProduct;
use crate::domain::service::Service;
use crate::domain::wish::Wish;
use crate::http::pages::admin::desk::{Desk, found, noted};
use crate::http::pages::admin::service_view::{ServiceView, plugins};
use crate::http::pages::{Draft, Form, PageError, PageResult};
use crate::http::path::Named;

const FORM: &str = "admin/version_form.html";

const FIELDS: [&str; 3] = ["name", "proxy_url", "deprecated"];

/// Everything there is to know of a version.
pub(super) struct Known {
    pub(super) product: ApiProduct,
    pub(super) version: VersionView,
    pub(super) service: Option<Service>,
    pub(super) publication: Option<PublicationView>,
}

/// The names that lead to a version.
#[derive(Serialize)]
struct Shown<'a> {
    product_id: ApiProductId,
    product_name: &'a str,
    id: ProductVersionId,
    name: &'a str,
    deprecated: bool,
}

// === impl Known ===

impl Known {
    /// Reads a version of a product.
    pub(super) async fn read(
        desk: &Desk,
        (product, id): (ApiProductId, ProductVersionId),
    ) -> Result<Self, PageError> {
        let acting = &desk.acting;
        let version = versions::lookup(acting, product, id).await?;
        Ok(Self {
            product: products::lookup(acting, product).await?.product,
            service: match version.service {
                Some(id) => found(services::lookup(acting, id).await)?,
                None => None,
            },
            publication: found(publications::lookup(acting, id).await)?,
            version,
        })
    }

    /// Returns the page of the version.
    pub(super) fn path(&self) -> String {
        let version = &self.version.version;
        format!("/products/{}/versions/{}", version.product, version.id)
    }

    /// Returns the names that lead to it, for pages.
    pub(super) fn shown(&self) -> impl Serialize {
        let version = &self.version.version;
        Shown {
            product_id: self.product.id,
            product_name: self.product.name.as_str(),
            id: version.id,
            name: version.name.as_str(),
            deprecated: version.deprecated,
        }
    }
}

/// Asks for a new version.
pub(super) async fn blank(desk: Desk, Named(product): Named<ApiProductId>) -> PageResult {
    desk.show(FORM, new_page(&desk, product, Draft::blank(&FIELDS)).await?)
}

/// Adds a version, with a service of its own.
pub(super) async fn add(desk: Desk, Named(product): Named<ApiProductId>, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    let (name, proxy_url) = (draft.parse("name"), draft.parse_filled("proxy_url"));
    if let (Some(name), Some(proxy_url)) = (name, proxy_url) {
        let new = NewVersion {
            name,
            gateway_service: Wish::Keep,
            deprecated: false,
        };
        // Before anything is made, so that a refusal leaves nothing behind.
        let added = match services::check_proxy_url(proxy_url.as_ref()) {
            Ok(()) => versions::add(&desk.acting, product, new).await,
            Err(error) => Err(error),
        };
        match added {
            Ok(view) => {
                let path = format!("/products/{product}/versions/{}", view.version.id);
                if let Some(service) = view.service {
                    set_proxy_url(&desk, service, proxy_url).await?;
                }
                let text = "The version is created, and a service for it. Enable app registration \
                            next, so that developers can register for it.";
                return desk.done(&path, text);
            }
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, new_page(&desk, product, draft).await?)
}

/// Shows a version.
pub(super) async fn show(
    desk: Desk,
    Named(ids): Named<(ApiProductId, ProductVersionId)>,
) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    let view = ServiceView::read(&desk, known.service.as_ref()).await?;
    let publication = known.publication.as_ref();
    let plugins = match &known.service {
        Some(service) => plugins(&desk, service, publication).await?,
        None => Vec::new(),
    };
    let page = json!({
        "version": known.shown(),
        "service": view,
        "plugins": plugins,
        "publication": publication.map(terms),
        "path": known.path(),
        "portal_url": desk.visit.settings().public_url.as_str(),
    });
    desk.show("admin/version.html", page)
}

/// Shows what may be changed about a version.
pub(super) async fn edit(
    desk: Desk,
    Named(ids): Named<(ApiProductId, ProductVersionId)>,
) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    let service = known.service.as_ref();
    let proxy_url = service.and_then(|service| service.proxy_url.as_ref());
    let version = &known.version.version;
    let draft = Draft::blank(&FIELDS)
        .with("name", &version.name)
        .with("proxy_url", proxy_url.map_or("", |url| url.as_str()))
        .with("deprecated", if version.deprecated { "on" } else { "" });
    desk.show(FORM, edit_page(&known, &draft))
}

/// Changes a version and its service's URL.
pub(super) async fn change(
    desk: Desk,
    Named((product, id)): Named<(ApiProductId, ProductVersionId)>,
    form: Form,
) -> PageResult {
    let known = Known::read(&desk, (product, id)).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    let (name, proxy_url) = (draft.parse("name"), draft.parse_filled("proxy_url"));
    if let (Some(name), Some(proxy_url)) = (name, proxy_url) {
        let changes = VersionChanges {
            name: Some(name),
            deprecated: Some(form.is_ticked("deprecated")),
            ..VersionChanges::default()
        };
        let renamed = match services::check_proxy_url(proxy_url.as_ref()) {
            Ok(()) => versions::change(&desk.acting, (product, id), changes).await,
            Err(error) => Err(error),
        };
        let saved = match (renamed, known.version.service) {
            (Ok(_), Some(service)) => set_proxy_url(&desk, service, proxy_url).await,
            (renamed, _) => renamed.map(drop),
        };
        match saved {
            Ok(()) => return desk.done(&known.path(), "The version is saved."),
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, edit_page(&known, &draft))
}

/// Asks whether a version shall go.
pub(super) async fn confirm(
    desk: Desk,
    Named(ids): Named<(ApiProductId, ProductVersionId)>,
) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    let name = format!("{} {}", known.product.name, known.version.version.name);
    let consequences = [
        "Its service, its place in the catalogue and all registrations for it go too.",
        "Gateways refuse requests for its service from then on.",
    ];
    let page = json!({
        "title": format!("Delete {name}?"),
        "consequences": consequences,
        "action": format!("{}/delete", known.path()),
        "button": "Delete version",
        "back": known.path(),
        "keep": "Keep it",
    });
    desk.show("confirm.html", page)
}

/// Removes a version.
pub(super) async fn remove(
    desk: Desk,
    Named((product, id)): Named<(ApiProductId, ProductVersionId)>,
    _: Form,
) -> PageResult {
    versions::remove(&desk.acting, product, id).await?;
    desk.done(&format!("/products/{product}"), "The version is deleted.")
}

async fn set_proxy_url(
    desk: &Desk,
    id: crate::domain::id::ServiceId,
    proxy_url: Option<url::Url>,
) -> Result<(), AdministrationError> {
    let revise = |content: ServiceContent| {
        Ok::<_, AdministrationError>(ServiceContent {
            proxy_url,
            ..content
        })
    };
    services::change(&desk.acting, id, revise).await.map(drop)
}

async fn new_page(desk: &Desk, product: ApiProductId, draft: Draft) -> Result<Value, PageError> {
    let product = products::lookup(&desk.acting, product).await?.product;
    Ok(json!({
        "product_id": product.id,
        "product_name": product.name,
        "version": null,
        "action": format!("/products/{}/versions/new", product.id),
        "back": format!("/products/{}", product.id),
        "form": draft,
    }))
}

fn edit_page(known: &Known, draft: &Draft) -> Value {
    json!({
        "product_id": known.product.id,
        "product_name": known.product.name,
        "version": known.version.version.name,
        "action": format!("{}/edit", known.path()),
        "back": known.path(),
        "form": draft,
    })
}

/// Returns what a page says of a publication.
fn terms(view: &PublicationView) -> Value {
    json!({
        "publish_status": view.publication.publish_status,
        "takes_registrations": view.publication.application_registration_enabled,
        "auto_approve": view.publication.auto_approve_registration,
        "strategy": view.strategy.as_ref().map(|strategy| strategy.display_name.as_str()),
    })
}
