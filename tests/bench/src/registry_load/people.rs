//! What people cause: log-ins, and the portal's calls of a developer who has logged in.

use serde::Serialize;
use serde_json::{Value, json};
use stage::client::Request;
use tokio::runtime::Handle;

use super::process;
use crate::accounting::{processor_time, resident_bytes};
use crate::error::BenchError;
use crate::population::Population;
use crate::statistics::{Latency, real};
use crate::wire::{Traffic, volley};

const EMAIL: &str = "ada@example.test";
const PASSWORD: &str = "correct horse battery staple";

/// How many applications the developer has.
const APPLICATIONS: usize = 20;

/// A kind of request, and how it is sent.
struct Kind {
    what: &'static str,
    traffic: Traffic,
    connections: usize,
    per_second_of_effort: u32,
}

/// What a kind of request takes, as many at a time as there are connections.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Calling {
    /// Which.
    pub(crate) what: &'static str,
    /// On how many connections.
    pub(crate) connections: usize,
    /// How many are answered in a second.
    pub(crate) per_second: f64,
    /// How long one takes.
    pub(crate) latency: Latency,
    /// The registry's processor time for one, in microseconds.
    pub(crate) cpu_us: f64,
    /// The registry's memory then, in bytes.
    pub(crate) resident_bytes: u64,
}

/// A developer with applications, logged in.
struct Developer {
    cookie: String,
    applications: Vec<String>,
}

/// Signs a developer up, and sends each kind of request for about so many seconds.
pub(super) fn measure(
    runtime: &Handle,
    population: &Population,
    seconds: u32,
) -> Result<Vec<Calling>, BenchError> {
    let developer = Developer::arrive(population)?;
    let kinds = [log_in(), developer.reads(), developer.writes()];
    let measured = kinds.map(|kind| call(runtime, population, (kind, seconds)));
    measured.into_iter().collect()
}

fn call(
    runtime: &Handle,
    population: &Population,
    (kind, seconds): (Kind, u32),
) -> Result<Calling, BenchError> {
    let portal = population.registry.listeners().portal;
    let send = |requests| {
        let many = (kind.connections, requests);
        runtime.block_on(volley(portal, &kind.traffic, many))
    };
    send(kind.connections * 4)?;
    let registry = process(population)?;
    let before = processor_time(registry)?;
    let requests = usize::try_from(kind.per_second_of_effort * seconds).unwrap_or_default();
    let answered = send(requests)?;
    let cpu = processor_time(registry)?.saturating_sub(before);
    Ok(Calling {
        what: kind.what,
        connections: kind.connections,
        per_second: real(requests) / answered.elapsed.as_secs_f64(),
        latency: Latency::of(&answered.latencies),
        cpu_us: cpu.as_secs_f64() * 1e6 / real(requests),
        resident_bytes: resident_bytes(registry)?,
    })
}

fn log_in() -> Kind {
    let request = authenticate(&right());
    Kind {
        what: "log-in",
        traffic: Traffic {
            requests: vec![request.to_bytes()],
            status: 204,
        },
        connections: 4,
        per_second_of_effort: 40,
    }
}

fn right() -> Value {
    json!({"username": EMAIL, "password": PASSWORD})
}

/// Returns a log-in with an address and a password.
pub(super) fn authenticate(body: &Value) -> Request {
    with_json("POST", "/api/v2/developer/authenticate", body)
}

fn with_json(method: &str, target: &str, body: &Value) -> Request {
    Request::new(method, target)
        .header("Content-Type", "application/json")
        .body(body.to_string())
}

// === impl Developer ===

impl Developer {
    fn arrive(population: &Population) -> Result<Self, BenchError> {
        let (registry, admin) = (&population.registry, population.registry.admin()?);
        let strategies = admin.caller().get("/v2/application-auth-strategies")?;
        let strategy: String = strategies.expect(200)?.parse("/data/0/id")?;
        admin.change_portal(&json!({
            "is_public": false,
            "auto_approve_developers": true,
            "default_application_auth_strategy_id": strategy,
        }))?;
        let visitor = registry.visitor();
        visitor.sign_up(EMAIL, "Ada Example")?;
        visitor.set_password(&admin.mailed_token(EMAIL)?, PASSWORD)?;
        let developer = visitor.log_in(EMAIL, PASSWORD)?;
        let add = |number| {
            let name = format!("application-{number}");
            developer.create_application(&name, &format!("mine-{number}"))
        };
        let added = (0..APPLICATIONS).map(add);
        let added: Vec<_> = added.collect::<Result<_, _>>()?;
        let answer = authenticate(&right()).send(registry.listeners().portal)?;
        let cookies = answer.head.values("set-cookie");
        let pairs = cookies.iter().map(|value| pair(value));
        Ok(Self {
            cookie: pairs.collect::<Vec<_>>().join("; "),
            applications: added.iter().map(ToString::to_string).collect(),
        })
    }

    /// What pages of a front-end ask for: the catalogue, the applications, one of them and its keys.
    fn reads(&self) -> Kind {
        let each = self.applications.iter().flat_map(|id| {
            [
                "/api/v2/developer/me".to_owned(),
                "/api/v2/products".to_owned(),
                "/api/v2/applications".to_owned(),
                format!("/api/v2/applications/{id}"),
                format!("/api/v2/applications/{id}/credentials"),
                format!("/api/v2/applications/{id}/registrations"),
            ]
        });
        let requests = each.map(|target| self.with_cookie(Request::get(target)));
        Kind {
            what: "portal, a developer's pages read",
            traffic: Traffic {
                requests: requests.collect(),
                status: 200,
            },
            connections: 16,
            per_second_of_effort: 1_000,
        }
    }

    fn writes(&self) -> Kind {
        let each = self.applications.iter().enumerate();
        let requests = each.map(|(number, id)| {
            let body = json!({"description": format!("the {number}th")});
            self.with_cookie(with_json(
                "PATCH",
                &format!("/api/v2/applications/{id}"),
                &body,
            ))
        });
        Kind {
            what: "portal, an application changed",
            traffic: Traffic {
                requests: requests.collect(),
                status: 200,
            },
            connections: 4,
            per_second_of_effort: 200,
        }
    }

    fn with_cookie(&self, request: Request) -> Vec<u8> {
        request.header("Cookie", self.cookie.as_str()).to_bytes()
    }
}

/// Returns a cookie's name and value.
fn pair(set_cookie: &[u8]) -> String {
    let text = String::from_utf8_lossy(set_cookie);
    let pair = text.split(';').next().unwrap_or_default();
    pair.to_owned()
}
