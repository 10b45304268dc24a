//! The feed: one endpoint is snapshot, delta and revocation.
//!
//! `GET /gateway/v1/state?epoch=&after=&wait_ms=&gateway=&vm=` answers a [`Page`]. A reader starts
//! at [`Cursor::START`] and passes each page's `last` on as `after`. It is complete when `last`
//! equals `head`; from then on a request waits up to `wait_ms` for something to change.

use serde::{Deserialize, Serialize};

use crate::application::{Application, Credential};
use crate::id::{ApplicationId, CredentialId, Epoch, ServiceId};
use crate::service::Service;

/// The largest body of a page, in bytes: a megabyte at once would stall an Envoy worker.
pub const MAX_PAGE_BYTES: usize = 128 * 1024;

/// How far a reader has come.
///
/// Services come first, so that a gateway can tell an unknown key from an unknown service early.
/// While they do, the cursor is negative: the revision of the last service read, with its sign
/// turned. From then on it is the revision of the last entry read.
///
/// A service is followed by its anonymous application, whenever it comes: a gateway that holds only
/// what it was asked about skips from the services to `head`, and has no key to ask about that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Cursor(pub i64);

/// One answer of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page {
    /// The history the revisions belong to.
    pub epoch: Epoch,
    /// The cursor the page continues.
    pub first: Cursor,
    /// The cursor to ask with next.
    pub last: Cursor,
    /// The revision of the newest change the registry knows.
    pub head: i64,
    /// Whether the reader must forget what is not sent again from here on: the epoch it named is
    /// not this one, it was ahead of `head`, or removals it has not seen are forgotten.
    pub start_over: bool,
    /// What changed, in the order of the revisions.
    pub entries: Vec<Entry>,
}

/// One thing as it is now; a later entry with the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A service was added or changed.
    Service(Service),
    /// An application was added or changed, its registrations and groups included.
    Application(Application),
    /// A credential was added or changed.
    Credential(Credential),
    /// Something is gone, and with it what it allowed.
    Removed(Removed),
}

/// What is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Removed {
    /// A service: its routes are unmapped from here on.
    Service(ServiceId),
    /// An application: its keys are unknown from here on.
    Application(ApplicationId),
    /// A credential: its key is unknown from here on.
    Credential(CredentialId),
}

// === impl Cursor ===

impl Cursor {
    /// Where a reader that knows nothing starts.
    pub const START: Self = Self(0);

    /// Where a reader is that has read every service up to a revision, and nothing else.
    pub const fn services(revision: i64) -> Self {
        Self(-revision)
    }

    /// Where a reader is that has read everything up to a revision.
    pub const fn everything(revision: i64) -> Self {
        Self(revision)
    }
}

// === impl Page ===

impl Page {
    /// Whether a reader that has taken this page in knows everything.
    pub const fn is_complete(&self) -> bool {
        self.last.0 == self.head
    }
}
