//! Why an administrator's act does not come true.

use std::fmt::Display;

use crate::domain::InvalidTransition;
use crate::domain::access::Duty;
use crate::domain::document::MOST_DOCUMENTS;
use crate::domain::publication::RegistrationRefused;
use crate::storage::StorageError;

/// Why an administrator's act does not come true.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// A field breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// There is no such thing.
    #[error("there is nothing with this id")]
    Unknown,
    /// The administrator, or the token they use, may not.
    #[error("this needs the scope `{}`{}", duty.scope(), if *duty == Duty::Own { " and an owner" } else { "" })]
    NotPermitted {
        /// What it takes.
        duty: Duty,
    },
    /// The password was not given lately, and a secret was to be made.
    #[error("the password has to be given again before a secret is made")]
    PasswordNeeded,
    /// The thing has changed since it was looked at.
    #[error("it has changed since it was read: read it again")]
    Stale,
    /// Something is in the way.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The new state does not follow from the present one.
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    /// The application cannot be registered for the product version.
    #[error(transparent)]
    Registration(#[from] RegistrationRefused),
    /// The database failed, or refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Which field breaks which rule. Fields have their names in the admin API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {reason}")]
pub struct InvalidField {
    /// The field, as a path.
    pub field: &'static str,
    /// The rule's name.
    pub rule: &'static str,
    /// The rule in words.
    pub reason: String,
}

/// What is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another service has the name, or the product version.
    #[error("another service has this name or product version already")]
    Service,
    /// Another application has the reference id.
    #[error("another application has this reference_id already")]
    Reference,
    /// The application has a registration for the product version.
    #[error("the application is registered for this product version already")]
    Registered,
    /// Another document of the product has the slug.
    #[error("another document of the product has this slug already")]
    Document,
    /// A document goes when nothing is beneath it any more.
    #[error("there are documents beneath it: move or remove them first")]
    DocumentsBeneath,
    /// The product has as many documents as it may.
    #[error("the product has {MOST_DOCUMENTS} documents, and no more are kept")]
    TooManyDocuments,
    /// The version has a specification.
    #[error("the product version has a specification already")]
    Specification,
    /// Another administrator has the address.
    #[error("there already is an administrator with this address")]
    Administrator,
    /// Nobody could appoint another.
    #[error("the last owner stays: make somebody else an owner first")]
    LastOwner,
    /// The form was sent before, and what it made was shown then.
    #[error("it was shown already, and cannot be shown again")]
    AlreadyShown,
    /// The key exists, or was revoked. It is not said which, nor whose it is.
    #[error("this key was used before")]
    Key,
}

// === impl InvalidField ===

impl InvalidField {
    /// Names a field, a rule, and the rule in words.
    pub fn new(field: &'static str, rule: &'static str, reason: impl Display) -> Self {
        Self {
            field,
            rule,
            reason: reason.to_string(),
        }
    }
}

// === impl Conflict ===

impl Conflict {
    /// Says what is in the way where the database says that something is.
    pub(super) fn if_taken(self) -> impl FnOnce(StorageError) -> AdministrationError {
        move |error| match error {
            StorageError::Duplicate => self.into(),
            error => error.into(),
        }
    }
}
