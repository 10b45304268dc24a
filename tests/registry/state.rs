//! `GET /gateway/v1/state`.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use keystile_protocol::application::Credential;
use keystile_protocol::id::Epoch;
use keystile_protocol::state::{Entry, MAX_PAGE_BYTES, Removed};
use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_registry_with_nothing_in_it_says_that_this_is_all() {
    let desk = Desk::on_sqlite().await;
    let page = desk.page(None, 0).await;
    assert!(page.is_complete());
    assert!(!page.start_over);
    assert_eq!((page.head, page.entries.len()), (0, 0));
}

#[tokio::test]
async fn services_come_first_and_pages_stay_small() {
    let desk = Desk::on_sqlite().await;
    for number in 0..1500 {
        desk.application(&format!("application {number} {}", "x".repeat(200)))
            .await;
    }
    for number in 0..3 {
        let body = json!({"name": format!("service-{number}")});
        desk.post("/admin/v1/services", body).await;
    }
    let mut seen = BTreeSet::new();
    let mut page = desk.page(None, 0).await;
    let services = |entry: &&Entry| matches!(entry, Entry::Service(_));
    assert_eq!(page.entries.iter().take(3).filter(services).count(), 3);
    assert!(!page.is_complete(), "more than one page");
    loop {
        let bytes = keystile_protocol::wire::encode(&page).unwrap().len();
        assert!(bytes <= MAX_PAGE_BYTES, "{bytes}");
        for entry in &page.entries {
            if let Entry::Application(application) = entry {
                assert!(seen.insert(application.id), "sent once");
            }
        }
        if page.is_complete() {
            break;
        }
        page = desk.page(Some(page.epoch), page.last.0).await;
    }
    assert_eq!(seen.len(), 1500);
}

#[tokio::test]
async fn many_services_are_read_over_several_pages_before_anything_else() {
    let desk = Desk::on_sqlite().await;
    desk.application("first").await;
    for number in 0..40 {
        let groups: Vec<_> = (0..60).map(|group| format!("{group:0>120}")).collect();
        let body = json!({"name": format!("service-{number}"), "acl": {"allow": groups}});
        desk.post("/admin/v1/services", body).await;
    }
    let page = desk.page(None, 0).await;
    assert!(page.last.0 < 0, "still among the services: {:?}", page.last);
    let all = desk.everything().await;
    let position = all
        .iter()
        .position(|entry| matches!(entry, Entry::Application(_)));
    let before = &all[..position.unwrap()];
    let names: BTreeSet<_> = before
        .iter()
        .filter_map(|entry| match entry {
            Entry::Service(service) => Some(service.name.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(names.len(), 40);
}

#[tokio::test]
async fn a_service_brings_its_anonymous_application_along() {
    let desk = Desk::on_sqlite().await;
    let application = desk.application("anonymous").await;
    let body = json!({"name": "weather", "key_auth": {"anonymous": application}});
    let service = desk.post("/admin/v1/services", body).await;
    let page = desk.page(None, 0).await;
    assert!(
        matches!(
            page.entries.as_slice(),
            [Entry::Service(_), Entry::Application(brought), ..] if brought.id == application
        ),
        "a gateway that skips the rest has it: {:?}",
        page.entries
    );
    let other = desk.application("another").await;
    let known = desk.page(None, 0).await;
    let path = format!("/admin/v1/services/{}", service["id"].as_str().unwrap());
    let body = json!({"key_auth": {"anonymous": other}});
    desk.patch(&path, body).await;
    let news = desk.page(Some(known.epoch), known.last.0).await;
    assert!(
        matches!(
            news.entries.as_slice(),
            [Entry::Service(_), Entry::Application(brought)] if brought.id == other
        ),
        "also when the service changes: {:?}",
        news.entries
    );
}

#[tokio::test]
async fn a_reader_that_knows_everything_is_woken_by_a_write() {
    let desk = Desk::on_sqlite().await;
    let known = desk.page(None, 0).await;
    let begin = Instant::now();
    let (news, _) = tokio::join!(
        desk.page_within(Some(known.epoch), known.last.0, 20_000),
        desk.application("news"),
    );
    assert_eq!(news.entries.len(), 1);
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test]
async fn a_reader_is_woken_by_what_another_process_wrote() {
    let desk = Desk::on_sqlite().await;
    let known = desk.page(None, 0).await;
    let beside = desk.beside().await;
    let (news, _) = tokio::join!(
        desk.page_within(Some(known.epoch), known.last.0, 20_000),
        beside.application("news"),
    );
    assert_eq!(news.entries.len(), 1);
}

#[tokio::test]
async fn waiting_ends_with_an_empty_page() {
    let desk = Desk::on_sqlite().await;
    let known = desk.page(None, 0).await;
    let page = desk.page_within(Some(known.epoch), known.last.0, 20).await;
    assert!(page.is_complete());
    assert_eq!(page.entries.len(), 0);
}

#[tokio::test]
async fn a_reader_of_another_history_starts_over() {
    let desk = Desk::on_sqlite().await;
    desk.application("one").await;
    let known = desk.page(None, 0).await;
    let other = Epoch(uuid::Uuid::nil());
    for (epoch, after) in [
        (None, known.head),
        (Some(other), known.head),
        (Some(other), -known.head),
        (Some(known.epoch), known.head + 1),
        (Some(known.epoch), -known.head - 1),
    ] {
        let page = desk.page_within(epoch, after, 20_000).await;
        assert!(page.start_over, "{epoch:?} {after}");
        assert_eq!(
            (page.first.0, page.entries.len()),
            (0, 1),
            "{epoch:?} {after}"
        );
    }
}

#[tokio::test]
async fn what_is_gone_is_said_to_be() {
    let desk = Desk::on_sqlite().await;
    let service = desk
        .post("/admin/v1/services", json!({"name": "gone"}))
        .await;
    let known = desk.page(None, 0).await;
    let path = format!("/admin/v1/services/{}", service["id"].as_str().unwrap());
    desk.delete(&path).await;
    let news = desk.page(Some(known.epoch), known.last.0).await;
    let id = service["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(news.entries, [Entry::Removed(Removed::Service(id))]);
}

#[tokio::test]
async fn a_suspended_credential_leaves_the_feed_and_an_expired_one_stays() {
    let desk = Desk::on_sqlite().await;
    let application = desk.application("one").await;
    let path = format!("/admin/v1/applications/{application}/credentials");
    let body = json!({"key": "kong", "expires_at": "2020-01-01T00:00:00Z"});
    let made = desk.post(&path, body).await;
    let known = desk.page(None, 0).await;
    let expired = |entry: &Entry| {
        matches!(
            entry,
            Entry::Credential(Credential {
                expires_at_ms: Some(1_577_836_800_000),
                ..
            })
        )
    };
    assert!(known.entries.iter().any(expired), "gateways have a clock");
    let id = made["id"].as_str().unwrap();
    desk.patch(&format!("{path}/{id}"), json!({"suspended": true}))
        .await;
    let news = desk.page(Some(known.epoch), known.last.0).await;
    let id = id.parse().unwrap();
    assert_eq!(news.entries, [Entry::Removed(Removed::Credential(id))]);
}

#[tokio::test]
async fn people_read_the_same_as_json() {
    let desk = Desk::on_sqlite().await;
    desk.application("one").await;
    let request = Request::get("/gateway/v1/state").header("accept", "application/json");
    let answer = desk.gateway(request, Body::empty()).await;
    let page = desk.page(None, 0).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.json(), serde_json::to_value(&page).unwrap());
}

#[tokio::test]
async fn every_answer_is_marked_and_only_gateways_get_one() {
    let desk = Desk::on_sqlite().await;
    let request = || Request::get("/gateway/v1/state");
    let answer = desk.gateway(request(), Body::empty()).await;
    let instance = &desk.registry.instance;
    assert_eq!(answer.headers["x-keystile-registry"], **instance);
    let wrong = Desk::on_sqlite().await.gateway_token;
    for (authorization, status) in [
        (String::new(), 401),
        ("Bearer nonsense".to_owned(), 401),
        (format!("Bearer {wrong}x"), 401),
        (format!("Bearer {}", desk.admin_token), 403),
    ] {
        let answer = desk.gateway_as(&authorization, request()).await;
        assert_eq!(answer.status, status, "{authorization}");
        assert_eq!(answer.headers["x-keystile-registry"], **instance);
        assert_ne!(answer.json()["title"], Value::Null);
    }
}
