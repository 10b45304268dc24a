//! How an application was used in the last thirty days, as charts and as a table.

use serde::Serialize;

use crate::domain::id::ApplicationId;
use crate::domain::statistics::Keep;
use crate::domain::timestamp::Timestamp;
use crate::domain::usage::Histogram;
use crate::http::pages::PageError;
use crate::http::pages::portal::guest::Member;
use crate::self_service::statistics;
use crate::storage::usage::{Dimension, Figure, Filter, Question, Steps, Values};

const DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How wide a day is drawn, with the gap to the next, and how high the highest; in the units of the
/// template's view boxes.
const DAY_WIDTH: i64 = 20;
const HEIGHT: i64 = 140;

/// What came of requests, by the first digit of their status, and the class that colours it.
const OUTCOMES: [(&str, &[u16]); 4] = [
    ("answered", &[1, 2, 3]),
    ("refused", &[4]),
    ("failed", &[5, 6, 7, 8, 9]),
    ("unanswered", &[0]),
];

/// What the application's page shows of its use.
#[derive(Debug, Serialize)]
pub(super) struct Usage {
    requests: i64,
    most: i64,
    slowest_ms: i64,
    days: Vec<Day>,
}

/// A day (UTC).
#[derive(Debug, Serialize)]
struct Day {
    date: String,
    /// The middle of what is drawn.
    x: i64,
    requests: i64,
    bars: Vec<Bar>,
    latency: Option<Latency>,
}

/// The requests of a day with one outcome.
#[derive(Debug, Serialize)]
struct Bar {
    outcome: &'static str,
    requests: i64,
    y: i64,
    height: i64,
}

/// What half of a day's answers took at most, and what 99 of 100 did.
#[derive(Debug, Serialize)]
struct Latency {
    half_ms: i64,
    most_ms: i64,
    half_y: i64,
    most_y: i64,
}

/// Returns how one of the developer's applications was used.
pub(super) async fn of(member: &Member, id: ApplicationId) -> Result<Usage, PageError> {
    let registry = &member.visit.registry;
    let until_ms = (registry.clock.now().0.div_euclid(DAY_MS) + 1) * DAY_MS;
    let from_ms = until_ms - DAYS * DAY_MS;
    let steps = Steps {
        from_ms,
        length_ms: DAY_MS,
    };
    let question = Question {
        from_ms,
        until_ms,
        by: vec![Dimension::Time(steps), Dimension::StatusGroup],
        filters: vec![Filter {
            keep: Keep::With,
            values: Values::Applications([id].into()),
        }],
        ..Question::default()
    };
    let found = statistics::ask(registry, member.signed_in, question).await?;
    Ok(drawn(from_ms, &found.figures))
}

fn drawn(from_ms: i64, figures: &[Figure]) -> Usage {
    let begins = (0..DAYS).map(|day| Timestamp(from_ms + day * DAY_MS));
    let by_day: Vec<(Timestamp, Vec<&Figure>)> = begins
        .map(|begin| {
            let of_day = figures.iter().filter(|one| one.began_at == Some(begin));
            (begin, of_day.collect())
        })
        .collect();
    let all = |(_, of_day): &(Timestamp, Vec<&Figure>)| together(of_day);
    let totals: Vec<Histogram> = by_day.iter().map(all).collect();
    let most = totals.iter().map(Histogram::requests).max();
    let most = most.unwrap_or_default();
    let slowest = totals.iter().filter_map(|total| milliseconds(total, 99));
    let slowest_ms = slowest.max().unwrap_or_default();
    let days = by_day.iter().zip(&totals).zip(0..);
    let days = days.map(|(((begin, of_day), total), number)| Day {
        date: begin.to_string().chars().take(10).collect(),
        x: number * DAY_WIDTH + DAY_WIDTH / 2,
        requests: total.requests(),
        bars: bars(of_day, most),
        latency: latency(total, slowest_ms),
    });
    Usage {
        requests: totals.iter().map(Histogram::requests).sum(),
        most,
        slowest_ms,
        days: days.collect(),
    }
}

/// Stacks a day's requests by outcome.
fn bars(of_day: &[&Figure], most: i64) -> Vec<Bar> {
    let mut below = 0;
    let bar = |(outcome, digits): (&'static str, &[u16])| {
        let has = |figure: &&&Figure| figure.status.is_some_and(|digit| digits.contains(&digit));
        let figures: Vec<&Figure> = of_day.iter().filter(has).copied().collect();
        let requests = together(&figures).requests();
        let top = HEIGHT - scaled(below + requests, most);
        let height = HEIGHT - scaled(below, most) - top;
        below += requests;
        Bar {
            outcome,
            requests,
            y: top,
            height,
        }
    };
    OUTCOMES.into_iter().map(bar).collect()
}

fn latency(total: &Histogram, slowest_ms: i64) -> Option<Latency> {
    let (half_ms, most_ms) = (milliseconds(total, 50)?, milliseconds(total, 99)?);
    Some(Latency {
        half_ms,
        most_ms,
        half_y: HEIGHT - scaled(half_ms, slowest_ms),
        most_y: HEIGHT - scaled(most_ms, slowest_ms),
    })
}

fn together(figures: &[&Figure]) -> Histogram {
    let mut all = Histogram::default();
    for figure in figures {
        all.merge(&figure.latencies);
    }
    all
}

fn scaled(value: i64, most: i64) -> i64 {
    value.saturating_mul(HEIGHT) / most.max(1)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "latencies end with the last bucket, a minute or so"
)]
fn milliseconds(requests: &Histogram, percent: u8) -> Option<i64> {
    requests.percentile_ms(percent).map(|ms| ms.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(day: i64, digit: u16, requests: i64) -> Figure {
        let mut latencies = Histogram::default();
        latencies.add(4, requests);
        Figure {
            status: Some(digit),
            began_at: Some(Timestamp(day * DAY_MS)),
            latencies,
            ..Figure::default()
        }
    }

    #[test]
    fn a_days_outcomes_stand_on_each_other_and_the_busiest_day_is_as_high_as_there_is_room() {
        let usage = drawn(0, &[figure(3, 2, 60), figure(3, 4, 40), figure(5, 5, 50)]);
        assert_eq!((usage.requests, usage.most), (150, 100));
        let [answered, refused, failed, unanswered] = usage.days[3].bars.as_slice() else {
            panic!("{usage:?}");
        };
        assert_eq!((answered.y, answered.height), (56, 84));
        assert_eq!((refused.y, refused.height), (0, 56));
        assert_eq!((failed.height, unanswered.height), (0, 0));
        assert_eq!(usage.days[5].bars[2].height, 70);
        assert_eq!(usage.days[4].requests, 0);
    }

    #[test]
    fn a_day_without_requests_has_no_latency() {
        let usage = drawn(0, &[figure(3, 2, 60)]);
        assert!(usage.days[4].latency.is_none());
        assert!(usage.days[3].latency.is_some());
    }
}
