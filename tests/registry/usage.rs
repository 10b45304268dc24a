//! `POST /gateway/v1/usage`, what statistics read of it, and `GET /admin/v1/gateways`.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use keystile_protocol::id::{ApplicationId, CredentialId, ServiceId};
use keystile_protocol::state::Entry;
use keystile_protocol::usage::{Count, Latency, Report, Warning};
use keystile_protocol::wire;
use keystile_registry::domain::statistics::Keep;
use keystile_registry::storage::usage::{
    Dimension, Figure, Filter, Question, SPAN_MS, Steps, Values, query,
};
use serde_json::json;
use stage::postgres::PostgreSql;

use crate::desk::{Desk, NOW, Published};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

const SPANS: Steps = Steps {
    from_ms: 0,
    length_ms: SPAN_MS,
};

/// A key in use.
struct InUse {
    published: Published,
    application: ApplicationId,
    credential: CredentialId,
    service: ServiceId,
}

#[tokio::test]
async fn the_story_of_usage_on_sqlite() {
    the_story(&Desk::on_sqlite().await).await;
}

#[tokio::test]
async fn the_story_of_usage_on_postgres() {
    let server = Arc::new(PostgreSql::start().unwrap());
    the_story(&Desk::on_postgres(&server, 1).await).await;
}

async fn the_story(desk: &Desk) {
    let used = in_use(desk).await;
    reports_add_up_and_repeats_do_not(desk, &used).await;
    figures_are_told_apart_by_what_is_asked(desk, &used).await;
    last_use_is_noted_once_a_minute_at_most(desk, &used).await;
    details_go_after_a_day_and_everything_after_ninety(desk, &used).await;
}

async fn reports_add_up_and_repeats_do_not(desk: &Desk, used: &InUse) {
    let first = report(1, vec![used.count(200, NOW.0, &[(4, 10), (8, 5)])]);
    for _ in 0..2 {
        send(desk, &first).await;
    }
    send(desk, &report(2, vec![used.count(200, NOW.0, &[(4, 1)])])).await;
    send(desk, &first).await;
    let figures = figures(desk, &everything()).await;
    let [figure] = figures.as_slice() else {
        panic!("{figures:?}");
    };
    assert_eq!(figure.latencies.requests(), 16, "each report counts once");
    let median = figure.latencies.percentile_ms(50).unwrap();
    assert!((4.0..=6.0).contains(&median), "{median} ms");
}

async fn figures_are_told_apart_by_what_is_asked(desk: &Desk, used: &InUse) {
    let stranger = Count {
        credential: CredentialId(used.application.0),
        ..used.count(200, NOW.0, &[(0, 100)])
    };
    let earlier = NOW.0 - 2 * SPAN_MS;
    let denied = used.count(403, earlier, &[(0, 3)]);
    send(desk, &report(3, vec![stranger, denied])).await;
    let by_status = figures(desk, &everything().by(Dimension::Status)).await;
    let seen: Vec<_> = by_status.iter().map(status_and_requests).collect();
    assert_eq!(
        seen,
        [(Some(200), 16), (Some(403), 3)],
        "nobody's key does not count"
    );
    spans_are_told_apart(desk).await;
    let question = Question {
        by: vec![Dimension::Application, Dimension::ProductVersion],
        filters: vec![
            only(Values::Applications([used.application].into())),
            only(Values::ProductVersions([used.published.version].into())),
            only(Values::Statuses([403].into())),
        ],
        ..everything()
    };
    let figures = figures(desk, &question).await;
    let [figure] = figures.as_slice() else {
        panic!("{figures:?}");
    };
    assert_eq!(figure.application, Some(used.application));
    assert_eq!(figure.product_version, Some(used.published.version));
    assert_eq!(figure.latencies.requests(), 3);
}

async fn spans_are_told_apart(desk: &Desk) {
    let by_time = figures(desk, &everything().by(Dimension::Time(SPANS))).await;
    let steps: Vec<_> = by_time
        .iter()
        .filter_map(|figure| figure.began_at)
        .collect();
    assert_eq!(steps.len(), 2, "{by_time:?}");
    assert_eq!(steps[1].0 - steps[0].0, 2 * SPAN_MS);
}

async fn last_use_is_noted_once_a_minute_at_most(desk: &Desk, used: &InUse) {
    assert_eq!(last_used(desk, used).await, NOW.to_string());
    for (sequence, later_ms, noted_ms) in [
        (4, MINUTE_MS / 2, 0),
        (5, MINUTE_MS, MINUTE_MS),
        (6, MINUTE_MS / 3, MINUTE_MS),
    ] {
        desk.advance_ms(MINUTE_MS);
        let count = used.count(200, NOW.0 + later_ms, &[(0, 1)]);
        send(desk, &report(sequence, vec![count])).await;
        let noted = NOW.plus_ms(noted_ms).to_string();
        assert_eq!(last_used(desk, used).await, noted, "{later_ms} ms later");
    }
}

async fn details_go_after_a_day_and_everything_after_ninety(desk: &Desk, used: &InUse) {
    let before = figures(desk, &everything().by(Dimension::Status)).await;
    desk.advance_ms(2 * DAY_MS);
    forget(desk).await;
    forget(desk).await;
    let after = figures(desk, &everything().by(Dimension::Status)).await;
    assert_eq!(after, before, "no request is lost");
    only_hours_are_left(desk).await;
    desk.advance_ms(90 * DAY_MS);
    nothing_is_left(desk, used).await;
}

async fn nothing_is_left(desk: &Desk, used: &InUse) {
    forget(desk).await;
    assert_eq!(figures(desk, &everything()).await, []);
    // Nor is there anything left of who reported.
    send(desk, &report(1, vec![used.count(200, 0, &[(0, 1)])])).await;
    let figures = figures(desk, &everything()).await;
    assert_eq!(figures.len(), 1, "a clock far off counts as now");
}

async fn only_hours_are_left(desk: &Desk) {
    let by_time = figures(desk, &everything().by(Dimension::Time(SPANS))).await;
    let is_whole = |figure: &Figure| figure.began_at.unwrap().0 % HOUR_MS == 0;
    assert!(by_time.iter().all(is_whole), "only hours are left");
}

async fn forget(desk: &Desk) {
    let now = desk.registry.clock.now();
    desk.registry.storage.forget_usage(now).await.unwrap();
}

#[tokio::test]
async fn a_report_that_cannot_be_counted_is_refused() {
    let desk = Desk::on_sqlite().await;
    let used = in_use(&desk).await;
    let odd = report(1, vec![used.count(200, NOW.0, &[(200, 1)])]);
    let refused = answer(&desk, &odd).await;
    assert_eq!(refused, 400, "there is no such bucket");
    let many = vec![used.count(200, NOW.0, &[(0, 1)]); 1025];
    assert_eq!(answer(&desk, &report(1, many)).await, 400);
    assert_eq!(figures(&desk, &everything()).await, []);
}

#[tokio::test]
async fn gateways_are_listed_with_what_they_know_and_what_they_lack() {
    let desk = Desk::on_sqlite().await;
    let page = desk.page(None, 0).await;
    let poll = async |vm: &str, after: i64| {
        let path = format!(
            "/gateway/v1/state?epoch={}&after={after}&wait_ms=0&gateway=a-edge&vm={vm}",
            page.epoch
        );
        let answer = desk.gateway(Request::get(path), Body::empty()).await;
        assert_eq!(answer.status, 200);
    };
    desk.application("one").await;
    let head = desk.page(None, 0).await.head;
    poll("a", head).await;
    poll("b", page.head).await;
    let warned = Report {
        vm: "a".to_owned(),
        warnings: vec![Warning::BodiesNotRead],
        ..report(1, Vec::new())
    };
    send(&desk, &warned).await;
    let seen = desk.get("/admin/v1/gateways").await;
    assert_eq!(seen["live_on"], 0, "one machine is behind: {seen}");
    assert_eq!(seen["gateways"], 2, "the desk follows the feed, too");
    assert_eq!(seen["data"][0]["version"], "0.1.0");
    assert_eq!(seen["data"][0]["warnings"], json!(["bodies_not_read"]));
    assert_eq!(seen["data"][1]["is_current"], false);
    poll("b", head).await;
    let seen = desk
        .get(&format!("/admin/v1/gateways?revision={head}"))
        .await;
    assert_eq!(seen["live_on"], 1);
    desk.advance_ms(2 * MINUTE_MS);
    let seen = desk.get("/admin/v1/gateways").await;
    assert_eq!(seen["data"], json!([]), "who is silent is not there");
}

impl InUse {
    fn count(&self, status: u16, last_ms: i64, latencies: &[(u8, u32)]) -> Count {
        let latencies = latencies.iter().map(|(bucket, requests)| Latency {
            bucket: *bucket,
            requests: *requests,
        });
        Count {
            credential: self.credential,
            service: self.service,
            status,
            last_ms,
            latencies: latencies.collect(),
        }
    }
}

/// Adds what a test needs to a question.
trait Ask {
    fn by(self, dimension: Dimension) -> Self;
}

impl Ask for Question {
    fn by(mut self, dimension: Dimension) -> Self {
        self.by.push(dimension);
        self
    }
}

async fn in_use(desk: &Desk) -> InUse {
    let published = desk.publish().await;
    let application = desk.application("one").await;
    let path = format!("/admin/v1/applications/{application}/credentials");
    let made = desk.post(&path, json!({"key": "kong"})).await;
    let entries = desk.everything().await;
    let service = entries.iter().find_map(|entry| match entry {
        Entry::Service(service) => Some(service.id),
        _ => None,
    });
    InUse {
        published,
        application,
        credential: made["id"].as_str().unwrap().parse().unwrap(),
        service: service.unwrap(),
    }
}

fn report(sequence: u64, counts: Vec<Count>) -> Report {
    Report {
        gateway: "a-edge".to_owned(),
        vm: "vm-1".to_owned(),
        sequence,
        version: "0.1.0".to_owned(),
        revision: 1,
        age_ms: Some(5),
        warnings: Vec::new(),
        counts,
    }
}

async fn answer(desk: &Desk, report: &Report) -> u16 {
    let request = Request::post("/gateway/v1/usage").header("content-type", wire::USAGE);
    let body = Body::from(wire::encode(report).unwrap());
    desk.gateway(request, body).await.status.as_u16()
}

async fn send(desk: &Desk, report: &Report) {
    assert_eq!(answer(desk, report).await, 200);
}

fn only(values: Values) -> Filter {
    Filter {
        keep: Keep::With,
        values,
    }
}

fn everything() -> Question {
    Question {
        until_ms: i64::MAX,
        ..Question::default()
    }
}

async fn figures(desk: &Desk, question: &Question) -> Vec<Figure> {
    let mut snapshot = desk.registry.storage.read().await.unwrap();
    query(&mut snapshot, question).await.unwrap()
}

fn status_and_requests(figure: &Figure) -> (Option<u16>, i64) {
    (figure.status, figure.latencies.requests())
}

async fn last_used(desk: &Desk, used: &InUse) -> String {
    let path = format!("/admin/v1/applications/{}/credentials", used.application);
    let list = desk.get(&path).await;
    list["data"][0]["last_used_at"].as_str().unwrap().to_owned()
}
