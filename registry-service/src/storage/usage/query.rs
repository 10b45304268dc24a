//! Statistics: what was counted, by what somebody asks for.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::domain::id::{ApplicationId, DeveloperId, ProductVersionId};
use crate::domain::statistics::Keep;
use crate::domain::timestamp::Timestamp;
use crate::domain::usage::Histogram;
use crate::storage::row::parsed_or_none;
use crate::storage::{Connection, Result, StorageError};

/// A status's first digit; that of a client that left before there was one is 0.
const STATUS_GROUP: &str = "(u.status / 100)";

/// What figures are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// The application.
    Application,
    /// The product version; what belongs to none has none.
    ProductVersion,
    /// The status.
    Status,
    /// The status's first digit.
    StatusGroup,
    /// The time, in steps.
    Time(Steps),
}

/// Steps of time. What was counted for a span that began before the first is counted to the first;
/// a step shorter than a span is as long as that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// When the first begins, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// How long each is, in milliseconds.
    pub length_ms: i64,
}

/// Which figures are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Whether they are those with the values, or those without.
    pub keep: Keep,
    /// The values.
    pub values: Values,
}

/// What figures are told apart by, and which of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Applications.
    Applications(BTreeSet<ApplicationId>),
    /// Product versions.
    ProductVersions(BTreeSet<ProductVersionId>),
    /// Statuses.
    Statuses(BTreeSet<u16>),
    /// First digits of statuses.
    StatusGroups(BTreeSet<u8>),
}

/// What somebody wants to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// From when on, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// Before when.
    pub until_ms: i64,
    /// What figures are told apart by, each at most once.
    pub by: Vec<Dimension>,
    /// Whose applications; `None` for anybody's.
    pub owner: Option<DeveloperId>,
    /// Which figures; all of these hold.
    pub filters: Vec<Filter>,
}

/// A figure, with what it was told apart by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// The application, if asked for.
    pub application: Option<ApplicationId>,
    /// The product version, if asked for and there is one.
    pub product_version: Option<ProductVersionId>,
    /// The status, if asked for; its first digit, if that was.
    pub status: Option<u16>,
    /// When it began, if asked for.
    pub began_at: Option<Timestamp>,
    /// How many requests took how long.
    pub latencies: Histogram,
}

/// Returns the figures, in the order of what they are told apart by; those without requests are not
/// among them.
pub async fn query(connection: &mut Connection, question: &Question) -> Result<Vec<Figure>> {
    let text = question.sql();
    let mut query = sqlx::query(AssertSqlSafe(text))
        .bind(question.from_ms)
        .bind(question.until_ms);
    for value in question.values() {
        query = query.bind(value);
    }
    let rows = query.fetch_all(connection).await?;
    let mut figures: Vec<Figure> = Vec::new();
    for row in &rows {
        let figure = figure(row, &question.by)?;
        let (bucket, requests) = (bucket(row)?, row.try_get("requests")?);
        match figures.last_mut() {
            Some(last) if last.is_told_apart_as(&figure) => last.latencies.add(bucket, requests),
            _ => {
                figures.push(figure);
                if let Some(last) = figures.last_mut() {
                    last.latencies.add(bucket, requests);
                }
            }
        }
    }
    Ok(figures)
}

// === impl Dimension ===

impl Dimension {
    fn column(self) -> &'static str {
        match self {
            Self::Application => "application_id",
            Self::ProductVersion => "product_version_id",
            Self::Status => "status",
            Self::StatusGroup => "status_group",
            Self::Time(_) => "step",
        }
    }

    fn selected(self) -> String {
        format!("{} as {}", self.expression(), self.column())
    }

    /// Steps are numbers, so they may stand in the text.
    fn expression(self) -> String {
        match self {
            Self::Time(Steps { from_ms, length_ms }) => {
                let length_ms = length_ms.max(1);
                // Division cuts off towards zero, so a span that began earlier counts to the first.
                format!("{from_ms} + (u.began_at - {from_ms}) / {length_ms} * {length_ms}")
            }
            Self::StatusGroup => STATUS_GROUP.to_owned(),
            other => format!("u.{}", other.column()),
        }
    }
}

// === impl Question ===

impl Question {
    fn sql(&self) -> String {
        let by = &self.by;
        let columns: Vec<_> = by.iter().map(|by| by.selected() + ", ").collect();
        let groups: Vec<_> = by.iter().map(|by| by.expression() + ", ").collect();
        let order: Vec<_> = by.iter().map(|by| by.column().to_owned() + ", ").collect();
        format!(
            "select {}u.latency as latency, cast(sum(u.requests) as bigint) as requests \
             from usage u where {} group by {}u.latency order by {}latency",
            columns.concat(),
            self.conditions().join(" and "),
            groups.concat(),
            order.concat()
        )
    }

    fn conditions(&self) -> Vec<String> {
        // What is between them is bound first.
        let mut bound = 2;
        let mut numbers = |count: usize| {
            let numbers = (bound + 1..=bound + count).map(|number| format!("${number}"));
            bound += count;
            numbers.collect::<Vec<_>>().join(", ")
        };
        let mut conditions = vec!["u.began_at + u.span_ms > $1 and u.began_at < $2".to_owned()];
        for filter in &self.filters {
            conditions.push(filter.condition(&mut numbers));
        }
        if self.owner.is_some() {
            conditions.push(format!(
                "u.application_id in \
                 (select a.application_id from application a where a.developer_id = {})",
                numbers(1)
            ));
        }
        conditions
    }

    /// Returns what the conditions name, in their order.
    fn values(&self) -> Vec<String> {
        let filtered = self.filters.iter().flat_map(|filter| filter.values.texts());
        let owner = self.owner.iter().map(ToString::to_string);
        filtered.chain(owner).collect()
    }
}

// === impl Filter ===

impl Filter {
    /// Returns the condition; `numbers` names so many of the values bound.
    fn condition(&self, numbers: &mut impl FnMut(usize) -> String) -> String {
        let (expression, count) = (self.values.expression(), self.values.texts().len());
        match (self.keep, count) {
            // An empty list is no SQL.
            (Keep::With, 0) => "1 = 0".to_owned(),
            (Keep::Without, 0) => "1 = 1".to_owned(),
            (Keep::With, count) => format!("{expression} in ({})", numbers(count)),
            (Keep::Without, count) => format!(
                "({expression} is null or {expression} not in ({}))",
                numbers(count)
            ),
        }
    }
}

// === impl Values ===

impl Values {
    fn expression(&self) -> String {
        match self {
            Self::Applications(_) => "u.application_id".to_owned(),
            Self::ProductVersions(_) => "u.product_version_id".to_owned(),
            Self::Statuses(_) => "cast(u.status as text)".to_owned(),
            Self::StatusGroups(_) => format!("cast({STATUS_GROUP} as text)"),
        }
    }

    fn texts(&self) -> Vec<String> {
        match self {
            Self::Applications(ids) => ids.iter().map(ToString::to_string).collect(),
            Self::ProductVersions(ids) => ids.iter().map(ToString::to_string).collect(),
            Self::Statuses(statuses) => statuses.iter().map(ToString::to_string).collect(),
            Self::StatusGroups(digits) => digits.iter().map(ToString::to_string).collect(),
        }
    }
}

// === impl Figure ===

impl Figure {
    fn is_told_apart_as(&self, other: &Self) -> bool {
        self.application == other.application
            && self.product_version == other.product_version
            && self.status == other.status
            && self.began_at == other.began_at
    }
}

fn figure(row: &AnyRow, by: &[Dimension]) -> Result<Figure> {
    let mut figure = Figure::default();
    for dimension in by {
        let column = dimension.column();
        match dimension {
            Dimension::Application => figure.application = parsed_or_none(row, column)?,
            Dimension::ProductVersion => figure.product_version = parsed_or_none(row, column)?,
            Dimension::Status | Dimension::StatusGroup => {
                let status: i64 = row.try_get(column)?;
                let status = status.try_into();
                figure.status = Some(status.map_err(|_| StorageError::Corrupt { column })?);
            }
            Dimension::Time(_) => figure.began_at = Some(Timestamp(row.try_get(column)?)),
        }
    }
    Ok(figure)
}

fn bucket(row: &AnyRow) -> Result<usize> {
    let bucket: i64 = row.try_get("latency")?;
    bucket
        .try_into()
        .map_err(|_| StorageError::Corrupt { column: "latency" })
}
