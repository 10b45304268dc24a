//! API products.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{Acting, AdministrationError, InvalidField, Result};
use crate::domain::access::Duty;
use crate::domain::id::{ApiProductId, PortalId};
use crate::domain::product::{ApiProduct, Labels};
use crate::domain::text::{Line, Prose};
use crate::domain::wish::Wish;
use crate::storage::{Connection, Deed, List, Wanted, portal, product};

/// A product, and what is known around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductView {
    /// The product.
    pub product: ApiProduct,
    /// The portal, which shows every product.
    pub portal: PortalId,
    /// How many versions it has.
    pub version_count: i64,
}

/// A product to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// Its name, unique in the registry.
    pub name: Line<100>,
    /// What it is about.
    pub description: Option<Prose<4096>>,
    /// Labels nobody but administrators sees.
    #[serde(default)]
    pub labels: Labels,
    /// Labels developers see.
    #[serde(default)]
    pub public_labels: Labels,
    /// One registry is one portal: it shows every product, and no other can be named.
    #[serde(default)]
    pub portal_ids: Vec<PortalId>,
}

/// What may be changed about a product.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductChanges {
    /// Its name.
    pub name: Option<Line<100>>,
    /// What it is about.
    #[serde(default)]
    pub description: Wish<Prose<4096>>,
    /// Labels nobody but administrators sees.
    pub labels: Option<Labels>,
    /// Labels developers see.
    pub public_labels: Option<Labels>,
}

/// Lists products.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<ProductView>> {
    let mut snapshot = acting.read().await?;
    let list = product::list(&mut snapshot, wanted).await?;
    let mut items = Vec::new();
    for product in list.items {
        items.push(view(&mut snapshot, product).await?);
    }
    let total = list.total;
    Ok(List { items, total })
}

/// Adds a product.
pub async fn add(acting: &Acting, new: NewProduct) -> Result<ProductView> {
    let mut write = acting.write(Duty::Manage).await?;
    let portal = portal::lookup(&mut write).await?;
    if new.portal_ids.iter().any(|id| *id != portal.id) {
        return Err(InvalidField::new("portal_ids", "exists", "names another portal").into());
    }
    let product = ApiProduct {
        id: ApiProductId(acting.new_id()),
        name: new.name,
        description: new.description,
        labels: new.labels,
        public_labels: new.public_labels,
        created_at: write.now,
        updated_at: write.now,
    };
    product::add(&mut write, &product).await?;
    let view = view(&mut write, product).await?;
    let deed = Deed::new("api-product.add", view.product.id).became(&view.product);
    write.commit(deed).await?;
    Ok(view)
}

/// Reads a product.
pub async fn lookup(acting: &Acting, id: ApiProductId) -> Result<ProductView> {
    let mut snapshot = acting.read().await?;
    let product = existing(&mut snapshot, id).await?;
    view(&mut snapshot, product).await
}

/// Changes a product.
pub async fn change(
    acting: &Acting,
    id: ApiProductId,
    changes: ProductChanges,
) -> Result<ProductView> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    let mut product = before.clone();
    product.name = changes.name.unwrap_or(product.name);
    changes.description.apply(&mut product.description);
    product.labels = changes.labels.unwrap_or(product.labels);
    product.public_labels = changes.public_labels.unwrap_or(product.public_labels);
    product.updated_at = write.now.later_than(before.updated_at);
    product::update(&mut write, &product).await?;
    let view = view(&mut write, product).await?;
    let deed = Deed::new("api-product.update", id).was(&before);
    write.commit(deed.became(&view.product)).await?;
    Ok(view)
}

/// Removes a product with its versions.
pub async fn remove(acting: &Acting, id: ApiProductId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    product::remove(&mut write, id).await?;
    let deed = Deed::new("api-product.remove", id).was(&before);
    write.commit(deed).await?;
    Ok(())
}

pub(super) async fn existing(connection: &mut Connection, id: ApiProductId) -> Result<ApiProduct> {
    product::lookup(connection, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}

async fn view(connection: &mut Connection, product: ApiProduct) -> Result<ProductView> {
    Ok(ProductView {
        portal: portal::lookup(connection).await?.id,
        version_count: product::count_versions(connection, product.id).await?,
        product,
    })
}
