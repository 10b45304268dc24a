use keystile_protocol::id::ServiceId;
use keystile_protocol::service::{Access, KeyAuth, Service};
use keystile_protocol::state::Entry;
use keystile_protocol::wire;
use uuid::Uuid;

use super::*;

const START: Timestamp = Timestamp(1_000_000);

fn later(ms: i64) -> Timestamp {
    Timestamp(START.0 + ms)
}

fn feed() -> Feed {
    let reader = Reader {
        gateway: "gateway-1".to_owned(),
        vm: "a".to_owned(),
    };
    Feed::new(reader, 7)
}

fn epoch(number: u128) -> Epoch {
    Epoch(Uuid::from_u128(number))
}

fn service(name: &str) -> Entry {
    Entry::Service(Service {
        id: ServiceId(Uuid::from_u128(1)),
        name: name.to_owned(),
        access: Access::AnyKey,
        key_auth: KeyAuth::default(),
        acl: None,
    })
}

fn page(first: i64, last: i64, head: i64) -> Page {
    let entries = if first == last {
        Vec::new()
    } else {
        vec![service("weather")]
    };
    Page {
        epoch: epoch(1),
        first: Cursor(first),
        last: Cursor(last),
        head,
        start_over: false,
        entries,
    }
}

fn request(next: Next) -> Option<Ask> {
    match next {
        Next::Ask(ask) => Some(ask),
        Next::Nothing => None,
        Next::Turn => panic!("a small page takes one turn"),
    }
}

/// A feed that has asked, its table, and the time.
struct Asked {
    feed: Feed,
    table: Table,
    now: Timestamp,
}

impl Asked {
    fn new() -> Self {
        let mut asked = Self {
            feed: feed(),
            table: Table::default(),
            now: START,
        };
        assert!(asked.turn(START).is_some());
        asked
    }

    fn turn(&mut self, now: Timestamp) -> Option<Ask> {
        request(self.feed.on_turn(&mut self.table, now))
    }

    fn answer(&mut self, page: &Page) -> Option<Ask> {
        let bytes = wire::encode(page).unwrap();
        let answer = Answer::Registry(&bytes);
        request(self.feed.on_answer(answer, &mut self.table, self.now))
    }

    fn unreachable(&mut self) -> Option<Ask> {
        let answer = Answer::Unreachable;
        request(self.feed.on_answer(answer, &mut self.table, self.now))
    }

    /// Asks again as soon as the back-off allows.
    fn retry(&mut self) -> Ask {
        for _ in 0..100 {
            self.now = Timestamp(self.now.0 + 100);
            if let Some(ask) = self.turn(self.now) {
                return ask;
            }
        }
        panic!("does not ask again");
    }
}

#[test]
fn the_first_request_names_no_epoch_and_does_not_wait() {
    let ask = request(feed().on_turn(&mut Table::default(), START)).unwrap();
    assert_eq!(
        ask.path,
        "/gateway/v1/state?epoch=&after=0&wait_ms=0&gateway=gateway-1&vm=a"
    );
    assert_eq!(ask.timeout_ms, 5_000);
}

#[test]
fn an_incomplete_page_is_followed_at_once_by_the_next() {
    let mut asked = Asked::new();
    let ask = asked.answer(&page(0, -3, 9)).unwrap();
    assert!(ask.path.contains("&after=-3&wait_ms=0&"), "{}", ask.path);
    assert!(ask.path.contains(&epoch(1).to_string()));
    assert_eq!(asked.feed.progress(), Progress::Beginning);
    let ask = asked.answer(&page(-3, 5, 9)).unwrap();
    assert!(ask.path.contains("&after=5&wait_ms=0&"), "{}", ask.path);
    assert_eq!(asked.feed.progress(), Progress::Services);
}

#[test]
fn a_complete_reader_waits_for_changes_and_allows_for_the_wait() {
    let mut asked = Asked::new();
    let ask = asked.answer(&page(0, 9, 9)).unwrap();
    assert!(ask.path.contains("&after=9&wait_ms=25000&"), "{}", ask.path);
    assert_eq!(ask.timeout_ms, 30_000);
    assert_eq!(asked.feed.progress(), Progress::Complete);
}

#[test]
fn a_wait_is_shorter_than_what_is_known_may_be_old() {
    for (max_stale_ms, wait_ms) in [(3_600_000, 25_000), (4_000, 2_000), (100, 250)] {
        let mut asked = Asked::new();
        asked.feed.limit_wait(max_stale_ms);
        let ask = asked.answer(&page(0, 9, 9)).unwrap();
        let wait = format!("&wait_ms={wait_ms}&");
        assert!(ask.path.contains(&wait), "{}", ask.path);
    }
}

#[test]
fn an_empty_registry_is_complete() {
    let mut asked = Asked::new();
    assert!(asked.answer(&page(0, 0, 0)).is_some());
    assert_eq!(asked.feed.progress(), Progress::Complete);
}

#[test]
fn an_empty_registry_may_be_replaced_by_another() {
    let mut asked = Asked::new();
    let _ = asked.answer(&page(0, 0, 0));
    let mut restored = page(0, 2, 2);
    restored.epoch = epoch(2);
    assert!(asked.answer(&restored).is_some());
}

#[test]
fn a_failure_is_followed_by_a_pause() {
    let mut asked = Asked::new();
    assert_eq!(asked.unreachable(), None);
    assert_eq!(asked.turn(later(50)), None);
    assert!(asked.turn(later(200)).is_some());
}

#[test]
fn pages_that_cannot_be_true_are_not_believed() {
    let mut behind = page(4, 9, 9);
    behind.first = Cursor(3);
    let mut other_history = page(4, 9, 9);
    other_history.epoch = epoch(2);
    let mut over_from_the_middle = page(4, 9, 9);
    over_from_the_middle.start_over = true;
    let mut nowhere = page(4, 4, 9);
    nowhere.entries = Vec::new();
    let mut for_ever = page(4, 4, 4);
    for_ever.entries = vec![service("again")];
    let cases = [
        ("another cursor's", behind),
        ("another epoch's", other_history),
        ("starts over in the middle", over_from_the_middle),
        ("goes backwards", page(4, 3, 9)),
        ("goes back to the services", page(4, -3, 9)),
        ("goes beyond its head", page(4, 10, 9)),
        ("goes nowhere though there is more", nowhere),
        ("goes nowhere with entries", for_ever),
    ];
    for (what, wrong) in cases {
        let mut asked = Asked::new();
        let _ = asked.answer(&page(0, 4, 9));
        assert_eq!(asked.answer(&wrong), None, "{what}");
        assert_eq!(asked.feed.revision(), 4, "{what}");
    }
}

#[test]
fn bytes_that_are_no_page_are_not_believed() {
    let mut asked = Asked::new();
    for bytes in [b"".as_slice(), b"[]", b"<html>"] {
        let next = asked
            .feed
            .on_answer(Answer::Registry(bytes), &mut asked.table, START);
        assert_eq!(next, Next::Nothing);
        let _ = asked.retry();
    }
    assert_eq!(asked.feed.age_ms(START), None);
}

#[test]
fn starting_over_forgets_the_old_history() {
    let mut asked = Asked::new();
    let _ = asked.answer(&page(0, 9, 9));
    let mut restored = page(0, 2, 2);
    restored.epoch = epoch(2);
    restored.start_over = true;
    restored.entries = vec![service("restored")];
    let ask = asked.answer(&restored).unwrap();
    assert!(ask.path.contains(&epoch(2).to_string()), "{}", ask.path);
    asked.table.sweep(usize::MAX);
    assert!(asked.table.find_service("restored").is_some());
    assert!(asked.table.find_service("weather").is_none());
}

#[test]
fn a_registry_that_does_not_wait_is_not_asked_without_a_pause() {
    let mut asked = Asked::new();
    let _ = asked.answer(&page(0, 9, 9));
    assert_eq!(asked.answer(&page(9, 9, 9)), None);
    assert_eq!(
        asked.feed.age_ms(START),
        Some(0),
        "it answered all the same"
    );
}

#[test]
fn a_wait_that_brought_nothing_is_followed_by_the_next() {
    let mut asked = Asked::new();
    let _ = asked.answer(&page(0, 9, 9));
    asked.now = later(25_000);
    assert!(asked.answer(&page(9, 9, 9)).is_some());
}

#[test]
fn an_answer_that_never_comes_is_asked_for_again() {
    let mut asked = Asked::new();
    assert_eq!(asked.turn(later(9_999)), None);
    assert!(asked.turn(later(10_000)).is_some());
    assert_eq!(asked.turn(later(10_001)), None, "not at every turn");
}

#[test]
fn when_the_clock_makes_a_table_too_old_a_wait_is_not_waited_for() {
    for max_stale_ms in [10_000, 3_600_000] {
        let mut asked = Asked::new();
        asked.feed.limit_wait(max_stale_ms);
        let _ = asked.answer(&page(0, 9, 9));
        let stale = i64::try_from(max_stale_ms).unwrap();
        let ask = asked.turn(later(stale)).unwrap();
        assert!(ask.path.contains("&wait_ms=0&"), "{}", ask.path);
    }
}

#[test]
fn a_table_that_is_not_too_old_waits_for_its_answer() {
    let mut asked = Asked::new();
    asked.feed.limit_wait(10_000);
    let _ = asked.answer(&page(0, 9, 9));
    assert_eq!(asked.turn(later(9_999)), None);
}

#[test]
fn when_whoever_asked_is_gone_the_next_tick_asks() {
    let mut asked = Asked::new();
    asked.feed.on_abandoned(later(1));
    assert!(asked.turn(later(2)).is_some());
}

#[test]
fn an_answer_nobody_asked_for_is_ignored() {
    let mut asked = Asked::new();
    asked.feed.on_abandoned(START);
    assert_eq!(asked.answer(&page(0, 9, 9)), None);
    assert_eq!(asked.feed.revision(), 0);
}

#[test]
fn the_age_counts_from_the_last_answer_to_believe() {
    let mut asked = Asked::new();
    assert_eq!(asked.feed.age_ms(later(5)), None);
    let _ = asked.answer(&page(0, 9, 9));
    asked.now = later(3_000);
    let _ = asked.unreachable();
    assert_eq!(asked.feed.age_ms(later(4_000)), Some(4_000));
}

#[test]
fn a_clock_set_back_stops_neither_asking_nor_ageing() {
    let mut asked = Asked::new();
    let _ = asked.answer(&page(0, 9, 9));
    let _ = asked.unreachable();
    assert!(asked.turn(later(-3_600_000)).is_some());
    assert_eq!(asked.feed.age_ms(later(-3_599_000)), Some(1_000));
}

#[test]
fn a_large_page_is_taken_in_by_turns_and_counts_when_all_of_it_is_in() {
    let mut asked = Asked::new();
    let _ = asked.answer(&page(0, 4, 4));
    let mut large = page(4, 9, 9);
    large.entries = (0..=ENTRIES_AT_ONCE)
        .map(|number| service(&format!("service-{number}")))
        .collect();
    let bytes = wire::encode(&large).unwrap();
    let answer = Answer::Registry(&bytes);
    let next = asked.feed.on_answer(answer, &mut asked.table, START);
    assert_eq!(next, Next::Turn);
    assert_eq!(
        asked.feed.progress(),
        Progress::Services,
        "not complete now"
    );
    assert_eq!(asked.feed.revision(), 4);
    assert!(asked.turn(START).is_some(), "asks for the next page");
    assert_eq!(asked.feed.progress(), Progress::Complete);
    assert_eq!(asked.feed.revision(), 9);
}

#[test]
fn after_an_outage_the_registry_is_asked_not_to_wait() {
    let mut asked = Asked::new();
    let ask = asked.answer(&page(0, 9, 9)).unwrap();
    assert!(ask.path.contains("&wait_ms=25000&"), "{}", ask.path);
    asked.unreachable();
    let ask = asked.retry();
    assert!(
        ask.path.contains("&wait_ms=0&"),
        "without news it would not answer for a whole wait: {}",
        ask.path
    );
    let ask = asked.answer(&page(9, 9, 9)).unwrap();
    assert!(ask.path.contains("&wait_ms=25000&"), "{}", ask.path);
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_younger_than_it_was_then() {
    let mut asked = Asked::new();
    assert!(asked.answer(&page(0, 9, 9)).is_some());
    let back = later(-3_600_000);
    asked.turn(back);
    let then = Timestamp(back.0 + 5_000);
    assert_eq!(asked.feed.age_ms(then), Some(5_000));
}
