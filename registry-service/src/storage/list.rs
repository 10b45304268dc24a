//! One page of many rows, and the conditions they meet.

mod wanted;

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::storage::{Connection, Result};

pub use wanted::{Condition, Direction, InvalidQuery, Operator, Order, Wanted};
pub(super) use wanted::{Field, Kind};

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// How many.
    pub limit: i64,
    /// After how many.
    pub offset: i64,
}

/// Some rows of a list, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    /// The rows asked for.
    pub items: Vec<T>,
    /// How many rows meet the conditions.
    pub total: i64,
}

/// A `select` in the making: values are bound as `$1`, `$2`, .. which both databases read.
#[derive(Debug)]
pub(super) struct Select {
    columns: &'static str,
    from: &'static str,
    order: String,
    conditions: String,
    values: Vec<String>,
}

// === impl Range ===

impl Range {
    /// One row, the first.
    pub const FIRST: Self = Self {
        limit: 1,
        offset: 0,
    };
}

// === impl Select ===

impl Select {
    /// Selects columns from tables in an order.
    pub(super) fn new(columns: &'static str, from: &'static str, order: &'static str) -> Self {
        Self {
            columns,
            from,
            order: order.to_owned(),
            conditions: String::new(),
            values: Vec::new(),
        }
    }

    /// Adds the condition that an expression has a value, if there is one.
    pub(super) fn equals(mut self, expression: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.values.push(value);
            self.and(&format!("{expression} = ${}", self.values.len()));
        }
        self
    }

    /// Adds the condition that an expression contains a text, if there is one. The text is taken
    /// literally: `replace` finds it alike on both databases, where `like` differs.
    pub(super) fn contains(mut self, expression: &'static str, text: Option<String>) -> Self {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.values.push(text);
            let number = self.values.len();
            self.and(&format!(
                "replace({expression}, ${number}, '') <> {expression}"
            ));
        }
        self
    }

    /// Adds the condition that a comparison holds; `?` stands for the value in it.
    fn compares(mut self, comparison: &str, value: String) -> Self {
        self.values.push(value);
        let place = format!("${}", self.values.len());
        self.and(&comparison.replace('?', &place));
        self
    }

    /// Reads the rows of a range and counts them all.
    pub(super) async fn list<T>(
        self,
        connection: &mut Connection,
        range: Range,
        read: impl Fn(&AnyRow) -> Result<T>,
    ) -> Result<List<T>> {
        let (from, conditions) = (self.from, &self.conditions);
        let count = format!("select count(*) as total from {from}{conditions}");
        let mut query = sqlx::query(AssertSqlSafe(count));
        for value in &self.values {
            query = query.bind(value.clone());
        }
        let total = query.fetch_one(&mut *connection).await?.try_get("total")?;
        let (columns, order, next) = (self.columns, self.order, self.values.len() + 1);
        let rows = format!(
            "select {columns} from {from}{conditions} order by {order} limit ${next} offset ${}",
            next + 1
        );
        let mut query = sqlx::query(AssertSqlSafe(rows));
        for value in self.values {
            query = query.bind(value);
        }
        let query = query.bind(range.limit).bind(range.offset);
        let rows = query.fetch_all(connection).await?;
        let items = rows.iter().map(read).collect::<Result<_>>()?;
        Ok(List { items, total })
    }

    fn and(&mut self, condition: &str) {
        let word = if self.conditions.is_empty() {
            " where "
        } else {
            " and "
        };
        self.conditions.push_str(word);
        self.conditions.push_str(condition);
    }
}
