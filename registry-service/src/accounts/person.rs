//! Whoever has an account with a password and logs in with it: developers and administrators.

use std::future::Future;

use crate::accounts::AccountError;
use crate::domain::access::Actor;
use crate::domain::developer::DeveloperStatus;
use crate::domain::id::{AdminId, DeveloperId};
use crate::domain::password::PasswordHash;
use crate::domain::text::Email;
use crate::storage::account::Account;
use crate::storage::people::AdminAccount;
use crate::storage::session::Owner;
use crate::storage::{Connection, Storage, StorageError, account, people};

/// What the audit calls what a person does with log-ins.
#[derive(Debug)]
pub struct Deeds {
    pub(super) log_in: &'static str,
    pub(super) authenticate_again: &'static str,
    pub(super) log_out: &'static str,
    pub(super) end_log_in: &'static str,
}

/// A person, by their id.
pub trait Person: Owner + Send + Sync + 'static {
    /// What is kept of them.
    type Account: Send + Sync;
    /// What the audit calls what they do.
    const DEEDS: Deeds;
    /// Nobody's id: without an account it stands for one, so that everything takes as long.
    const NOBODY: Self;

    /// Returns in whose name they change something.
    fn actor(self) -> Actor;

    /// Returns what guesses at an account's password are counted by.
    fn guessed(email: &Email) -> String;

    /// Returns whose account it is.
    fn of(account: &Self::Account) -> Self;

    /// Borrows what is kept of their password, if they have set one.
    fn password(account: &Self::Account) -> Option<&PasswordHash>;

    /// Returns an error if they may not log in, though the password is right.
    fn admit(account: &Self::Account) -> Result<(), AccountError>;

    /// Reads the account with an address.
    fn find(
        storage: &Storage,
        email: &Email,
    ) -> impl Future<Output = Result<Option<Self::Account>, StorageError>> + Send;

    /// Reads their account.
    fn lookup(
        self,
        connection: &mut Connection,
    ) -> impl Future<Output = Result<Option<Self::Account>, StorageError>> + Send;
}

impl Person for DeveloperId {
    type Account = Account;
    const DEEDS: Deeds = Deeds {
        log_in: "developer.log-in",
        authenticate_again: "developer.authenticate-again",
        log_out: "developer.log-out",
        end_log_in: "developer.end-log-in",
    };
    const NOBODY: Self = Self(uuid::Uuid::nil());

    fn actor(self) -> Actor {
        Actor::Developer(self)
    }

    fn guessed(email: &Email) -> String {
        email.key()
    }

    fn of(account: &Account) -> Self {
        account.developer.id
    }

    fn password(account: &Account) -> Option<&PasswordHash> {
        account.password.as_ref()
    }

    fn admit(account: &Account) -> Result<(), AccountError> {
        match account.developer.status {
            DeveloperStatus::Approved => Ok(()),
            _ => Err(AccountError::Disabled),
        }
    }

    async fn find(storage: &Storage, email: &Email) -> Result<Option<Account>, StorageError> {
        storage.find_account(email).await
    }

    async fn lookup(self, connection: &mut Connection) -> Result<Option<Account>, StorageError> {
        account::lookup(connection, self).await
    }
}

impl Person for AdminId {
    type Account = AdminAccount;
    const DEEDS: Deeds = Deeds {
        log_in: "admin.log-in",
        authenticate_again: "admin.authenticate-again",
        log_out: "admin.log-out",
        end_log_in: "admin.end-log-in",
    };
    const NOBODY: Self = Self(uuid::Uuid::nil());

    fn actor(self) -> Actor {
        Actor::Admin(self)
    }

    fn guessed(email: &Email) -> String {
        format!("administrator {}", email.key())
    }

    fn of(account: &AdminAccount) -> Self {
        account.admin.id
    }

    fn password(account: &AdminAccount) -> Option<&PasswordHash> {
        account.password.as_ref()
    }

    /// Whoever may not is no administrator any more.
    fn admit(_: &AdminAccount) -> Result<(), AccountError> {
        Ok(())
    }

    async fn find(storage: &Storage, email: &Email) -> Result<Option<AdminAccount>, StorageError> {
        storage.find_admin(email).await
    }

    async fn lookup(
        self,
        connection: &mut Connection,
    ) -> Result<Option<AdminAccount>, StorageError> {
        people::lookup(connection, self).await
    }
}
