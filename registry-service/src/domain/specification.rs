//! The specification of a product version: an OpenAPI document, 2.0, 3.0 or 3.1, in JSON or YAML.
//!
//! It is kept as it was sent. [`OpenApi`] is what is shown of it, read anew whenever it is shown;
//! [`read`] reads it, [`mod@reference`] follows its references, [`shape`] puts schemas into words.

mod read;
mod reference;
mod shape;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::domain::id::{ProductVersionId, SpecificationId};
use crate::domain::name::named;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

/// The largest specification, in bytes: as base64 it just fits into the body of a request.
pub const LARGEST: usize = 720 * 1024;

/// The specification of a product version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Specification {
    /// Identifies it.
    pub id: SpecificationId,
    /// What it specifies; a version has one at most.
    pub version: ProductVersionId,
    /// The name of its file.
    pub name: Line<255>,
    /// What it says: too much for the audit.
    #[serde(skip)]
    pub content: SpecificationText,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The text of a specification, which was read as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SpecificationText(String);

/// Why a text is no specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSpecification {
    /// There is too much.
    #[error("must have at most {LARGEST} bytes")]
    TooLarge,
    /// PostgreSQL cannot keep it.
    #[error("must not contain NUL")]
    Nul,
    /// It cannot be read at all.
    #[error("is neither JSON nor YAML: {reason}")]
    Syntax {
        /// What the parser says, with the line.
        reason: String,
    },
    /// Something in it is not as OpenAPI has it.
    #[error("is no OpenAPI document: at `{place}`: {reason}")]
    At {
        /// Where: names and numbers with dots between.
        place: String,
        /// What is wrong there.
        reason: String,
    },
}

/// What is shown of a specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenApi {
    /// What it is written in: `2.0`, `3.0.3`, `3.1.0`.
    pub written_in: String,
    /// The API's name.
    pub title: String,
    /// The API's version, in its owner's words.
    pub version: String,
    /// What it is about, in Markdown.
    pub description: Option<String>,
    /// Where it is served.
    pub servers: Vec<Server>,
    /// What can be asked, by path and then in the order of [`Method`].
    pub operations: Vec<Operation>,
}

/// Where an API is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its URL; it may be relative, and have `{variables}`.
    pub url: String,
    /// What it is, in Markdown.
    pub description: Option<String>,
}

named! {
    /// What is done to a path.
    Method {
        /// Read.
        Get = "get",
        /// Replace.
        Put = "put",
        /// Add, or do.
        Post = "post",
        /// Remove.
        Delete = "delete",
        /// Change.
        Patch = "patch",
        /// Ask what there is.
        Head = "head",
        /// Ask what is allowed.
        Options = "options",
        /// Ask what arrives.
        Trace = "trace",
    }
}

/// What can be asked of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The path, with `{parameters}`.
    pub path: String,
    /// The method.
    pub method: Method,
    /// Its name in code.
    pub id: Option<String>,
    /// What it does, in a line.
    pub summary: Option<String>,
    /// What it does, in Markdown.
    pub description: Option<String>,
    /// What it belongs to.
    pub tags: Vec<String>,
    /// Whether users are warned off it.
    pub is_deprecated: bool,
    /// What a request says besides its body.
    pub parameters: Vec<Parameter>,
    /// What a request sends.
    pub request: Option<Message>,
    /// What is answered, by status.
    pub responses: Vec<(String, Message)>,
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    /// Whether a request has to have it.
    pub is_required: bool,
    /// What it is, in Markdown.
    pub description: Option<String>,
    /// What it looks like, such as `integer (int32)`.
    pub shape: String,
}

/// What a request or an answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is, in Markdown.
    pub description: Option<String>,
    /// Whether it has to be there.
    pub is_required: bool,
    /// What it may be, by media type.
    pub contents: Vec<Content>,
}

/// What a body looks like in one media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The media type.
    pub media_type: String,
    /// What it looks like, such as `array of Pet`.
    pub shape: String,
    /// The members of an object, or of the objects of an array.
    pub members: Vec<Member>,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What it looks like.
    pub shape: String,
    /// Whether it is always there.
    pub is_required: bool,
    /// What it is, in Markdown.
    pub description: Option<String>,
}

// === impl SpecificationText ===

impl SpecificationText {
    /// Parses a text; a refusal says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, InvalidSpecification> {
        OpenApi::parse(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes a text that was parsed when it was kept.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// Borrows the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SpecificationText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for SpecificationText {
    type Err = InvalidSpecification;

    fn from_str(text: &str) -> Result<Self, InvalidSpecification> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
