//! What is refused to developers, and how.

use crate::http::problem::Problem;
use crate::self_service::application::ApplicationError;
use crate::self_service::catalogue::CatalogueError;
use crate::self_service::credential::CredentialError;
use crate::self_service::registration::RegistrationError;

impl From<CatalogueError> for Problem {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::LoginNeeded => Self::unauthenticated(error.to_string()),
            CatalogueError::Missing => Self::not_found(),
            CatalogueError::Storage(error) => error.into(),
        }
    }
}

impl From<ApplicationError> for Problem {
    fn from(error: ApplicationError) -> Self {
        let field = error.field().unwrap_or_default();
        match error {
            ApplicationError::Missing => Self::not_found(),
            ApplicationError::TooMany | ApplicationError::LoginTooOld => {
                Self::forbidden(error.to_string())
            }
            ApplicationError::ReferenceTaken | ApplicationError::AlreadyMade => {
                Self::conflict(error.to_string())
            }
            ApplicationError::NoStrategy | ApplicationError::UnknownStrategy => {
                Self::invalid_field(field, "invalid", error)
            }
            ApplicationError::Storage(error) => error.into(),
        }
    }
}

impl From<RegistrationError> for Problem {
    fn from(error: RegistrationError) -> Self {
        let field = error.field().unwrap_or_default();
        match error {
            RegistrationError::Missing | RegistrationError::UnknownVersion => Self::not_found(),
            RegistrationError::NotEnabled | RegistrationError::OtherStrategy => {
                Self::invalid_field(field, "invalid", error)
            }
            RegistrationError::AlreadyRegistered => Self::conflict(error.to_string()),
            RegistrationError::Storage(error) => error.into(),
        }
    }
}

impl From<CredentialError> for Problem {
    fn from(error: CredentialError) -> Self {
        let field = error.field().unwrap_or_default();
        match error {
            CredentialError::Missing => Self::not_found(),
            CredentialError::TooMany | CredentialError::LoginTooOld => {
                Self::forbidden(error.to_string())
            }
            CredentialError::AlreadyShown | CredentialError::Suspended => {
                Self::conflict(error.to_string())
            }
            CredentialError::ExpiryPast | CredentialError::ExpiryTooLate { .. } => {
                Self::invalid_field(field, "invalid", error)
            }
            CredentialError::Storage(error) => error.into(),
        }
    }
}
