//! Products with at least one published version.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::product::ApiProduct;
use crate::domain::text::Line;
use crate::storage::list::Select;
use crate::storage::product::product;
use crate::storage::row::parsed_or_none;
use crate::storage::{Connection, List, Range, Result};

const COLUMNS: &str = "p.*, n.version_count, coalesce(m.document_count, 0) as document_count, \
     (select v.product_version_id from product_version v \
      join publication u on u.product_version_id = v.product_version_id \
      where v.api_product_id = p.api_product_id and u.publish_status = 'published' \
      order by v.created_at desc, v.product_version_id limit 1) as latest_id, \
     (select v.name from product_version v \
      join publication u on u.product_version_id = v.product_version_id \
      where v.api_product_id = p.api_product_id and u.publish_status = 'published' \
      order by v.created_at desc, v.product_version_id limit 1) as latest_name";

const PUBLISHED: &str = "api_product p join \
     (select v.api_product_id, count(*) as version_count from product_version v \
      join publication u on u.product_version_id = v.product_version_id \
      where u.publish_status = 'published' group by v.api_product_id) n \
     on n.api_product_id = p.api_product_id \
     left join (with recursive seen (document_id, api_product_id) as \
      (select document_id, api_product_id from document \
       where parent_document_id is null and status = 'published' \
       union all select d.document_id, d.api_product_id from document d \
       join seen s on s.document_id = d.parent_document_id where d.status = 'published') \
      select api_product_id, count(*) as document_count from seen group by api_product_id) m \
     on m.api_product_id = p.api_product_id";

/// A product, and what is published of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedProduct {
    /// The product.
    pub product: ApiProduct,
    /// How many of its versions are published.
    pub version_count: i64,
    /// How many of its documents developers see.
    pub document_count: i64,
    /// The one that was made last.
    pub latest: Option<(ProductVersionId, Line<255>)>,
}

/// Which products are wanted.
#[derive(Debug, Clone, Default)]
pub struct Products {
    /// The one with this id.
    pub id: Option<String>,
    /// Those with this name.
    pub name: Option<String>,
    /// Those whose name contains this, whatever the case.
    pub name_contains: Option<String>,
    /// Those with this description.
    pub description: Option<String>,
    /// Those whose description contains this.
    pub description_contains: Option<String>,
}

/// Reads a product that has something published.
pub async fn lookup(
    connection: &mut Connection,
    id: ApiProductId,
) -> Result<Option<PublishedProduct>> {
    let wanted = Products {
        id: Some(id.to_string()),
        ..Products::default()
    };
    let found = list(connection, wanted, Range::FIRST).await?;
    Ok(found.items.into_iter().next())
}

/// Lists the products that have something published, by name.
pub async fn list(
    connection: &mut Connection,
    wanted: Products,
    range: Range,
) -> Result<List<PublishedProduct>> {
    let name_contains = wanted.name_contains.map(|text| text.to_lowercase());
    Select::new(COLUMNS, PUBLISHED, "p.name_key, p.api_product_id")
        .equals("p.api_product_id", wanted.id)
        .equals("p.name", wanted.name)
        .contains("p.name_key", name_contains)
        .equals("p.description", wanted.description)
        .contains("p.description", wanted.description_contains)
        .list(connection, range, published)
        .await
}

fn published(row: &AnyRow) -> Result<PublishedProduct> {
    let latest = parsed_or_none(row, "latest_id")?.zip(parsed_or_none(row, "latest_name")?);
    Ok(PublishedProduct {
        product: product(row)?,
        version_count: row.try_get("version_count")?,
        document_count: row.try_get("document_count")?,
        latest,
    })
}
