//! Administrators, and the links that let them in the first time.

use keystile_protocol::key::KeyDigest;
use sqlx::any::AnyRow;

use crate::domain::access::Admin;
use crate::domain::id::AdminId;
use crate::domain::text::Email;
use crate::domain::timestamp::Timestamp;
use crate::storage::row::parsed;
use crate::storage::{Connection, Result, Write};

/// Reads the administrator with an address, however it is capitalised.
pub async fn find_by_email(connection: &mut Connection, email: &Email) -> Result<Option<Admin>> {
    let row = sqlx::query("select admin_id, email, role from admin where email_key = $1")
        .bind(email.key())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(admin).transpose()
}

/// Adds an administrator, who has no password yet.
pub async fn add(write: &mut Write, admin: &Admin) -> Result<()> {
    let now = write.now.0;
    sqlx::query(
        "insert into admin (admin_id, email, email_key, role, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(admin.id.to_string())
    .bind(admin.email.as_str())
    .bind(admin.email.key())
    .bind(admin.role.name())
    .bind(now)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Adds the link that lets a new administrator set a password.
pub async fn add_welcome_link(
    write: &mut Write,
    admin: AdminId,
    digest: KeyDigest,
    expires_at: Timestamp,
) -> Result<()> {
    let now = write.now.0;
    sqlx::query(
        "insert into one_time_link (digest, purpose, admin_id, created_at, expires_at) \
         values ($1, 'admin-welcome', $2, $3, $4)",
    )
    .bind(digest.to_string())
    .bind(admin.to_string())
    .bind(now)
    .bind(expires_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn admin(row: &AnyRow) -> Result<Admin> {
    Ok(Admin {
        id: parsed(row, "admin_id")?,
        email: parsed(row, "email")?,
        role: parsed(row, "role")?,
    })
}
