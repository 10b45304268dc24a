//! Access tokens; a secret is only ever looked up by its digest.

use keystile_protocol::key::KeyDigest;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::access::{Role, Scope, Token};
use crate::domain::id::TokenId;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::question::Question;
use crate::storage::row::{found_by, moment, moment_or_none, parsed};
use crate::storage::{Connection, List, Result, Storage, StorageError, Wanted, Write};

const COLUMNS: &str = "token_id, admin_id, name, scopes, created_at, expires_at, revoked_at";

/// What lists of tokens may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "token_id", Kind::Id),
    Field::column("admin_id", Kind::Id),
    Field::column("name", Kind::Text("lower(name)")),
    Field::column("created_at", Kind::Moment),
    Field::column("expires_at", Kind::Moment),
    Field::column("revoked_at", Kind::Moment),
];

// === impl Storage ===

impl Storage {
    /// Reads the token whose secret has a digest, revoked and expired ones too, and how much its
    /// administrator may do.
    pub async fn find_token(&self, digest: KeyDigest) -> Result<Option<(Token, Role)>> {
        let question = Question {
            text: "select t.token_id, t.admin_id, t.name, t.scopes, t.created_at, t.expires_at, \
                   t.revoked_at, a.role from token t join admin a on a.admin_id = t.admin_id \
                   where t.digest = $1",
            about: Some(digest),
        };
        let found = self.questions.ask(question).await?;
        let row = found.as_ref().as_ref();
        row.map(|row| Ok((token(row)?, parsed(row, "role")?)))
            .transpose()
    }
}

/// Reads a token.
pub async fn lookup(connection: &mut Connection, id: TokenId) -> Result<Option<Token>> {
    let text = "select * from token where token_id = $1";
    found_by(connection, (text, id.to_string()), token).await
}

/// Lists tokens, the oldest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<Token>> {
    Select::new(COLUMNS, "token", "created_at, token_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, token)
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
