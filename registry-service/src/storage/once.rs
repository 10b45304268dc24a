//! Forms that count once.

use crate::domain::once::Once;
use crate::storage::{Result, StorageError, Write};

/// How long a form is remembered: browsers that are left open for longer ask for the password anyway.
const MEMORY_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Notes that a form was sent, if it is one that counts once; one that was sent before is
/// [`StorageError::Duplicate`].
pub async fn spend(write: &mut Write, once: Option<Once>) -> Result<()> {
    let Some(once) = once else {
        return Ok(());
    };
    let now = write.now;
    sqlx::query("delete from spent_form where spent_at < $1")
        .bind(now.plus_ms(-MEMORY_MS).0)
        .execute(&mut **write)
        .await?;
    let added = sqlx::query(
        "insert into spent_form (form_id, spent_at) values ($1, $2) on conflict (form_id) do nothing",
    )
    .bind(once.to_string())
    .bind(now.0)
    .execute(&mut **write)
    .await?;
    if added.rows_affected() == 0 {
        return Err(StorageError::Duplicate);
    }
    Ok(())
}
