//! A version of a product: what it offers, and how to get at it.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use serde::Serialize;

use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::http::pages::PageResult;
use crate::http::pages::portal::guest::Guest;
use crate::http::pages::portal::operation::Reference;
use crate::http::pages::portal::product::{Head, head, takes_registrations};
use crate::http::path::Named;
use crate::http::problem::Problem;
use crate::self_service::{catalogue, documents};

/// The ids in the path of a version.
pub(super) type Ids = (ApiProductId, ProductVersionId);

#[derive(Serialize)]
struct Page {
    product: Head,
    version: Version,
    takes_registrations: bool,
    approves_at_once: bool,
    is_public: bool,
    strategy: Option<String>,
    has_specification: bool,
    reference: Option<Reference>,
}

/// The version a page is about.
#[derive(Serialize)]
pub(super) struct Version {
    pub(super) id: ProductVersionId,
    pub(super) name: String,
    pub(super) is_deprecated: bool,
}

/// Shows a version.
pub(super) async fn show(guest: Guest, Named(ids): Named<Ids>) -> PageResult {
    let visitor = guest.visitor().await?;
    let registry = &guest.visit.registry;
    let offer = catalogue::version(registry, visitor, ids).await?;
    let specification = documents::specification(registry, visitor, ids).await?;
    let described = documents::described(registry, visitor, ids).await?;
    let page = Page {
        product: head(&guest.visit, visitor, ids.0).await?,
        takes_registrations: takes_registrations(&offer),
        approves_at_once: offer.approves_at_once,
        is_public: guest.portal.is_public,
        strategy: offer.published.strategy.map(|(_, name)| name.to_string()),
        version: Version {
            id: ids.1,
            name: offer.published.version.name.to_string(),
            is_deprecated: offer.published.version.deprecated,
        },
        has_specification: specification.is_some(),
        reference: described.map(Reference::of),
    };
    guest.visit.show("portal/version.html", page)
}

/// Sends the specification as its owner wrote it.
pub(super) async fn download(guest: Guest, Named(ids): Named<Ids>) -> PageResult {
    let visitor = guest.visitor().await?;
    let found = documents::specification(&guest.visit.registry, visitor, ids).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let text = found.content.as_str();
    let is_json = text.trim_start().starts_with('{');
    let (kind, name) = if is_json {
        ("application/json", "openapi.json")
    } else {
        ("application/yaml", "openapi.yaml")
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let mut response = text.to_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::try_from(disposition) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
