use uuid::Uuid;

use super::*;
use crate::table::Counts;

const NOW: Timestamp = Timestamp(1_000_000);
const MINUTE_MS: u64 = 60_000;

const READ: BodyLimits = BodyLimits {
    enabled: true,
    max_bytes: 1,
};
const UNREAD: BodyLimits = BodyLimits {
    enabled: false,
    ..READ
};

fn usage() -> Usage {
    let mut usage = Usage::new(Reader {
        gateway: "edge-1".to_owned(),
        vm: "1".to_owned(),
    });
    assert_eq!(usage.on_turn(&status(), &READ, NOW), None, "not at once");
    usage
}

fn used(number: u128) -> Use {
    Use {
        credential: CredentialId(Uuid::from_u128(number)),
        service: ServiceId(Uuid::from_u128(1)),
    }
}

fn status() -> Status {
    Status {
        counts: Counts::default(),
        revision: 7,
        age_ms: Some(3),
        is_complete: true,
        services_with_bodies: 1,
        services_without_anonymous: 0,
    }
}

fn later(ms: u64) -> Timestamp {
    Timestamp(NOW.0 + i64::try_from(ms).unwrap())
}

fn next(usage: &mut Usage, after_ms: u64) -> Report {
    let report = usage.on_turn(&status(), &READ, later(after_ms));
    report.expect("it is time")
}

fn requests(report: &Report) -> u32 {
    let latencies = report.counts.iter().flat_map(|count| &count.latencies);
    latencies.map(|latency| latency.requests).sum()
}

#[test]
fn requests_are_counted_by_key_service_status_and_latency() {
    let mut usage = usage();
    for (number, status, took_ms) in [
        (1, 200, 5),
        (1, 200, 6),
        (1, 200, 100),
        (1, 403, 1),
        (2, 200, 1),
    ] {
        usage.count(used(number), status, (NOW, later(took_ms)));
    }
    let report = next(&mut usage, FIRST_MS);
    assert_eq!(report.counts.len(), 3);
    let is_first = |count: &&Count| count.credential == used(1).credential && count.status == 200;
    let first = report.counts.iter().find(is_first).unwrap();
    assert_eq!((first.status, first.last_ms), (200, later(100).0));
    let seen: Vec<_> = first
        .latencies
        .iter()
        .map(|l| (l.bucket, l.requests))
        .collect();
    assert_eq!(seen, [(4, 2), (13, 1)]);
}

#[test]
fn a_report_comes_once_a_minute_and_counts_nothing_twice() {
    let mut usage = usage();
    usage.count(used(1), 200, (NOW, NOW));
    assert_eq!(requests(&next(&mut usage, FIRST_MS)), 1);
    usage.on_answer(Answer::Registry(b""), MINUTE_MS);
    usage.count(used(1), 200, (NOW, NOW));
    let early = later(FIRST_MS + MINUTE_MS - 1);
    assert_eq!(usage.on_turn(&status(), &READ, early), None);
    let report = next(&mut usage, FIRST_MS + MINUTE_MS);
    assert_eq!((report.sequence, requests(&report)), (2, 1));
}

#[test]
fn a_report_without_an_answer_comes_again_as_it_was() {
    let mut usage = usage();
    usage.count(used(1), 200, (NOW, NOW));
    let first = next(&mut usage, FIRST_MS);
    usage.count(used(1), 200, (NOW, NOW));
    assert_eq!(
        usage.on_turn(&status(), &READ, later(MINUTE_MS)),
        None,
        "under way"
    );
    usage.on_answer(Answer::Unreachable, MINUTE_MS);
    let again = next(&mut usage, FIRST_MS + MINUTE_MS);
    assert_eq!(
        (again.sequence, &again.counts),
        (first.sequence, &first.counts)
    );
    usage.on_answer(Answer::Registry(b""), MINUTE_MS);
    let report = next(&mut usage, FIRST_MS + 2 * MINUTE_MS);
    assert_eq!(
        (report.sequence, requests(&report)),
        (2, 1),
        "nothing is lost"
    );
}

#[test]
fn more_kinds_of_use_than_fit_are_reported_in_turn_and_bounded() {
    let mut usage = usage();
    for number in 0..=MOST_KINDS {
        usage.count(used(number as u128), 200, (NOW, NOW));
    }
    let mut at_ms = FIRST_MS;
    let mut total = 0;
    for _ in 0..MOST_KINDS / MOST_COUNTS {
        let report = next(&mut usage, at_ms);
        assert_eq!(report.counts.len(), MOST_COUNTS);
        let is_said = report.warnings.contains(&Warning::UsageLost);
        assert_eq!(is_said, total == 0, "what is lost is said once");
        total += requests(&report);
        usage.on_answer(Answer::Registry(b""), MINUTE_MS);
        at_ms += 100;
    }
    assert_eq!(total as usize, MOST_KINDS);
    assert_eq!(
        usage.on_turn(&status(), &READ, later(at_ms)),
        None,
        "a minute later"
    );
}

#[test]
fn what_the_gateway_lacks_is_said() {
    let mut usage = usage();
    let report = usage.on_turn(&status(), &UNREAD, later(FIRST_MS)).unwrap();
    assert_eq!(report.warnings, [Warning::BodiesNotRead]);
    assert_eq!(report.counts, [], "it comes without use, too");
}
