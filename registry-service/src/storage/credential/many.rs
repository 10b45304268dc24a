//! Many credentials at a time, as an import brings them.

use std::collections::{BTreeMap, BTreeSet};

use keystile_protocol::key::KeyDigest;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::domain::change::Change;
use crate::domain::credential::Credential;
use crate::domain::id::ApplicationId;
use crate::storage::places::{places, rows};
use crate::storage::row::parsed;
use crate::storage::{Connection, Result, Write};

/// How many rows a statement adds.
const ROWS: usize = 50;

/// How many values a row has.
const COLUMNS: usize = 9;

/// Reads who has the keys with some digests.
pub async fn owners(
    connection: &mut Connection,
    digests: &BTreeSet<KeyDigest>,
) -> Result<BTreeMap<KeyDigest, ApplicationId>> {
    let text = "select digest, application_id from credential where digest in";
    let found = among(connection, text, digests).await?;
    found
        .iter()
        .map(|row| Ok((parsed(row, "digest")?, parsed(row, "application_id")?)))
        .collect()
}

/// Reads which of some keys were withdrawn once.
pub async fn withdrawn_among(
    connection: &mut Connection,
    digests: &BTreeSet<KeyDigest>,
) -> Result<BTreeSet<KeyDigest>> {
    let text = "select digest from spent_key where digest in";
    let found = among(connection, text, digests).await?;
    found.iter().map(|row| parsed(row, "digest")).collect()
}

/// Adds credentials whose keys are nobody's and were never withdrawn.
pub async fn add_many(write: &mut Write, credentials: &[Credential]) -> Result<()> {
    for some in credentials.chunks(ROWS) {
        let text = format!(
            "insert into credential (credential_id, application_id, display_name, digest, prefix, \
             last_four, expires_at, created_at, updated_at) values {}",
            rows(some.len(), COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for one in some {
            query = query
                .bind(one.id.to_string())
                .bind(one.application.to_string())
                .bind(one.display_name.as_str())
                .bind(one.digest.to_string())
                .bind(&one.hint.prefix)
                .bind(&one.hint.last_four)
                .bind(one.expires_at.map(|end| end.0))
                .bind(one.created_at.0)
                .bind(one.updated_at.0);
        }
        query.execute(&mut **write).await?;
    }
    for one in credentials {
        write.changed(Change::Credential(one.id));
    }
    Ok(())
}

async fn among(
    connection: &mut Connection,
    text: &'static str,
    digests: &BTreeSet<KeyDigest>,
) -> Result<Vec<AnyRow>> {
    if digests.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("{text} ({})", places(1, digests.len()));
    let mut query = sqlx::query(AssertSqlSafe(text));
    for digest in digests {
        query = query.bind(digest.to_string());
    }
    Ok(query.fetch_all(connection).await?)
}
