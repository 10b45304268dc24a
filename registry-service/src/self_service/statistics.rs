//! How a developer's applications use APIs, from what gateways report.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use crate::domain::session::SignedIn;
use crate::domain::statistics::Keep;
use crate::domain::timestamp::Timestamp;
use crate::registry::Registry;
use crate::storage::usage::{
    COARSE_SPAN_MS, Dimension, FINE_MS, Figure, Filter, Names, Question, SPAN_MS, Steps, Values,
    names, query,
};
use crate::storage::{Connection, Result};

/// How many values figures are told apart by at most (Konnect's limit): those with most requests.
pub const MOST_VALUES: usize = 50;

/// What came of a question.
#[derive(Debug, Clone)]
pub struct Statistics {
    /// The figures, the earliest first; those without requests are not among them.
    pub figures: Vec<Figure>,
    /// How long the steps are that they are told apart by, in milliseconds, if they are.
    pub step_ms: Option<i64>,
    /// Whether there are more values than are told apart.
    pub is_truncated: bool,
    /// What is named in the figures.
    pub names: Names,
}

/// Answers a question about the developer's own applications, whatever others it names.
pub async fn ask(
    registry: &Registry,
    signed_in: SignedIn,
    mut question: Question,
) -> Result<Statistics> {
    question.owner = Some(signed_in.developer());
    let now = registry.clock.now();
    let by = mem::take(&mut question.by).into_iter();
    question.by = by.map(|dimension| evened(dimension, now)).collect();
    // The earliest first, whatever else they are told apart by.
    question
        .by
        .sort_by_key(|dimension| !matches!(dimension, Dimension::Time(_)));
    let mut snapshot = registry.storage.read().await?;
    let is_truncated = leave_out_the_least(&mut snapshot, &mut question).await?;
    let figures = query(&mut snapshot, &question).await?;
    Ok(Statistics {
        names: named(&mut snapshot, &figures).await?,
        step_ms: question.by.iter().find_map(|dimension| match dimension {
            Dimension::Time(steps) => Some(steps.length_ms),
            _ => None,
        }),
        figures,
        is_truncated,
    })
}

/// Makes steps as long as what is counted by, or a multiple of it: what is older is counted by hours.
fn evened(dimension: Dimension, now: Timestamp) -> Dimension {
    let Dimension::Time(Steps { from_ms, length_ms }) = dimension else {
        return dimension;
    };
    let span_ms = if from_ms < now.plus_ms(-FINE_MS).0 {
        COARSE_SPAN_MS
    } else {
        SPAN_MS
    };
    let spans = length_ms.max(1).saturating_add(span_ms - 1) / span_ms;
    Dimension::Time(Steps {
        from_ms,
        length_ms: spans.saturating_mul(span_ms),
    })
}

/// Leaves the values with the fewest requests out where there are too many; says whether it did.
async fn leave_out_the_least(connection: &mut Connection, question: &mut Question) -> Result<bool> {
    let filters = question.filters.len();
    for dimension in question.by.clone() {
        let by_value = Question {
            by: vec![dimension],
            ..question.clone()
        };
        let mut figures = match dimension {
            Dimension::Time(_) => continue,
            _ => query(connection, &by_value).await?,
        };
        figures.sort_by_key(|figure| -figure.latencies.requests());
        if let Some(least) = figures.get(MOST_VALUES..).filter(|least| !least.is_empty()) {
            let values = values(dimension, least);
            question.filters.extend(values.map(|values| Filter {
                keep: Keep::Without,
                values,
            }));
        }
    }
    Ok(question.filters.len() > filters)
}

fn values(dimension: Dimension, figures: &[Figure]) -> Option<Values> {
    let figures = figures.iter();
    match dimension {
        Dimension::Application => Some(Values::Applications(
            figures.filter_map(|figure| figure.application).collect(),
        )),
        Dimension::ProductVersion => Some(Values::ProductVersions(
            figures
                .filter_map(|figure| figure.product_version)
                .collect(),
        )),
        Dimension::Status => Some(Values::Statuses(
            figures.filter_map(|figure| figure.status).collect(),
        )),
        // There are ten digits.
        Dimension::StatusGroup | Dimension::Time(_) => None,
    }
}

/// Reads the names of what is in the figures; applications may have the same, and are then told apart
/// by their ids.
async fn named(connection: &mut Connection, figures: &[Figure]) -> Result<Names> {
    let applications: BTreeSet<_> = figures.iter().filter_map(|f| f.application).collect();
    let versions: BTreeSet<_> = figures.iter().filter_map(|f| f.product_version).collect();
    let applications: Vec<_> = applications.into_iter().collect();
    let versions: Vec<_> = versions.into_iter().collect();
    let mut names = names(connection, (&applications, &versions)).await?;
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.applications.values() {
        *uses.entry(name.clone()).or_default() += 1;
    }
    for (id, name) in &mut names.applications {
        if uses.get(name).is_some_and(|uses| *uses > 1) {
            *name = format!("{name} ({id})");
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_762_820_330_120);
    const HOUR_MS: i64 = 60 * 60 * 1000;
    const WEEK_MS: i64 = 7 * 24 * HOUR_MS;

    #[test]
    fn steps_are_no_finer_than_what_is_counted_by() {
        let minute_ms = 60_000;
        for (ago_ms, asked_ms, expected_ms) in [
            (HOUR_MS, minute_ms, 5 * minute_ms),
            (HOUR_MS, 7 * minute_ms, 10 * minute_ms),
            (HOUR_MS, HOUR_MS, HOUR_MS),
            (WEEK_MS, minute_ms, HOUR_MS),
            (WEEK_MS, 90 * minute_ms, 2 * HOUR_MS),
            (WEEK_MS, i64::MAX, i64::MAX / HOUR_MS * HOUR_MS),
        ] {
            let from_ms = NOW.0 - ago_ms;
            let length_ms = asked_ms;
            let evened = evened(Dimension::Time(Steps { from_ms, length_ms }), NOW);
            let length_ms = expected_ms;
            let expected = Dimension::Time(Steps { from_ms, length_ms });
            assert_eq!(evened, expected, "{asked_ms}");
        }
    }
}
