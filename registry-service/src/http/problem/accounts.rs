//! What is refused to whoever logs in, signs up or follows a link.

use crate::accounts::AccountError;
use crate::hashing::HashingError;
use crate::http::problem::Problem;

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = error.to_string();
        match error {
            AccountError::WrongPassword | AccountError::LoginOver => Self::unauthenticated(detail),
            // Front-ends say "pending approval" when a title has this word.
            AccountError::Disabled => Self::unauthenticated(detail).titled("Account disabled"),
            AccountError::UnknownLink | AccountError::UnknownLogin => Self::not_found(),
            AccountError::TooManyTries(refused) => Self::too_many_tries(refused),
            AccountError::LinkGone(_) => Self::gone(detail),
            AccountError::InvalidPassword(reason) => {
                Self::invalid_field("password", "invalid", reason)
            }
            AccountError::Hashing(HashingError::Busy) => Self::too_many_requests(),
            AccountError::Hashing(HashingError::Failed) => {
                tracing::error!(%error, "hashing failed");
                Self::internal()
            }
            AccountError::Storage(error) => error.into(),
        }
    }
}
