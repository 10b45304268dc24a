//! Administrators, and the links that let them in the first time.

use keystile_protocol::key::KeyDigest;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::access::{Admin, Role};
use crate::domain::id::AdminId;
use crate::domain::link::LinkGone;
use crate::domain::password::PasswordHash;
use crate::domain::text::Email;
use crate::domain::timestamp::Timestamp;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{found_by, moment, moment_or_none, parsed, parsed_or_none};
use crate::storage::{Connection, List, Result, Storage, Wanted, Write};

/// An administrator and what is kept of their password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminAccount {
    /// Who.
    pub admin: Admin,
    /// None until they have set one.
    pub password: Option<PasswordHash>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A link that sets an administrator's password, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WelcomeLink {
    /// Whose.
    pub owner: AdminId,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
}

/// What lists of administrators may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "admin_id", Kind::Id),
    Field::named("email", "email_key", Kind::Text("email_key")),
    Field::column("role", Kind::Name(Role::NAMES)),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

// === impl WelcomeLink ===

impl WelcomeLink {
    /// Whether it still works, at a time.
    pub fn spend(self, now: Timestamp) -> std::result::Result<(), LinkGone> {
        if self.used_at.is_some() || now >= self.expires_at {
            return Err(LinkGone);
        }
        Ok(())
    }
}

// === impl Storage ===

impl Storage {
    /// Reads the administrator with an address, however it is capitalised.
    pub async fn find_admin(&self, email: &Email) -> Result<Option<AdminAccount>> {
        find_by_email(&mut *self.pool.acquire().await?, email).await
    }
}

/// Lists administrators, the oldest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<AdminAccount>> {
    Select::new("*", "admin", "created_at, admin_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, account)
        .await
}

/// Reads an administrator.
pub async fn lookup(connection: &mut Connection, id: AdminId) -> Result<Option<AdminAccount>> {
    let text = "select * from admin where admin_id = $1";
    found_by(connection, (text, id.to_string()), account).await
}

/// Reads the administrator with an address, however it is capitalised.
pub async fn find_by_email(
    connection: &mut Connection,
    email: &Email,
) -> Result<Option<AdminAccount>> {
    let text = "select * from admin where email_key = $1";
    found_by(connection, (text, email.key()), account).await
}

/// Lists the addresses of administrators who have logged in at least once.
pub async fn addresses(connection: &mut Connection) -> Result<Vec<Email>> {
    let rows =
        sqlx::query("select email from admin where password_hash is not null order by email")
            .fetch_all(connection)
            .await?;
    rows.iter().map(|row| parsed(row, "email")).collect()
}

/// Counts the owners.
pub async fn count_owners(connection: &mut Connection) -> Result<i64> {
    let row = sqlx::query("select count(*) as n from admin where role = 'owner'")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("n")?)
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

/// Keeps how much an administrator may do.
pub async fn set_role(
    write: &mut Write,
    id: AdminId,
    (role, updated_at): (Role, Timestamp),
) -> Result<()> {
    sqlx::query("update admin set role = $1, updated_at = $2 where admin_id = $3")
        .bind(role.name())
        .bind(updated_at.0)
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Keeps an administrator's new password.
pub async fn set_password(write: &mut Write, id: AdminId, password: &PasswordHash) -> Result<()> {
    let now = write.now.0;
    sqlx::query("update admin set password_hash = $1, updated_at = $2 where admin_id = $3")
        .bind(password.as_str())
        .bind(now)
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Removes an administrator; their tokens, links and log-ins go with them.
pub async fn remove(write: &mut Write, id: AdminId) -> Result<()> {
    sqlx::query("delete from admin where admin_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

/// Adds the link that lets an administrator set a password.
pub async fn add_welcome_link(
    write: &mut Write,
    admin: AdminId,
    (digest, expires_at): (KeyDigest, Timestamp),
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

/// Reads the link whose secret has a digest, used and expired ones too.
pub async fn find_welcome_link(
    connection: &mut Connection,
    digest: KeyDigest,
) -> Result<Option<WelcomeLink>> {
    let text = "select admin_id, expires_at, used_at from one_time_link \
         where digest = $1 and purpose = 'admin-welcome' and admin_id is not null";
    found_by(connection, (text, digest.to_string()), welcome_link).await
}

/// Uses up every link of an administrator.
pub async fn spend_welcome_links(write: &mut Write, admin: AdminId) -> Result<()> {
    let now = write.now.0;
    sqlx::query("update one_time_link set used_at = $1 where admin_id = $2 and used_at is null")
        .bind(now)
        .bind(admin.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

fn account(row: &AnyRow) -> Result<AdminAccount> {
    Ok(AdminAccount {
        admin: Admin {
            id: parsed(row, "admin_id")?,
            email: parsed(row, "email")?,
            role: parsed(row, "role")?,
        },
        password: parsed_or_none(row, "password_hash")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}

fn welcome_link(row: &AnyRow) -> Result<WelcomeLink> {
    Ok(WelcomeLink {
        owner: parsed(row, "admin_id")?,
        expires_at: moment(row, "expires_at")?,
        used_at: moment_or_none(row, "used_at")?,
    })
}
