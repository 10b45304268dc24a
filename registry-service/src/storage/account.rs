//! What developers log in with.

use sqlx::any::AnyRow;

use crate::domain::developer::Developer;
use crate::domain::id::DeveloperId;
use crate::domain::password::PasswordHash;
use crate::domain::text::Email;
use crate::storage::developer::developer;
use crate::storage::row::{found_by, parsed_or_none};
use crate::storage::{Connection, Result, Storage, Write};

/// A developer and what is kept of their password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub developer: Developer,
    /// None until they have set one.
    pub password: Option<PasswordHash>,
}

// === impl Storage ===

impl Storage {
    /// Reads the account with an address, however it is capitalised.
    pub async fn find_account(&self, email: &Email) -> Result<Option<Account>> {
        find_by_email(&mut *self.pool.acquire().await?, email).await
    }
}

/// Reads the account with an address, however it is capitalised.
pub async fn find_by_email(connection: &mut Connection, email: &Email) -> Result<Option<Account>> {
    let text = "select * from developer where email_key = $1";
    found_by(connection, (text, email.key()), account).await
}

/// Reads a developer's account.
pub async fn lookup(connection: &mut Connection, id: DeveloperId) -> Result<Option<Account>> {
    let text = "select * from developer where developer_id = $1";
    found_by(connection, (text, id.to_string()), account).await
}

/// Keeps a developer's new password.
pub async fn set_password(
    write: &mut Write,
    id: DeveloperId,
    password: &PasswordHash,
) -> Result<()> {
    let now = write.now.0;
    sqlx::query("update developer set password_hash = $1, updated_at = $2 where developer_id = $3")
        .bind(password.as_str())
        .bind(now)
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Keeps a developer's new address.
pub async fn set_email(write: &mut Write, id: DeveloperId, email: &Email) -> Result<()> {
    let now = write.now.0;
    sqlx::query(
        "update developer set email = $1, email_key = $2, updated_at = $3 where developer_id = $4",
    )
    .bind(email.as_str())
    .bind(email.key())
    .bind(now)
    .bind(id.to_string())
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn account(row: &AnyRow) -> Result<Account> {
    Ok(Account {
        developer: developer(row)?,
        password: parsed_or_none(row, "password_hash")?,
    })
}
