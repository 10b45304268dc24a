use keystile_protocol::application::{Application, ApplicationState, Credential};
use keystile_protocol::check::{CheckResponse, Outcome};
use keystile_protocol::id::{ApplicationId, CredentialId, Epoch, ServiceId};
use keystile_protocol::key::ApiKey;
use keystile_protocol::service::{Access, KeyAuth, Service};
use keystile_protocol::state::{Cursor, Entry, Page};
use keystile_protocol::wire;
use uuid::Uuid;

use super::*;
use crate::answer::Answer;
use crate::checks::Waiter;
use crate::feed::{Next, Reader};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// A filter in front of the service `weather`, which application 1 has the key `good` for.
struct Filter {
    config: Config,
    replica: Replica,
    now: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Everything,
    ServicesOnly,
}

impl Filter {
    fn new(change: impl FnOnce(&mut Service)) -> Self {
        let mut service = service();
        change(&mut service);
        Self::of(service, Known::Everything)
    }

    fn warming() -> Self {
        Self::of(service(), Known::ServicesOnly)
    }

    fn of(service: Service, known: Known) -> Self {
        let mut entries = vec![Entry::Service(service)];
        if known == Known::Everything {
            entries.push(Entry::Application(application()));
            entries.push(Entry::Credential(credential()));
        }
        let mut filter = Self::without_registry();
        filter.take_in(&Page {
            epoch: Epoch(Uuid::from_u128(9)),
            first: Cursor::START,
            last: Cursor::everything(3),
            head: if known == Known::Everything { 3 } else { 5 },
            start_over: false,
            entries,
        });
        filter
    }

    fn without_registry() -> Self {
        let reader = Reader {
            gateway: "gateway-1".to_owned(),
            vm: "a".to_owned(),
        };
        Self {
            config: Config::parse(br#"{"body":{"enabled":true,"max_bytes":64}}"#).unwrap(),
            replica: Replica::new(reader, 7),
            now: NOW,
        }
    }

    fn take_in(&mut self, page: &Page) {
        assert!(matches!(self.replica.on_turn(NOW), Next::Ask(_)));
        let bytes = wire::encode(page).unwrap();
        let next = self.replica.on_answer(Answer::Registry(&bytes), NOW);
        assert!(matches!(next, Next::Ask(_)));
    }

    fn view(&self) -> View<'_> {
        View {
            config: &self.config,
            replica: &self.replica,
            now: self.now,
        }
    }

    /// Sends a request without a body to the service.
    fn send(&self, headers: &[(&str, &str)]) -> Conclusion {
        conclusion(self.open(&Route::Named(b"weather".to_vec()), headers, Rest::Nothing))
    }

    fn send_to(&self, route: &Route, headers: &[(&str, &str)]) -> Conclusion {
        conclusion(self.open(route, headers, Rest::Nothing))
    }

    /// Sends the head of a request that goes on.
    fn begin(&self, headers: &[(&str, &str)]) -> Step {
        self.open(&Route::Named(b"weather".to_vec()), headers, Rest::Something)
    }

    fn open(&self, route: &Route, headers: &[(&str, &str)], rest: Rest) -> Step {
        let arrival = Arrival {
            head: head(headers),
            route: route.clone(),
            rest,
        };
        on_head(arrival, self.view())
    }

    /// Sends a form and returns what becomes of it.
    fn send_form(&self, headers: &[(&str, &str)], form: &str) -> Step {
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = [(":method", "POST"), form_type]
            .iter()
            .chain(headers)
            .copied()
            .collect();
        match self.begin(&headers) {
            Step::PauseForBody(request) => request.on_end(form.as_bytes(), self.view()),
            step => step,
        }
    }
}

fn service() -> Service {
    Service {
        id: ServiceId(Uuid::from_u128(1)),
        name: "weather".to_owned(),
        access: Access::AnyKey,
        key_auth: KeyAuth::default(),
        acl: None,
    }
}

fn application() -> Application {
    Application {
        id: ApplicationId(Uuid::from_u128(1)),
        name: "app".to_owned(),
        reference: None,
        groups: Vec::new(),
        approved: Vec::new(),
        state: ApplicationState::Active,
    }
}

fn credential() -> Credential {
    Credential {
        id: CredentialId(Uuid::from_u128(2)),
        digest: ApiKey::new("good").digest(),
        application: ApplicationId(Uuid::from_u128(1)),
        expires_at_ms: None,
    }
}

/// A head with a method and a path, unless the headers bring their own.
fn head(headers: &[(&str, &str)]) -> Head {
    let defaults = [(":method", "GET"), (":path", "/forecast")];
    let missing = defaults
        .iter()
        .filter(|(name, _)| headers.iter().all(|(other, _)| other != name));
    let all = missing.chain(headers);
    Head::new(
        all.map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
            .collect(),
    )
}

fn conclusion(step: Step) -> Conclusion {
    match step {
        Step::Conclude(conclusion) => conclusion,
        step => panic!("still undecided: {step:?}"),
    }
}

fn changes(conclusion: Conclusion) -> Changes {
    match conclusion {
        Conclusion::Continue(changes, _) => changes,
        Conclusion::Reply(refusal) => panic!("refused: {:?}", refusal.denial),
    }
}

fn denial(conclusion: &Conclusion) -> Option<Denial> {
    match conclusion {
        Conclusion::Continue(..) => None,
        Conclusion::Reply(refusal) => Some(refusal.denial),
    }
}

fn set<'a>(changes: &'a Changes, name: &str) -> Option<&'a [u8]> {
    let header = changes.set.iter().find(|(other, _)| *other == name)?;
    Some(&header.1)
}

fn hides_body(service: &mut Service) {
    service.key_auth.key_in_body = true;
}

#[test]
fn a_good_key_goes_upstream_as_its_application_without_the_key() {
    let changes = changes(Filter::new(|_| ()).send(&[("apikey", "good")]));
    let id = Uuid::from_u128(1).to_string();
    assert_eq!(set(&changes, "x-consumer-id"), Some(id.as_bytes()));
    assert_eq!(changes.remove, ["apikey"]);
}

#[test]
fn no_key_and_a_wrong_key_are_refused() {
    let filter = Filter::new(|_| ());
    for (headers, why) in [
        (&[][..], Denial::NoKey),
        (&[("apikey", "bad")], Denial::UnknownKey),
        (
            &[("apikey", "good"), ("apikey", "good")],
            Denial::DuplicateKey,
        ),
    ] {
        assert_eq!(denial(&filter.send(headers)), Some(why), "{headers:?}");
    }
}

#[test]
fn identity_headers_of_the_client_go_on_every_path() {
    let filter = Filter::new(|service| service.key_auth.run_on_preflight = false);
    let public = Filter::new(|service| service.access = Access::Public);
    let mut open = Filter::new(|_| ());
    open.config.unmapped = Unmapped::Allow;
    let spoofed = ("x_consumer_id", "me");
    for (path, conclusion) in [
        ("allowed", filter.send(&[("apikey", "good"), spoofed])),
        ("exempt", filter.send(&[(":method", "OPTIONS"), spoofed])),
        ("public", public.send(&[spoofed])),
        ("unmapped", open.send_to(&Route::Unnamed, &[spoofed])),
    ] {
        let removed = changes(conclusion).remove;
        assert!(removed.contains(&"x_consumer_id".to_owned()), "{path}");
    }
}

#[test]
fn the_key_goes_from_the_query_on_every_path() {
    let filter = Filter::new(|service| service.key_auth.run_on_preflight = false);
    let closed = Filter::new(|service| service.access = Access::Closed);
    let anonymous = Filter::new(|service| service.key_auth.anonymous = Some(application().id));
    for (path, filter, headers) in [
        ("allowed", &filter, &[(":path", "/a?apikey=good&b")][..]),
        ("denied", &filter, &[(":path", "/a?apikey=bad&b")]),
        (
            "exempt",
            &filter,
            &[(":path", "/a?apikey=x&b"), (":method", "OPTIONS")],
        ),
        ("closed", &closed, &[(":path", "/a?apikey=good&b")]),
        ("anonymous", &anonymous, &[(":path", "/a?apikey=bad&b")]),
    ] {
        let changes = match filter.send(headers) {
            Conclusion::Continue(changes, _) => changes,
            Conclusion::Reply(refusal) => refusal.changes,
        };
        assert_eq!(changes.path.as_deref(), Some(b"/a?b".as_slice()), "{path}");
    }
}

#[test]
fn where_no_service_names_the_key_the_log_shows_no_query() {
    let filter = Filter::new(|_| ());
    for route in [Route::Unnamed, Route::Named(b"other".to_vec())] {
        let conclusion = filter.send_to(&route, &[(":path", "/a?token=secret")]);
        let Conclusion::Reply(refusal) = conclusion else {
            panic!("admitted");
        };
        assert_eq!(refusal.changes.path.as_deref(), Some(b"/a".as_slice()));
    }
}

#[test]
fn a_service_that_does_not_hide_the_key_leaves_it() {
    let filter = Filter::new(|service| service.key_auth.hide_credentials = false);
    let changes = changes(filter.send(&[("apikey", "good"), (":path", "/a?apikey=x")]));
    assert_eq!((changes.path, changes.remove.len()), (None, 0));
}

#[test]
fn a_denial_sets_no_identity() {
    let Conclusion::Reply(refusal) = Filter::new(|_| ()).send(&[("apikey", "bad")]) else {
        panic!("admitted");
    };
    assert_eq!(refusal.changes.set, []);
    assert_eq!(refusal.reply.status, 401);
}

#[test]
fn a_route_without_a_service_is_refused_unless_allowed() {
    let mut filter = Filter::new(|_| ());
    let refused = filter.send_to(&Route::Unnamed, &[("apikey", "good")]);
    assert_eq!(denial(&refused), Some(Denial::NoService));
    filter.config.unmapped = Unmapped::Allow;
    assert_eq!(denial(&filter.send_to(&Route::Unnamed, &[])), None);
}

#[test]
fn a_service_that_does_not_exist_is_refused_even_if_unmapped_routes_are_allowed() {
    let mut filter = Filter::new(|_| ());
    filter.config.unmapped = Unmapped::Allow;
    for name in [b"other".as_slice(), b"", b"\xff\xfe"] {
        let refused = filter.send_to(&Route::Named(name.to_vec()), &[("apikey", "good")]);
        assert_eq!(denial(&refused), Some(Denial::NoService), "{name:?}");
    }
}

#[test]
fn before_the_services_have_come_nothing_is_decided() {
    let conclusion = Filter::without_registry().send(&[("apikey", "good")]);
    assert_eq!(denial(&conclusion), Some(Denial::Undecidable));
}

#[test]
fn what_is_too_old_decides_nothing() {
    let mut filter = Filter::new(|_| ());
    filter.now = Timestamp(NOW.0 + 3_600_000);
    assert_eq!(denial(&filter.send(&[("apikey", "good")])), None);
    filter.now = Timestamp(NOW.0 + 3_600_001);
    for headers in [&[("apikey", "good")][..], &[("apikey", "bad")], &[]] {
        let conclusion = filter.send(headers);
        assert_eq!(denial(&conclusion), Some(Denial::Undecidable));
    }
}

#[test]
fn a_closed_service_admits_nobody_and_a_public_one_everybody() {
    let closed = Filter::new(|service| service.access = Access::Closed);
    let conclusion = closed.send(&[("apikey", "good")]);
    assert_eq!(denial(&conclusion), Some(Denial::NoService));
    let public = Filter::new(|service| service.access = Access::Public);
    assert_eq!(denial(&public.send(&[])), None);
}

#[test]
fn a_preflight_needs_a_key_unless_the_service_says_otherwise() {
    let options = [(":method", "OPTIONS")];
    let strict = Filter::new(|_| ());
    assert_eq!(denial(&strict.send(&options)), Some(Denial::NoKey));
    let lax = Filter::new(|service| service.key_auth.run_on_preflight = false);
    assert_eq!(denial(&lax.send(&options)), None);
    assert_eq!(denial(&lax.send(&[])), Some(Denial::NoKey), "only OPTIONS");
}

#[test]
fn a_key_in_the_body_is_found_and_taken_out() {
    let filter = Filter::new(hides_body);
    let changes = changes(conclusion(filter.send_form(&[], "apikey=good&a=1")));
    assert_eq!(changes.body.as_deref(), Some(b"a=1".as_slice()));
    assert!(set(&changes, "x-consumer-id").is_some());
}

#[test]
fn a_body_is_searched_for_a_key_to_hide_even_when_the_header_had_one() {
    let filter = Filter::new(hides_body);
    let step = filter.send_form(&[("apikey", "good")], "apikey=good&a=1");
    let changes = changes(conclusion(step));
    assert_eq!(changes.body.as_deref(), Some(b"a=1".as_slice()));
}

#[test]
fn a_body_is_not_waited_for_when_the_head_is_enough_to_refuse() {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let step = Filter::new(hides_body).begin(&[("apikey", "bad"), form]);
    assert_eq!(denial(&conclusion(step)), Some(Denial::UnknownKey));
}

#[test]
fn a_body_that_cannot_hold_a_key_is_not_waited_for() {
    let filter = Filter::new(hides_body);
    for headers in [
        &[("content-type", "text/plain")][..],
        &[("content-type", "application/grpc+json")],
        &[
            ("content-type", "application/json"),
            ("upgrade", "websocket"),
        ],
        &[("content-type", "application/json"), (":method", "CONNECT")],
    ] {
        let step = filter.begin(headers);
        assert_eq!(
            denial(&conclusion(step)),
            Some(Denial::NoKey),
            "{headers:?}"
        );
    }
}

#[test]
fn without_the_hosts_support_a_body_counts_as_no_key() {
    let mut filter = Filter::new(hides_body);
    filter.config.body.enabled = false;
    let step = filter.send_form(&[], "apikey=good");
    assert_eq!(denial(&conclusion(step)), Some(Denial::NoKey));
}

#[test]
fn a_body_that_is_too_large_is_refused_as_soon_as_that_is_known() {
    let filter = Filter::new(hides_body);
    let large = "a".repeat(65);
    let announced = filter.send_form(&[("content-length", "65")], "");
    assert_eq!(denial(&conclusion(announced)), Some(Denial::BodyTooLarge));
    let whole = filter.send_form(&[], &large);
    assert_eq!(denial(&conclusion(whole)), Some(Denial::BodyTooLarge));
    let form = ("content-type", "application/x-www-form-urlencoded");
    let Step::PauseForBody(request) = filter.begin(&[form]) else {
        panic!("does not wait for the body");
    };
    let Step::PauseForBody(request) = request.on_part(64) else {
        panic!("64 bytes are allowed");
    };
    let step = request.on_part(65);
    assert_eq!(denial(&conclusion(step)), Some(Denial::BodyTooLarge));
}

#[test]
fn a_complete_table_knows_a_wrong_key_without_asking() {
    let conclusion = Filter::new(|_| ()).send(&[("apikey", "bad")]);
    assert_eq!(denial(&conclusion), Some(Denial::UnknownKey));
}

/// Asks about a key in a warming filter, gives the answer, and returns what becomes of the request.
fn checked(key: &str, answer: impl FnOnce(KeyDigest) -> Option<Outcome>) -> Conclusion {
    let mut filter = Filter::warming();
    let Step::PauseForCheck(request) = filter.begin(&[("apikey", key)]) else {
        panic!("does not ask");
    };
    let digest = request.digest;
    let waiter = Waiter {
        context_id: 1,
        since: NOW,
        patience_ms: 500,
    };
    let _ = filter
        .replica
        .checks
        .wait(digest, request.service(), waiter);
    assert!(filter.replica.checks.next_question().is_some());
    let bytes = answer(digest).map(|outcome| {
        wire::encode(&CheckResponse {
            epoch: Epoch(Uuid::from_u128(9)),
            revision: 5,
            digest,
            outcome,
        })
        .unwrap()
    });
    let answer = bytes
        .as_deref()
        .map_or(Answer::Unreachable, Answer::Registry);
    assert_eq!(filter.replica.on_check(digest, answer, NOW), [waiter]);
    request.on_check(filter.view())
}

#[test]
fn while_warming_the_registry_is_asked() {
    let found = checked("good", |_| {
        Some(Outcome::Found {
            credential: credential(),
            application: application(),
        })
    });
    assert!(set(&changes(found), "x-consumer-id").is_some());
    let unknown = checked("bad", |_| Some(Outcome::Unknown));
    assert_eq!(denial(&unknown), Some(Denial::UnknownKey));
}

#[test]
fn when_the_registry_cannot_be_asked_nothing_is_decided() {
    let conclusion = checked("good", |_| None);
    assert_eq!(denial(&conclusion), Some(Denial::Undecidable));
}
