//! From columns to what they hold.

use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::timestamp::Timestamp;
use crate::storage::{Connection, Result, StorageError};

/// Reads what a statement finds by one value, `$1` in it.
pub(super) async fn found_by<T>(
    connection: &mut Connection,
    (text, value): (&'static str, String),
    read: impl FnOnce(&AnyRow) -> Result<T>,
) -> Result<Option<T>> {
    let query = sqlx::query(text).bind(value);
    let row = query.fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Reads a column of text that is parsed.
pub(super) fn parsed<T: FromStr>(row: &AnyRow, column: &'static str) -> Result<T> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| StorageError::Corrupt { column })
}

/// Reads a column of text that is parsed, or null.
pub(super) fn parsed_or_none<T: FromStr>(row: &AnyRow, column: &'static str) -> Result<Option<T>> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| text.parse().map_err(|_| StorageError::Corrupt { column }))
        .transpose()
}

/// Reads a column of JSON.
pub(super) fn json<T: DeserializeOwned>(row: &AnyRow, column: &'static str) -> Result<T> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|_| StorageError::Corrupt { column })
}

/// Reads a column of JSON, or null.
pub(super) fn json_or_none<T: DeserializeOwned>(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<T>> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|_| StorageError::Corrupt { column }))
        .transpose()
}

/// Returns the text of a column of JSON.
pub(super) fn to_json<T: Serialize>(value: &T, column: &'static str) -> Result<String> {
    serde_json::to_string(value).map_err(|_| StorageError::Corrupt { column })
}

/// Reads a switch.
pub(super) fn switch(row: &AnyRow, column: &'static str) -> Result<bool> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

/// Reads a moment.
pub(super) fn moment(row: &AnyRow, column: &'static str) -> Result<Timestamp> {
    Ok(Timestamp(row.try_get(column)?))
}

/// Reads a moment, or null.
pub(super) fn moment_or_none(row: &AnyRow, column: &'static str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}
