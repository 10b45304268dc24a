//! Services: what routes call them, and their plugins.

use serde_json::{Value, json};

use crate::administration::publications::{self, PublicationView};
use crate::administration::services::{self, ServiceContent};
use crate::administration::{AdministrationError, products, versions};
use crate::domain::id::{ProductVersionId, ServiceId};
use crate::domain::service::{KeyAuth, Service};
use crate::http::pages::admin::desk::{Desk, found, narrowed, noted};
use crate::http::pages::admin::service_view::{Owner, ServiceView, plugins};
use crate::http::pages::{Browse, Draft, Form, PageError, PageResult};
use crate::http::path::Named;

const FORM: &str = "admin/service_form.html";

const FIELDS: [&str; 3] = ["name", "proxy_url", "public"];

/// A service, the version it belongs to, and how that is published.
pub(super) struct Known {
    pub(super) service: Service,
    pub(super) owner: Option<Owner>,
    pub(super) publication: Option<PublicationView>,
}

// === impl Known ===

impl Known {
    /// Reads a service.
    pub(super) async fn read(desk: &Desk, id: ServiceId) -> Result<Self, PageError> {
        let service = services::lookup(&desk.acting, id).await?;
        let (owner, publication) = match service.product_version {
            Some(version) => (
                owner(desk, version).await?,
                found(publications::lookup(&desk.acting, version).await)?,
            ),
            None => (None, None),
        };
        Ok(Self {
            service,
            owner,
            publication,
        })
    }

    /// Returns the page of the service.
    pub(super) fn path(&self) -> String {
        format!("/services/{}", self.service.id)
    }
}

/// Lists the services.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let list = services::list(&desk.acting, &narrowed(&browse, "name")).await?;
    let mut rows = Vec::new();
    for service in &list.items {
        let owner = match service.product_version {
            Some(version) => owner(&desk, version).await?,
            None => None,
        };
        rows.push(json!({
            "id": service.id,
            "name": service.name,
            "proxy_url": service.proxy_url,
            "owner": owner,
            "public": service.public,
        }));
    }
    let page = json!({
        "q": browse.text("q"),
        "services": rows,
        "pager": browse.pager(list.total),
    });
    desk.show("admin/services.html", page)
}

/// Asks for a new service.
pub(super) async fn blank(desk: Desk) -> PageResult {
    desk.show(FORM, form_page(None, &Draft::blank(&FIELDS)))
}

/// Adds a service without a product version.
pub(super) async fn add(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    let (name, proxy_url) = (draft.parse("name"), draft.parse_filled("proxy_url"));
    if let (Some(name), Some(proxy_url)) = (name, proxy_url) {
        let content = ServiceContent {
            name,
            product_version_id: None,
            proxy_url,
            key_auth: KeyAuth::default(),
            acl: None,
            public: form.is_ticked("public"),
        };
        match services::add(&desk.acting, content).await {
            Ok(service) => {
                let text = "The service is created. Any valid key opens it until it belongs to a \
                            product version or has an acl.";
                return desk.done(&format!("/services/{}", service.id), text);
            }
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, form_page(None, &draft))
}

/// Shows a service.
pub(super) async fn show(desk: Desk, Named(id): Named<ServiceId>) -> PageResult {
    let known = Known::read(&desk, id).await?;
    let publication = known.publication.as_ref();
    let page = json!({
        "service": ServiceView::read(&desk, Some(&known.service)).await?,
        "owner": known.owner,
        "path": known.path(),
        "plugins": plugins(&desk, &known.service, publication).await?,
        "strategy": publication.and_then(|view| view.strategy.as_ref()).map(|one| one.display_name.as_str()),
    });
    desk.show("admin/service.html", page)
}

/// Shows what may be changed about a service.
pub(super) async fn edit(desk: Desk, Named(id): Named<ServiceId>) -> PageResult {
    let known = Known::read(&desk, id).await?;
    let proxy_url = known.service.proxy_url.as_ref();
    let draft = Draft::blank(&FIELDS)
        .with("name", &known.service.name)
        .with("proxy_url", proxy_url.map_or("", |url| url.as_str()))
        .with("public", if known.service.public { "on" } else { "" });
    desk.show(FORM, form_page(Some(&known), &draft))
}

/// Changes a service.
pub(super) async fn change(desk: Desk, Named(id): Named<ServiceId>, form: Form) -> PageResult {
    let known = Known::read(&desk, id).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    let (name, proxy_url) = (draft.parse("name"), draft.parse_filled("proxy_url"));
    if let (Some(name), Some(proxy_url)) = (name, proxy_url) {
        let public = form.is_ticked("public");
        let revise = |content: ServiceContent| {
            Ok::<_, AdministrationError>(ServiceContent {
                name,
                proxy_url,
                public,
                ..content
            })
        };
        match services::change(&desk.acting, id, revise).await {
            Ok(_) => return desk.done(&known.path(), "The service is saved."),
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, form_page(Some(&known), &draft))
}

/// Asks whether a service shall go.
pub(super) async fn confirm(desk: Desk, Named(id): Named<ServiceId>) -> PageResult {
    let known = Known::read(&desk, id).await?;
    let page = json!({
        "title": format!("Delete {}?", known.service.name),
        "consequences": ["Gateways refuse requests for its routes from then on."],
        "action": format!("{}/delete", known.path()),
        "button": "Delete service",
        "back": known.path(),
        "keep": "Keep it",
    });
    desk.show("confirm.html", page)
}

/// Removes a service.
pub(super) async fn remove(desk: Desk, Named(id): Named<ServiceId>, _: Form) -> PageResult {
    services::remove(&desk.acting, id).await?;
    desk.done("/services", "The service is deleted.")
}

async fn owner(desk: &Desk, version: ProductVersionId) -> Result<Option<Owner>, PageError> {
    let Some(view) = found(versions::find(&desk.acting, version).await)? else {
        return Ok(None);
    };
    let product = products::lookup(&desk.acting, view.version.product).await?;
    Ok(Some(Owner::of(&product.product, &view)))
}

fn form_page(known: Option<&Known>, draft: &Draft) -> Value {
    let path = known.map(Known::path);
    json!({
        "service": known.map(|known| known.service.name.as_str()),
        "action": path.as_ref().map_or_else(|| "/services/new".to_owned(), |path| format!("{path}/edit")),
        "back": path.unwrap_or_else(|| "/services".to_owned()),
        "form": draft,
    })
}
