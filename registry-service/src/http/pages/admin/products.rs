//! API products.

use serde_json::{Value, json};

use crate::administration::products::{self, NewProduct, ProductChanges, ProductView};
use crate::administration::{publications, versions};
use crate::domain::id::ApiProductId;
use crate::domain::product::Labels;
use crate::http::pages::admin::desk::{Desk, found, narrowed, noted, set};
use crate::http::pages::{Browse, Draft, Form, PageResult};
use crate::http::path::Named;

const FORM: &str = "admin/product_form.html";

const FIELDS: [&str; 2] = ["name", "description"];

/// Lists the products.
pub(super) async fn list(desk: Desk, browse: Browse) -> PageResult {
    let list = products::list(&desk.acting, &narrowed(&browse, "name")).await?;
    let page = json!({
        "q": browse.text("q"),
        "products": list.items.iter().map(row).collect::<Vec<_>>(),
        "pager": browse.pager(list.total),
    });
    desk.show("admin/products.html", page)
}

/// Asks for a new product.
pub(super) async fn blank(desk: Desk) -> PageResult {
    desk.show(
        FORM,
        json!({"product": null, "form": Draft::blank(&FIELDS)}),
    )
}

/// Adds a product.
pub(super) async fn add(desk: Desk, form: Form) -> PageResult {
    let mut draft = Draft::of(&form, &FIELDS);
    let (name, description) = (draft.parse("name"), draft.parse_filled("description"));
    if let (Some(name), Some(description)) = (name, description) {
        let new = NewProduct {
            name,
            description,
            labels: Labels::new(),
            public_labels: Labels::new(),
            portal_ids: Vec::new(),
        };
        match products::add(&desk.acting, new).await {
            Ok(ProductView { product, .. }) => {
                let text = format!("{} is created. Add its first version.", product.name);
                return desk.done(&format!("/products/{}", product.id), text);
            }
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, json!({"product": null, "form": draft}))
}

/// Shows a product and its versions.
pub(super) async fn show(desk: Desk, Named(id): Named<ApiProductId>, browse: Browse) -> PageResult {
    let product = products::lookup(&desk.acting, id).await?;
    let list = versions::list(&desk.acting, id, &narrowed(&browse, "name")).await?;
    let mut rows = Vec::new();
    for view in list.items {
        let version = view.version;
        let publication = found(publications::lookup(&desk.acting, version.id).await)?;
        let terms = publication.as_ref().map(|view| &view.publication);
        rows.push(json!({
            "id": version.id,
            "name": version.name,
            "deprecated": version.deprecated,
            "publish_status": terms.map(|terms| terms.publish_status),
            "takes_registrations": terms.is_some_and(|terms| terms.application_registration_enabled),
        }));
    }
    let page = json!({
        "product": row(&product),
        "q": browse.text("q"),
        "versions": rows,
        "pager": browse.pager(list.total),
    });
    desk.show("admin/product.html", page)
}

/// Shows what may be changed about a product.
pub(super) async fn edit(desk: Desk, Named(id): Named<ApiProductId>) -> PageResult {
    let view = products::lookup(&desk.acting, id).await?;
    let description = view.product.description.as_ref();
    let draft = Draft::blank(&FIELDS)
        .with("name", &view.product.name)
        .with("description", description.map_or("", |text| text.as_str()));
    desk.show(FORM, json!({"product": row(&view), "form": draft}))
}

/// Changes a product.
pub(super) async fn change(desk: Desk, Named(id): Named<ApiProductId>, form: Form) -> PageResult {
    let view = products::lookup(&desk.acting, id).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    let (name, description) = (draft.parse("name"), draft.parse_filled("description"));
    if let (Some(name), Some(description)) = (name, description) {
        let changes = ProductChanges {
            name: Some(name),
            description: set(description),
            ..ProductChanges::default()
        };
        match products::change(&desk.acting, id, changes).await {
            Ok(_) => return desk.done(&format!("/products/{id}"), "The product is saved."),
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(FORM, json!({"product": row(&view), "form": draft}))
}

/// Asks whether a product shall go.
pub(super) async fn confirm(desk: Desk, Named(id): Named<ApiProductId>) -> PageResult {
    let ProductView { product, .. } = products::lookup(&desk.acting, id).await?;
    let page = json!({
        "title": format!("Delete {}?", product.name),
        "consequences": [
            "Its versions, their services and all registrations for them go too.",
            "Gateways refuse requests for these services from then on.",
        ],
        "action": format!("/products/{id}/delete"),
        "button": "Delete product",
        "back": format!("/products/{id}"),
        "keep": "Keep it",
    });
    desk.show("confirm.html", page)
}

/// Removes a product.
pub(super) async fn remove(desk: Desk, Named(id): Named<ApiProductId>, _: Form) -> PageResult {
    products::remove(&desk.acting, id).await?;
    desk.done("/products", "The product is deleted.")
}

fn row(view: &ProductView) -> Value {
    json!({
        "id": view.product.id,
        "name": view.product.name,
        "description": view.product.description,
        "version_count": view.version_count,
        "updated_at": view.product.updated_at,
    })
}
