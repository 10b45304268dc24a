//! Documents of an API product: a tree of pages in Markdown.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::id::{ApiProductId, DocumentId};
use crate::domain::publication::PublishStatus;
use crate::domain::schema::schema;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

/// The most documents a product has: they are read in one piece.
pub const MOST_DOCUMENTS: usize = 500;

/// How many levels the tree has at most.
pub const DEEPEST: usize = 10;

/// The longest slug (Konnect's limit).
const LONGEST_SLUG: usize = 80;

/// A document, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Identifies it.
    pub id: DocumentId,
    /// What it is about.
    pub product: ApiProductId,
    /// The document it is beneath.
    pub parent: Option<DocumentId>,
    /// What URLs call it, unique in the product.
    pub slug: Slug,
    /// What people call it.
    pub title: Line<255>,
    /// Whether developers see it.
    pub status: PublishStatus,
    /// Where it stands beneath its parent, the smallest first.
    pub position: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a URL calls a document: 1 to 80 ASCII letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slug(String);

/// The text is no slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSlug {
    /// Not of the characters there are, or of too many.
    #[error("must be 1 to {LONGEST_SLUG} letters, digits, `-` or `_`")]
    Form,
    /// A document is found by its id or by its slug: they must not be mistaken for each other.
    #[error("must not look like an id")]
    Id,
}

/// All documents of a product, or those that developers see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Documents(Vec<Document>);

/// A document and what is beneath it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The document.
    pub document: Document,
    /// What is beneath it, in order.
    pub children: Vec<Branch>,
}

/// Why a document cannot be where it is wished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlace {
    /// There is no such document to be beneath.
    #[error("must be the id of another document of the product")]
    UnknownParent,
    /// It would be beneath itself.
    #[error("must not be the document itself, or one beneath it")]
    BeneathItself,
    /// The tree would grow too deep.
    #[error("must leave the tree no more than {DEEPEST} levels deep")]
    TooDeep,
}

// === impl Slug ===

impl Slug {
    /// Parses a slug.
    pub fn parse(text: &str) -> Result<Self, InvalidSlug> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if text.is_empty() || text.len() > LONGEST_SLUG || !text.bytes().all(is_allowed) {
            return Err(InvalidSlug::Form);
        }
        if text.parse::<DocumentId>().is_ok() {
            return Err(InvalidSlug::Id);
        }
        Ok(Self(text.to_owned()))
    }

    /// Borrows the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        Self::parse(text)
    }
}

schema!([] Slug = {
    "type": "string",
    "pattern": format!("^[A-Za-z0-9_-]{{1,{LONGEST_SLUG}}}$"),
});

impl Serialize for Slug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

// === impl Documents ===

impl Documents {
    /// Takes the documents of a product.
    pub fn new(documents: Vec<Document>) -> Self {
        Self(documents)
    }

    /// Borrows them, in no order that means something.
    pub fn as_slice(&self) -> &[Document] {
        &self.0
    }

    /// Finds a document by its id.
    pub fn find(&self, id: DocumentId) -> Option<&Document> {
        self.0.iter().find(|document| document.id == id)
    }

    /// Finds a document by its slug or, as front-ends do too, by its id.
    pub fn find_by_name(&self, name: &str) -> Option<&Document> {
        match name.parse() {
            Ok(id) => self.find(id),
            Err(_) => self.0.iter().find(|document| document.slug.0 == name),
        }
    }

    /// Keeps what developers see: what is published beneath published documents only.
    #[must_use]
    pub fn published(self) -> Self {
        let is_seen = |document: &Document| {
            self.line(document)
                .all(|above| above.status == PublishStatus::Published)
        };
        Self(self.0.iter().filter(|one| is_seen(one)).cloned().collect())
    }

    /// Returns the tree; what is beneath something that is not among the documents is left out.
    pub fn tree(self) -> Vec<Branch> {
        let mut beneath: BTreeMap<Option<DocumentId>, Vec<Document>> = BTreeMap::new();
        for document in self.0 {
            beneath.entry(document.parent).or_default().push(document);
        }
        branches(&mut beneath, None)
    }

    /// Returns them as the tree has them, from top to bottom.
    pub fn in_order(self) -> Vec<Document> {
        fn add(branches: Vec<Branch>, list: &mut Vec<Document>) {
            for branch in branches {
                list.push(branch.document);
                add(branch.children, list);
            }
        }
        let mut list = Vec::with_capacity(self.0.len());
        add(self.tree(), &mut list);
        list
    }

    /// Returns the position after the last beneath a document.
    pub fn next_position(&self, parent: Option<DocumentId>) -> u32 {
        let siblings = self.0.iter().filter(|one| one.parent == parent);
        siblings
            .map(|one| one.position.saturating_add(1))
            .max()
            .unwrap_or_default()
    }

    /// Whether something is beneath a document.
    pub fn has_children(&self, id: DocumentId) -> bool {
        self.0.iter().any(|document| document.parent == Some(id))
    }

    /// Judges whether a document may be beneath another; a new one is not among the documents yet.
    pub fn place(&self, id: DocumentId, parent: Option<DocumentId>) -> Result<(), InvalidPlace> {
        let above = match parent {
            None => 0,
            Some(parent) => {
                let parent = self.find(parent).ok_or(InvalidPlace::UnknownParent)?;
                if self.line(parent).any(|above| above.id == id) {
                    return Err(InvalidPlace::BeneathItself);
                }
                self.line(parent).count()
            }
        };
        if above + self.height(id) > DEEPEST {
            return Err(InvalidPlace::TooDeep);
        }
        Ok(())
    }

    /// A document and everything above it.
    fn line<'a>(&'a self, document: &'a Document) -> impl Iterator<Item = &'a Document> {
        let above = |below: &&'a Document| self.find(below.parent?);
        // The tree is never deeper, whatever a table was made to say.
        std::iter::successors(Some(document), above).take(DEEPEST + 1)
    }

    /// How many levels a document and what is beneath it have.
    fn height(&self, id: DocumentId) -> usize {
        let beneath = |one: &Document| self.line(one).position(|above| above.id == id);
        1 + self.0.iter().filter_map(beneath).max().unwrap_or(0)
    }
}

fn branches(
    beneath: &mut BTreeMap<Option<DocumentId>, Vec<Document>>,
    parent: Option<DocumentId>,
) -> Vec<Branch> {
    let mut documents = beneath.remove(&parent).unwrap_or_default();
    documents.sort_by_key(|document| (document.position, document.created_at, document.id));
    let branch = |document: Document| Branch {
        children: branches(beneath, Some(document.id)),
        document,
    };
    documents.into_iter().map(branch).collect()
}

#[cfg(test)]
mod tests;
