//! What to change about a request.

use crate::head::{Head, Place};
use crate::identity::Identity;

/// What to change about a request, in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The request's head, as it came.
    pub(super) head: Head,
    pub(super) removed: Vec<Place>,
    /// The new request target.
    pub path: Option<Vec<u8>>,
    /// Who the upstream is told is calling.
    pub identity: Identity,
    /// The new body.
    pub body: Option<Vec<u8>>,
}

// === impl Changes ===

impl Changes {
    /// Lists the names of the headers to remove, as the host spells them; a name may come twice.
    pub fn removed(&self) -> impl Iterator<Item = &[u8]> {
        self.removed.iter().map(|place| self.head.name(*place))
    }
}
