//! What developers do with their accounts: sign up, prove their address, set a password, log in, see
//! their log-ins and end them, change password and address, leave.
//!
//! The API and the pages both come here. Nothing here says whether an address has an account, but
//! to whoever reads its mail or knows its password.

pub mod administrator;
mod attempt;
mod email;
mod even;
mod leave;
mod login;
mod logins;
mod mail;
mod page;
mod password;
mod person;
mod sign_up;

use crate::domain::link::{LinkGone, LinkPurpose, LinkSecret};
use crate::domain::password::InvalidPassword;
use crate::domain::throttle::TooManyTries;
use crate::domain::timestamp::Timestamp;
use crate::hashing::HashingError;
use crate::storage::account::Account;
use crate::storage::{Connection, StorageError, account, link};

pub use attempt::Attempt;
pub use email::{ask_for_email, confirm_email};
pub use leave::delete_account;
pub use login::{Granted, log_in, refresh};
pub use logins::{end_login, end_other_logins, log_out, logins};
pub use mail::invite;
pub use page::{PageLogin, authenticate_again, log_in_on_page, visit};
pub use password::{change_password, forgot_password, reset_password};
pub use person::Person;
pub use sign_up::{Verified, sign_up, verify_email};

/// Why an account does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The address has no account, or another password.
    #[error("the e-mail address or the password is wrong")]
    WrongPassword,
    /// The password is right, and the developer is not approved.
    #[error("the account is waiting for approval, or was turned away")]
    Disabled,
    /// The session is unknown or over.
    #[error("the log-in is over")]
    LoginOver,
    /// There were too many attempts of this kind.
    #[error(transparent)]
    TooManyTries(#[from] TooManyTries),
    /// They have no such log-in.
    #[error("there is no such log-in")]
    UnknownLogin,
    /// No such link was ever sent.
    #[error("the link is unknown")]
    UnknownLink,
    /// The link has been used or has run out.
    #[error(transparent)]
    LinkGone(#[from] LinkGone),
    /// The password may not be chosen.
    #[error(transparent)]
    InvalidPassword(#[from] InvalidPassword),
    /// The password could not be hashed now.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Reads whose link it is, if it still works.
async fn follow(
    connection: &mut Connection,
    (secret, purpose): (LinkSecret, LinkPurpose),
    now: Timestamp,
) -> Result<Account, AccountError> {
    let link = link::find(connection, secret.digest(), purpose)
        .await?
        .ok_or(AccountError::UnknownLink)?
        .spend(now)?;
    account::lookup(connection, link.developer)
        .await?
        .ok_or(AccountError::UnknownLink)
}
