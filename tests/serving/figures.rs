//! What operators see: figures, alerts that name them, requests by their ids, a log for programs.

use serde_json::Value;
use stage::client::Request;
use stage::places;
use stage::registry::{Database, Listeners, Registry};

use crate::world::{figure, figures};

const REQUEST_ID: &str = "5a3f0b86-8f0c-9d2e-8c1e-5f5d2c1b0a99";

#[test]
fn figures_are_on_the_admin_and_gateway_listeners_and_nowhere_else() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let listeners = registry.listeners();
    let portal = Request::get("/metrics").send(listeners.portal).unwrap();
    assert_eq!(portal.status, 404);
    let text = figures(listeners.gateway);
    let text = text + &figures(listeners.admin);
    assert!(
        figure(&text, "keystile_http_requests_total") >= Some(1.0),
        "{text}"
    );
    assert_eq!(figure(&text, "keystile_draining"), Some(0.0), "{text}");
    for number in 0..50 {
        Request::get(format!("/made-up-{number}"))
            .send(listeners.portal)
            .unwrap();
    }
    let text = figures(listeners.admin);
    assert!(
        !text.contains("made-up"),
        "136: no label is made up by a client"
    );
}

#[test]
fn every_figure_that_an_alert_is_about_is_there() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let filter = std::fs::read_to_string(places::repository("filter/src/host/metrics.rs")).unwrap();
    let text = figures(registry.listeners().admin);
    let alerts = std::fs::read_to_string(places::repository("docs/alerts.yaml")).unwrap();
    let words = alerts
        .lines()
        .filter(|line| line.trim_start().starts_with("expr:"))
        .flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
    let names: Vec<&str> = words.filter(|word| word.starts_with("keystile_")).collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        let of_filter = name.replacen('_', ".", 2);
        let family = name.trim_end_matches("_total").trim_end_matches("_bucket");
        let is_there = text.contains(&format!("# TYPE {family} "))
            || filter.contains(&format!("\"{of_filter}\""))
            || filter.contains(&format!("\"{}", name.replacen('_', ".", 1)));
        assert!(is_there, "142: nobody exports `{name}`");
    }
}

#[test]
fn a_request_keeps_its_id_and_every_line_of_the_log_is_one_object() {
    let registry = Registry::prepare(&Database::Sqlite, Listeners::free().unwrap()).unwrap();
    let mut registry = registry.with("--log-format", "json");
    registry.start_again().unwrap();
    let portal = registry.listeners().portal;
    let answer = Request::get("/nowhere")
        .header("x-request-id", REQUEST_ID)
        .send(portal)
        .unwrap();
    assert_eq!(answer.header("x-request-id").as_deref(), Some(REQUEST_ID));
    for hostile in [
        &b"/\x1b[2J"[..],
        b"/%0a%0d{\"level\":\"INFO\"}",
        b"/?apikey=canary-of-the-query",
    ] {
        let request = Request::get(hostile.to_vec())
            .header("user-agent", "a\"}\\n{[31m")
            .header("x-request-id", "x\"}{")
            .header("x-forwarded-for", "\"}{")
            .header(
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            );
        // Some are no requests at all; those are not logged.
        let _ = request.send(portal);
    }
    is_one_object_a_line(&registry.log());
}

fn is_one_object_a_line(log: &str) {
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| !is_banner(line))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("148: {line}")))
        .collect();
    let has = |name: &str, value: &str| lines.iter().any(|line| line["span"][name] == value);
    assert!(has("request.id", REQUEST_ID), "{log}");
    assert!(has("trace.id", "0af7651916cd43dd8448eb211c80319c"), "{log}");
    assert!(
        !log.contains("canary-of-the-query"),
        "queries are not logged"
    );
}

#[test]
fn a_refusal_is_a_problem_with_the_requests_id_and_nothing_of_the_inside() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let listeners = registry.listeners();
    for (address, request) in [
        (listeners.portal, Request::get("/api/v2/nothing")),
        (listeners.admin, Request::get("/admin/v1/outbox")),
        (listeners.admin, Request::new("BREW", "/v2/portals")),
        (listeners.gateway, Request::get("/gateway/v1/state?after=x")),
        (
            listeners.portal,
            Request::post("/api/v2/developer")
                .header("content-type", "application/json")
                .body("{"),
        ),
    ] {
        let answer = request.send(address).unwrap();
        assert!(answer.status >= 400, "120: {}", answer.status);
        assert_eq!(
            answer.header("content-type").as_deref(),
            Some("application/problem+json"),
            "120"
        );
        let body = answer.json();
        assert_eq!(
            body["request_id"].as_str(),
            answer.header("x-request-id").as_deref(),
            "120: {body}"
        );
        let text = answer.text().to_lowercase();
        for inside in [
            "select ",
            "sqlx",
            ".rs",
            "panicked",
            "src/",
            env!("CARGO_PKG_VERSION"),
        ] {
            assert!(!text.contains(inside), "120: {text}");
        }
    }
}

/// What `serve` says on its standard output before anything else: where it listens.
fn is_banner(line: &str) -> bool {
    ["portal ", "admin ", "gateways "]
        .iter()
        .any(|name| line.starts_with(name))
}
