//! What is refused to administrators.

use crate::administration::{AdministrationError, InvalidField};
use crate::domain::InvalidTransition;
use crate::domain::publication::RegistrationRefused;
use crate::http::problem::Problem;

impl From<AdministrationError> for Problem {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::Invalid(InvalidField {
                field,
                rule,
                reason,
            }) => Self::invalid_field(field, rule, reason),
            AdministrationError::Unknown => Self::not_found(),
            AdministrationError::NotPermitted { .. } | AdministrationError::PasswordNeeded => {
                Self::forbidden(error.to_string())
            }
            AdministrationError::Stale => Self::precondition_failed(error.to_string()),
            AdministrationError::Conflict(conflict) => Self::conflict(conflict.to_string()),
            AdministrationError::Transition(error) => error.into(),
            AdministrationError::Registration(refused) => refused.into(),
            AdministrationError::Storage(error) => error.into(),
        }
    }
}

impl From<InvalidTransition> for Problem {
    fn from(error: InvalidTransition) -> Self {
        Self::conflict(error.to_string())
    }
}

impl From<RegistrationRefused> for Problem {
    fn from(refused: RegistrationRefused) -> Self {
        match refused {
            RegistrationRefused::Unpublished => Self::not_found(),
            RegistrationRefused::NotEnabled => Self::forbidden(refused.to_string()),
            RegistrationRefused::OtherStrategy => {
                Self::invalid_field("product_version_id", "auth_strategy", refused)
            }
        }
    }
}
