//! Access tokens; a secret is only ever looked up by its digest.

use keystile_protocol::key::KeyDigest;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::access::{Scope, Token};
use crate::domain::id::TokenId;
use crate::storage::list::Select;
use crate::storage::row::{moment, moment_or_none, parsed};
use crate::storage::{Connection, List, Range, Result, Storage, StorageError, Write};

const COLUMNS: &str = "token_id, admin_id, name, scopes, created_at, expires_at, revoked_at";

// === impl Storage ===

impl Storage {
    /// Reads the token whose secret has a digest, revoked and expired ones too.
    pub async fn find_token(&self, digest: KeyDigest) -> Result<Option<Token>> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(
            "select token_id, admin_id, name, scopes, created_at, expires_at, revoked_at \
             from token where digest = $1",
        )
        .bind(digest.to_string())
        .fetch_optional(&mut *connection)
        .await?;
        row.as_ref().map(token).transpose()
    }
}

/// Reads a token.
pub async fn lookup(connection: &mut Connection, id: TokenId) -> Result<Option<Token>> {
    let row = sqlx::query("select * from token where token_id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(token).transpose()
}

/// Lists the tokens, the oldest first.
pub async fn list(connection: &mut Connection, range: Range) -> Result<List<Token>> {
    Select::new(COLUMNS, "token", "created_at, token_id")
        .list(connection, range, token)
        .await
}

/// Adds a token.
pub async fn add(write: &mut Write, token: &Token, digest: KeyDigest) -> Result<()> {
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.name()).collect();
    sqlx::query(
        "insert into token (token_id, admin_id, name, digest, scopes, created_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(token.id.to_string())
    .bind(token.admin.to_string())
    .bind(token.name.as_str())
    .bind(digest.to_string())
    .bind(scopes.join(" "))
    .bind(token.created_at.0)
    .bind(token.expires_at.map(|end| end.0))
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Revokes a token; returns whether there was one to revoke.
pub async fn revoke(write: &mut Write, id: TokenId) -> Result<bool> {
    let now = write.now.0;
    let result =
        sqlx::query("update token set revoked_at = $1 where token_id = $2 and revoked_at is null")
            .bind(now)
            .bind(id.to_string())
            .execute(&mut **write)
            .await?;
    Ok(result.rows_affected() > 0)
}

fn token(row: &AnyRow) -> Result<Token> {
    let scopes: String = row.try_get("scopes")?;
    let scope = |name: &str| {
        name.parse::<Scope>()
            .map_err(|_| StorageError::Corrupt { column: "scopes" })
    };
    Ok(Token {
        id: parsed(row, "token_id")?,
        admin: parsed(row, "admin_id")?,
        name: parsed(row, "name")?,
        scopes: scopes.split(' ').map(scope).collect::<Result<_>>()?,
        created_at: moment(row, "created_at")?,
        expires_at: moment_or_none(row, "expires_at")?,
        revoked_at: moment_or_none(row, "revoked_at")?,
    })
}
