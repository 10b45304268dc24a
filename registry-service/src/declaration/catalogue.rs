//! What a declaration says of API products and all that belongs to them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::declaration::Service;
use crate::domain::document::Slug;
use crate::domain::product::Labels;
use crate::domain::publication::PublishStatus;
use crate::domain::text::{Line, Prose};

/// An API product and what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its name, unique in the registry.
    pub name: Line<100>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose<4096>>,
    /// Labels nobody but administrators sees.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Labels developers see.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub public_labels: Labels,
    /// Its documents, in the order they are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<Document>>,
    /// Its versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<Version>>,
}

/// A document of a product, and those beneath it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What URLs call it, unique in the product.
    pub slug: Slug,
    /// What people call it.
    pub title: Line<255>,
    /// Whether developers see it.
    pub status: PublishStatus,
    /// What it says, in Markdown, unless `file` says where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The file that holds what it says, seen from the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Where it stands among those beside it; missing: where it stands here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// The documents beneath it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
}

/// A version of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Its name, unique in the product.
    pub name: Line<255>,
    /// Whether developers are warned off it.
    #[serde(default)]
    pub deprecated: bool,
    /// Its OpenAPI document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specification: Option<Specification>,
    /// What Envoy knows it as; missing: the one it gets when it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// How the portal shows it and how one registers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Publication>,
}

/// An OpenAPI document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Specification {
    /// The name of its file.
    pub name: Line<255>,
    /// What it says, in JSON or YAML, unless `file` says where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The file that holds what it says, seen from the declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

/// How the portal shows a version and how one registers for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Whether the catalogue shows it.
    pub publish_status: PublishStatus,
    /// The strategy of applications that register, by its name; none closes the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Line<255>>,
    /// Whether new registrations are taken.
    #[serde(default)]
    pub application_registration_enabled: bool,
    /// Whether they are approved at once.
    #[serde(default)]
    pub auto_approve_registration: bool,
}
