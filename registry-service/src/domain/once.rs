//! What makes a form count once, however often a browser sends it.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::domain::id::InvalidId;

/// The name of one form on one page that was shown once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once(pub Uuid);

// === impl Once ===

impl fmt::Display for Once {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for Once {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
    }
}
