//! Auth strategies.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::auth_strategy::{AuthStrategy, Ttl};
use crate::domain::change::Change;
use crate::domain::id::{AuthStrategyId, ServiceId};
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{found_by, json, moment, parsed, parsed_or_none, switch, to_json};
use crate::storage::{Connection, List, Result, StorageError, Wanted, Write};

/// What lists of strategies may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "auth_strategy_id", Kind::Id),
    Field::column("name", Kind::Text("lower(name)")),
    Field::column("display_name", Kind::Text("lower(display_name)")),
    Field::column("strategy_type", Kind::Name(&["key_auth"])),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

/// Lists strategies, the oldest first unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<AuthStrategy>> {
    Select::new("*", "auth_strategy", "created_at, auth_strategy_id")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, strategy)
        .await
}

/// Reads a strategy.
pub async fn lookup(
    connection: &mut Connection,
    id: AuthStrategyId,
) -> Result<Option<AuthStrategy>> {
    let text = "select * from auth_strategy where auth_strategy_id = $1";
    found_by(connection, (text, id.to_string()), strategy).await
}

/// Adds a strategy.
pub async fn add(write: &mut Write, strategy: &AuthStrategy) -> Result<()> {
    sqlx::query(
        "insert into auth_strategy (auth_strategy_id, name, display_name, strategy_type, \
         key_names, ttl_value, ttl_unit, default_credential, created_at, updated_at) \
         values ($1, $2, $3, 'key_auth', $4, $5, $6, $7, $8, $9)",
    )
    .bind(strategy.id.to_string())
    .bind(strategy.name.as_str())
    .bind(strategy.display_name.as_str())
    .bind(to_json(&strategy.key_names, "key_names")?)
    .bind(strategy.ttl.map(|ttl| i64::from(ttl.value)))
    .bind(strategy.ttl.map(|ttl| ttl.unit.name()))
    .bind(i64::from(strategy.default_credential))
    .bind(strategy.created_at.0)
    .bind(strategy.updated_at.0)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Keeps a strategy as it is now; services that take their key names from it change with it.
pub async fn update(write: &mut Write, strategy: &AuthStrategy) -> Result<()> {
    sqlx::query(
        "update auth_strategy set name = $1, display_name = $2, key_names = $3, ttl_value = $4, \
         ttl_unit = $5, default_credential = $6, updated_at = $7 where auth_strategy_id = $8",
    )
    .bind(strategy.name.as_str())
    .bind(strategy.display_name.as_str())
    .bind(to_json(&strategy.key_names, "key_names")?)
    .bind(strategy.ttl.map(|ttl| i64::from(ttl.value)))
    .bind(strategy.ttl.map(|ttl| ttl.unit.name()))
    .bind(i64::from(strategy.default_credential))
    .bind(strategy.updated_at.0)
    .bind(strategy.id.to_string())
    .execute(&mut **write)
    .await?;
    for service in services(write, strategy.id).await? {
        write.changed(Change::Service(service));
    }
    Ok(())
}

/// Removes a strategy that nothing uses.
pub async fn remove(write: &mut Write, id: AuthStrategyId) -> Result<()> {
    sqlx::query("delete from auth_strategy where auth_strategy_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    Ok(())
}

async fn services(connection: &mut Connection, id: AuthStrategyId) -> Result<Vec<ServiceId>> {
    let rows = sqlx::query(
        "select s.service_id from service s \
         join publication p on p.product_version_id = s.product_version_id \
         where p.auth_strategy_id = $1",
    )
    .bind(id.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| parsed(row, "service_id")).collect()
}

/// Reads a strategy of a row of the table.
pub(super) fn strategy(row: &AnyRow) -> Result<AuthStrategy> {
    Ok(AuthStrategy {
        id: parsed(row, "auth_strategy_id")?,
        name: parsed(row, "name")?,
        display_name: parsed(row, "display_name")?,
        key_names: json(row, "key_names")?,
        ttl: ttl(row)?,
        default_credential: switch(row, "default_credential")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}

fn ttl(row: &AnyRow) -> Result<Option<Ttl>> {
    let value: Option<i64> = row.try_get("ttl_value")?;
    let unit = parsed_or_none(row, "ttl_unit")?;
    let (Some(value), Some(unit)) = (value, unit) else {
        return Ok(None);
    };
    let column = "ttl_value";
    let value = u32::try_from(value).map_err(|_| StorageError::Corrupt { column })?;
    Ok(Some(Ttl { value, unit }))
}
