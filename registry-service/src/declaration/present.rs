//! What is there, as a declaration would say it, read through the admin API.

mod reading;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::declaration::Declaration;
use crate::declaration::answer::text;
use crate::declaration::client::ClientError;
use crate::declaration::objects::Name;

pub use reading::read;

/// A registry as it is.
#[derive(Debug)]
pub struct Present {
    /// What it would be declared as.
    pub declaration: Declaration,
    /// What the API calls what is declared, and what declarations may name.
    pub ids: Ids,
}

/// What the API calls things.
#[derive(Debug, Default)]
pub struct Ids {
    ids: BTreeMap<Name, String>,
    /// The portal's, which is in the paths of much else.
    pub portal: String,
}

/// Why what is there cannot be declared.
#[derive(Debug, thiserror::Error)]
pub enum PresentError {
    /// The registry did not answer as it should.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A service names an application that a declaration cannot name.
    #[error(
        "service `{service}` lets anonymous requests act as application `{application}`, which has \
         no reference id to be declared by: give it one"
    )]
    Nameless {
        /// The service.
        service: String,
        /// The application's id.
        application: String,
    },
    /// An answer of the registry's that is none this program knows.
    #[error("the registry says something of a {what} that this program does not know")]
    Unknown {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

// === impl Ids ===

impl Ids {
    /// Returns what the API calls a thing.
    pub fn find(&self, name: &Name) -> Option<&str> {
        self.ids.get(name).map(String::as_str)
    }

    /// Notes what the API calls a thing.
    pub fn note(&mut self, name: Name, answer: &Value) {
        self.ids.insert(name, text(answer, "id"));
    }

    /// Forgets a thing.
    pub fn forget(&mut self, name: &Name) {
        self.ids.remove(name);
    }
}
