//! Tables as such, whatever they hold: which there are, reading them and filling them.
//!
//! Everything kept is text or a whole number, on both databases, so rows can go from one to the other.

use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Database as _, Row as _, Sqlite};

use crate::storage::{Connection, Result, StorageError};

/// How many values one statement takes; SQLite's limit is 32,766.
const MOST_VALUES: usize = 20_000;

/// A table of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// Whether it holds whole numbers, and not text.
    pub is_number: bool,
}

/// What a row has in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
}

// === impl Table ===

impl Table {
    /// Lists the tables, by name, but for the one that sqlx keeps the schema's version in.
    pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Self>> {
        let text = if is_sqlite(connection) {
            "select m.name as table_name, c.name as column_name, lower(c.type) as data_type \
             from sqlite_master m join pragma_table_info(m.name) c \
             where m.type = 'table' and m.name not like 'sqlite!_%' escape '!' \
             and m.name <> '_sqlx_migrations' order by m.name, c.cid"
        } else {
            "select cast(c.table_name as text) as table_name, \
             cast(c.column_name as text) as column_name, cast(c.data_type as text) as data_type \
             from information_schema.columns c join information_schema.tables t \
             on t.table_schema = c.table_schema and t.table_name = c.table_name \
             where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' \
             and c.table_name <> '_sqlx_migrations' order by c.table_name, c.ordinal_position"
        };
        let mut tables: Vec<Self> = Vec::new();
        for row in sqlx::query(text).fetch_all(connection).await? {
            let name: String = row.try_get("table_name")?;
            let column = Column {
                name: row.try_get("column_name")?,
                is_number: row.try_get::<String, _>("data_type")? == "bigint",
            };
            match tables.last_mut() {
                Some(table) if table.name == name => table.columns.push(column),
                _ => tables.push(Self {
                    name,
                    columns: vec![column],
                }),
            }
        }
        Ok(tables)
    }

    /// Hands every row to somebody, one after the other.
    pub(super) async fn for_each<E: From<StorageError>>(
        &self,
        connection: &mut Connection,
        mut take: impl FnMut(Vec<Value>) -> std::result::Result<(), E>,
    ) -> std::result::Result<u64, E> {
        let text = format!("select {} from {} order by 1", self.names(), self.name);
        let mut rows = sqlx::query(AssertSqlSafe(text)).fetch(connection);
        let mut count = 0;
        while let Some(row) = rows.try_next().await.map_err(StorageError::from)? {
            take(self.values(&row)?)?;
            count += 1;
        }
        Ok(count)
    }

    /// Returns how many rows one statement adds.
    pub(super) fn batch(&self) -> usize {
        (MOST_VALUES / self.columns.len().max(1)).clamp(1, 500)
    }

    /// Adds rows, as many as [`Table::batch`] at most.
    pub(super) async fn add(&self, connection: &mut Connection, rows: &[Vec<Value>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let width = self.columns.len();
        let places: Vec<String> = (0..rows.len())
            .map(|row| {
                let places = (1..=width).map(|column| format!("${}", row * width + column));
                format!("({})", places.collect::<Vec<_>>().join(", "))
            })
            .collect();
        let text = format!(
            "insert into {} ({}) values {}",
            self.name,
            self.names(),
            places.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for (value, column) in rows.iter().flat_map(|row| row.iter().zip(&self.columns)) {
            query = match value {
                Value::Text(text) => query.bind(text.clone()),
                Value::Number(number) => query.bind(*number),
                Value::Null if column.is_number => query.bind(None::<i64>),
                Value::Null => query.bind(None::<String>),
            };
        }
        query.execute(connection).await?;
        Ok(())
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    }

    fn values(&self, row: &AnyRow) -> Result<Vec<Value>> {
        let value = |(index, column): (usize, &Column)| {
            let value = if column.is_number {
                row.try_get::<Option<i64>, _>(index)?.map(Value::Number)
            } else {
                row.try_get::<Option<String>, _>(index)?.map(Value::Text)
            };
            Ok(value.unwrap_or(Value::Null))
        };
        self.columns.iter().enumerate().map(value).collect()
    }
}

/// Whether a connection is to SQLite.
pub(super) fn is_sqlite(connection: &Connection) -> bool {
    connection.backend_name() == Sqlite::NAME
}
