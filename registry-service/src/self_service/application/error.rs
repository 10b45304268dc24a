//! Why a developer's application is not what was asked for.

use crate::storage::StorageError;

/// Why an application is not what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// The developer has no such application.
    #[error("there is no such application")]
    Missing,
    /// They have as many as they may.
    #[error("there are as many applications as there may be")]
    TooMany,
    /// The reference id is another's.
    #[error("another application has this reference id already")]
    ReferenceTaken,
    /// They named no strategy, and neither does the portal.
    #[error("is required: the portal has no default auth strategy")]
    NoStrategy,
    /// They named a strategy that does not exist.
    #[error("must be an auth strategy of the portal")]
    UnknownStrategy,
    /// The form was sent before, and the application made then.
    #[error("the application was made already")]
    AlreadyMade,
    /// The strategy asks for a first key, and the password was given too long ago for a secret to be
    /// made on a page.
    #[error("a secret is made only soon after the password was given")]
    LoginTooOld,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

// === impl ApplicationError ===

impl ApplicationError {
    /// Returns the field it is about, by the API's name, if it is about one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::NoStrategy | Self::UnknownStrategy => Some("auth_strategy_id"),
            Self::ReferenceTaken => Some("reference_id"),
            Self::Missing
            | Self::TooMany
            | Self::LoginTooOld
            | Self::AlreadyMade
            | Self::Storage(_) => None,
        }
    }
}
