//! Statistics: what was counted, by what somebody asks for.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::domain::id::{ApplicationId, DeveloperId, ProductVersionId};
use crate::domain::timestamp::Timestamp;
use crate::domain::usage::Histogram;
use crate::storage::row::parsed_or_none;
use crate::storage::{Connection, Result, StorageError};

/// What figures are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// The application.
    Application,
    /// The product version; what belongs to none has none.
    ProductVersion,
    /// The status.
    Status,
    /// The time, in steps of so many milliseconds; a step shorter than what is counted by is as long
    /// as that.
    Time(i64),
}

/// What somebody wants to know. An empty list means "any".
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
    /// Which applications.
    pub applications: Vec<ApplicationId>,
    /// Which product versions.
    pub product_versions: Vec<ProductVersionId>,
    /// Which statuses.
    pub statuses: Vec<u16>,
}

/// A figure, with what it was told apart by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// The application, if asked for.
    pub application: Option<ApplicationId>,
    /// The product version, if asked for and there is one.
    pub product_version: Option<ProductVersionId>,
    /// The status, if asked for.
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
            Self::Time(_) => "step",
        }
    }

    fn selected(self) -> String {
        format!("{} as {}", self.expression(), self.column())
    }

    /// The step is a number of ours, so it may stand in the text.
    fn expression(self) -> String {
        match self {
            Self::Time(step_ms) => {
                let step_ms = step_ms.max(1);
                format!("u.began_at - u.began_at % {step_ms}")
            }
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
        let mut conditions = vec!["u.began_at >= $1 and u.began_at < $2".to_owned()];
        for (expression, count) in [
            ("u.application_id", self.applications.len()),
            ("u.product_version_id", self.product_versions.len()),
            ("cast(u.status as text)", self.statuses.len()),
        ] {
            if count > 0 {
                conditions.push(format!("{expression} in ({})", numbers(count)));
            }
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
        let applications = self.applications.iter().map(ToString::to_string);
        let versions = self.product_versions.iter().map(ToString::to_string);
        let statuses = self.statuses.iter().map(ToString::to_string);
        let owner = self.owner.iter().map(ToString::to_string);
        applications
            .chain(versions)
            .chain(statuses)
            .chain(owner)
            .collect()
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
            Dimension::Status => {
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
