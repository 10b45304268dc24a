//! What is asked of `/api/v2/stats`.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::domain::id::{ApplicationId, ProductVersionId};
use crate::domain::statistics::{By, Keep, Metric};
use crate::http::problem::Problem;
use crate::storage::usage::{Dimension, Filter, Question, Steps, Values};

/// The last moment that can be written as a date (RFC 3339).
const LATEST_MS: i64 = 253_402_300_799_999;

/// How many values a question names at most; databases take so many.
const MOST_VALUES: usize = 1000;

const MOST_DIMENSIONS: usize = 2;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http::portal) struct Query {
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    metrics: [Metric; 1],
    #[serde(default)]
    dimensions: Vec<By>,
    #[serde(default = "day")]
    granularity_ms: i64,
    #[serde(default)]
    filter: Vec<WantedFigures>,
}

/// Which figures are wanted.
#[derive(Debug, Deserialize)]
#[serde(
    tag = "dimension",
    rename_all = "SCREAMING_SNAKE_CASE",
    deny_unknown_fields
)]
enum WantedFigures {
    ApiProductVersion {
        r#type: Keep,
        values: BTreeSet<Id>,
    },
    Application {
        r#type: Keep,
        values: BTreeSet<Id>,
    },
    StatusCode {
        r#type: Keep,
        values: BTreeSet<Status>,
    },
    StatusCodeGrouped {
        r#type: Keep,
        values: BTreeSet<Group>,
    },
}

/// An id, written as ids are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Id(ApplicationId);

/// A status: 100 to 999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Status(u16);

/// The first digit of statuses, such as `2XX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Group(u8);

// === impl Query ===

impl Query {
    /// Returns what is to be measured.
    pub(super) const fn metric(&self) -> Metric {
        let [metric] = self.metrics;
        metric
    }

    /// Returns what figures are told apart by, the time excepted.
    pub(super) fn values(&self) -> BTreeSet<By> {
        let by = self.dimensions.iter().copied();
        by.filter(|by| *by != By::Time).collect()
    }

    /// Returns the question, if it can be answered.
    pub(super) fn question(&self) -> Result<Question, Problem> {
        self.check()?;
        let by: BTreeSet<_> = self.dimensions.iter().copied().collect();
        Ok(Question {
            from_ms: self.start_ms,
            until_ms: self.end_ms,
            by: by.into_iter().map(|by| self.dimension(by)).collect(),
            owner: None,
            filters: self.filter.iter().map(WantedFigures::filter).collect(),
        })
    }

    fn check(&self) -> Result<(), Problem> {
        let refused =
            |field: &str, reason: String| Err(Problem::invalid_field(field, "invalid", reason));
        for (field, ms) in [("start_ms", self.start_ms), ("end_ms", self.end_ms)] {
            if !(0..=LATEST_MS).contains(&ms) {
                return refused(field, format!("must be between 0 and {LATEST_MS}"));
            }
        }
        if self.end_ms < self.start_ms {
            return refused("end_ms", "must not be before `start_ms`".to_owned());
        }
        if self.granularity_ms < 1 {
            return refused("granularity_ms", "must be at least 1".to_owned());
        }
        if self.dimensions.len() > MOST_DIMENSIONS {
            return refused("dimensions", format!("must be at most {MOST_DIMENSIONS}"));
        }
        if self.filter.iter().map(WantedFigures::len).sum::<usize>() > MOST_VALUES {
            return refused("filter", format!("must name at most {MOST_VALUES} values"));
        }
        Ok(())
    }

    const fn dimension(&self, by: By) -> Dimension {
        match by {
            By::ApiProductVersion => Dimension::ProductVersion,
            By::Application => Dimension::Application,
            By::StatusCode => Dimension::Status,
            By::StatusCodeGrouped => Dimension::StatusGroup,
            By::Time => Dimension::Time(Steps {
                from_ms: self.start_ms,
                length_ms: self.granularity_ms,
            }),
        }
    }
}

// === impl WantedFigures ===

impl WantedFigures {
    fn filter(&self) -> Filter {
        let (r#type, values) = match self {
            Self::ApiProductVersion { r#type, values } => (
                r#type,
                Values::ProductVersions(values.iter().map(|id| ProductVersionId(id.0.0)).collect()),
            ),
            Self::Application { r#type, values } => (
                r#type,
                Values::Applications(values.iter().map(|id| id.0).collect()),
            ),
            Self::StatusCode { r#type, values } => (
                r#type,
                Values::Statuses(values.iter().map(|status| status.0).collect()),
            ),
            Self::StatusCodeGrouped { r#type, values } => (
                r#type,
                Values::StatusGroups(values.iter().map(|group| group.0).collect()),
            ),
        };
        Filter {
            keep: *r#type,
            values,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::ApiProductVersion { values, .. } | Self::Application { values, .. } => {
                values.len()
            }
            Self::StatusCode { values, .. } => values.len(),
            Self::StatusCodeGrouped { values, .. } => values.len(),
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let id: Option<ApplicationId> = text.parse().ok();
        id.filter(|id| id.to_string() == text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be a UUID in lower case"))
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let status = u16::deserialize(deserializer)?;
        if (100..=999).contains(&status) {
            Ok(Self(status))
        } else {
            Err(D::Error::custom("must be between 100 and 999"))
        }
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = text.strip_suffix("XX").and_then(|text| text.parse().ok());
        digit
            .filter(|digit| format!("{digit}XX") == text && *digit < 10)
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be a digit and `XX`"))
    }
}

const fn day() -> i64 {
    24 * 60 * 60 * 1000
}
