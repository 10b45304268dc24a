use super::*;

const PROMISE: Promise = Promise {
    propagation: Duration::from_secs(1),
    comeback: Duration::from_secs(5),
    max_stale: Duration::from_secs(20),
};

/// Seconds and tenths after the beginning.
struct Time(Instant);

impl Time {
    fn at(&self, tenths: u64) -> Instant {
        self.0 + Duration::from_millis(tenths * 100)
    }

    fn span(&self, begin: u64, end: u64) -> Span {
        Span {
            begin: self.at(begin),
            end: self.at(end),
        }
    }
}

/// Key 0 of application 0, approved for service 0.
fn world() -> (Truth, Time) {
    let time = Time(Instant::now());
    let mut truth = Truth::of_nothing(PROMISE, (time.at(0), Timestamp(0)));
    truth.keys.push(Key {
        application: 0,
        ends: None,
        is_held: Timeline::new(true),
    });
    truth.approvals.insert((0, 0), Timeline::new(true));
    (truth, time)
}

fn seen(time: &Time, tenths: u64, outcome: Outcome) -> Seen {
    Seen {
        subject: Subject::Key(0),
        service: 0,
        span: time.span(tenths, tenths),
        outcome,
    }
}

fn judge(truth: &Truth, time: &Time, tenths: u64, outcome: Outcome) -> Verdict {
    truth.judge(&seen(time, tenths, outcome))
}

use Outcome::{Allowed, Forbidden, Mistaken, Unauthenticated, Undecided};
use Verdict::{Right, WrongAllow, WrongDeny};

#[test]
fn a_revoked_key_passes_for_the_promised_time_and_no_longer() {
    let (mut truth, time) = world();
    truth.keys[0].is_held.ask(false, time.at(10));
    truth.keys[0].is_held.settle(time.at(12));
    for (tenths, outcome, verdict) in [
        (9, Unauthenticated, WrongDeny),
        (11, Unauthenticated, Right),
        (11, Allowed, Right),
        (22, Allowed, Right),
        (23, Allowed, WrongAllow),
        (23, Unauthenticated, Right),
    ] {
        let judged = judge(&truth, &time, tenths, outcome);
        assert_eq!(judged, verdict, "{outcome:?} at {tenths}");
    }
}

#[test]
fn a_revocation_that_nobody_acknowledged_may_have_happened_or_not() {
    let (mut truth, time) = world();
    truth.keys[0].is_held.ask(false, time.at(10));
    for outcome in [Allowed, Unauthenticated] {
        assert_eq!(judge(&truth, &time, 500, outcome), Right);
    }
    truth.keys[0].is_held.withdraw();
    assert_eq!(judge(&truth, &time, 500, Unauthenticated), WrongDeny);
}

#[test]
fn what_was_revoked_before_an_outage_is_refused_during_it() {
    let (mut truth, time) = world();
    truth.keys[0].is_held.ask(false, time.at(10));
    truth.keys[0].is_held.settle(time.at(10));
    truth.hearing.begin(time.at(30));
    assert_eq!(judge(&truth, &time, 40, Allowed), WrongAllow);
}

#[test]
fn what_is_revoked_during_an_outage_is_refused_once_the_registry_is_back() {
    let (mut truth, time) = world();
    truth.hearing.begin(time.at(10));
    truth.hearing.complete(time.at(11));
    truth.keys[0].is_held.ask(false, time.at(20));
    truth.keys[0].is_held.settle(time.at(20));
    assert_eq!(judge(&truth, &time, 50, Allowed), Right);
    truth.hearing.end(time.at(60));
    assert_eq!(judge(&truth, &time, 119, Allowed), Right);
    assert_eq!(judge(&truth, &time, 121, Allowed), WrongAllow);
    truth.hearing.hear(time.at(70));
    assert_eq!(
        judge(&truth, &time, 71, Allowed),
        WrongAllow,
        "it was seen to hear"
    );
}

#[test]
fn nobody_gets_in_by_what_is_too_old() {
    let (mut truth, time) = world();
    truth.hearing.begin(time.at(10));
    truth.hearing.complete(time.at(10));
    for (tenths, outcome, verdict) in [
        (209, Allowed, Right),
        (209, Undecided, Verdict::Undecided),
        (213, Allowed, WrongAllow),
        (213, Unauthenticated, WrongDeny),
        (213, Undecided, Right),
    ] {
        let judged = judge(&truth, &time, tenths, outcome);
        assert_eq!(judged, verdict, "{outcome:?} at {tenths}");
    }
    truth.hearing.end(time.at(250));
    assert_eq!(judge(&truth, &time, 251, Allowed), Right);
}

#[test]
fn a_key_ends_by_envoys_clock() {
    let (mut truth, time) = world();
    truth.keys[0].ends = Some(Timestamp(600_000));
    assert_eq!(judge(&truth, &time, 100, Allowed), Right);
    truth.clock.step(3_600_000, time.span(110, 111));
    assert_eq!(judge(&truth, &time, 112, Allowed), WrongAllow);
    assert_eq!(judge(&truth, &time, 112, Unauthenticated), Right);
    truth.clock.step(0, time.span(200, 201));
    assert_eq!(judge(&truth, &time, 202, Unauthenticated), WrongDeny);
    for tenths in [5_991, 6_009] {
        assert_eq!(judge(&truth, &time, tenths, Allowed), Right);
        assert_eq!(judge(&truth, &time, tenths, Unauthenticated), Right);
    }
    assert_eq!(judge(&truth, &time, 6_011, Allowed), WrongAllow);
}

#[test]
fn an_approval_opens_its_own_service_to_its_own_application() {
    let (mut truth, time) = world();
    assert_eq!(judge(&truth, &time, 10, Mistaken), WrongAllow);
    let mut elsewhere = seen(&time, 10, Allowed);
    elsewhere.service = 1;
    assert_eq!(truth.judge(&elsewhere), WrongAllow);
    elsewhere.outcome = Forbidden;
    assert_eq!(truth.judge(&elsewhere), Right);
    let place = truth.approvals.get_mut(&(0, 0)).unwrap();
    place.ask(false, time.at(20));
    place.settle(time.at(21));
    assert_eq!(judge(&truth, &time, 32, Allowed), WrongAllow);
    assert_eq!(judge(&truth, &time, 32, Forbidden), Right);
    assert_eq!(judge(&truth, &time, 32, Unauthenticated), WrongDeny);
}

#[test]
fn nobody_gets_in_without_a_key_of_ours() {
    let (truth, time) = world();
    for subject in [Subject::NoKey, Subject::Stranger, Subject::Key(7)] {
        let stranger = Seen {
            subject,
            ..seen(&time, 10, Allowed)
        };
        assert_eq!(truth.judge(&stranger), WrongAllow, "{subject:?}");
    }
}
