//! API products and their versions.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::id::{ApiProductId, ProductVersionId};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;

/// Free labels, for administrators' tools.
pub type Labels = BTreeMap<String, String>;

/// An API product: what a developer sees in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiProduct {
    /// Identifies it.
    pub id: ApiProductId,
    /// Its name, unique in the registry.
    pub name: Line<100>,
    /// What it is about.
    pub description: Option<Prose<4096>>,
    /// Labels nobody but administrators sees.
    pub labels: Labels,
    /// Labels developers see.
    pub public_labels: Labels,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A version of an API product: what an application registers for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProductVersion {
    /// Identifies it; an approved registration names it.
    pub id: ProductVersionId,
    /// What it is a version of.
    pub product: ApiProductId,
    /// Its name, unique in the product.
    pub name: Line<255>,
    /// Whether developers are warned off it.
    pub deprecated: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
