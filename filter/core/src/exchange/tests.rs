//! The filter in front of one service, and what the tests beside this ask of it.

mod bodies;
mod changes;
mod keys;
mod services;

use keystile_protocol::application::{Application, ApplicationState, Credential};
use keystile_protocol::id::{ApplicationId, CredentialId, Epoch, ServiceId};
use keystile_protocol::key::ApiKey;
use keystile_protocol::service::{Access, KeyAuth, Service};
use keystile_protocol::state::{Cursor, Entry, Page};
use keystile_protocol::wire;
use uuid::Uuid;

use super::*;
use crate::answer::Answer;
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
    all.copied().collect()
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

fn consumer_id(changes: &Changes) -> Option<&str> {
    changes.identity.value("x-consumer-id")
}
