//! What an application's page shows of its use.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::desk::{Desk, NOW};
use crate::pages::reader::Page;
use crate::pages::{ADA, developer};

/// Lets a gateway report 90 answers, 7 refusals and 3 failures of an application's key.
async fn use_key(desk: &Desk, application: &Page) {
    let own = application
        .path
        .replace("/applications", "/admin/v1/applications");
    let credential = desk.post(&format!("{own}/credentials"), json!({})).await;
    let service = desk
        .post("/admin/v1/services", json!({"name": "mock"}))
        .await;
    let count = |status: u16, requests: u32| {
        json!({"credential": credential["id"], "service": service["id"], "status": status,
               "last_ms": NOW.0, "latencies": [{"bucket": 4, "requests": requests}]})
    };
    let report = json!({"gateway": "edge", "vm": "1", "sequence": 1, "version": "0.1.0",
        "revision": 1, "age_ms": 5, "warnings": [],
        "counts": [count(200, 90), count(404, 7), count(503, 3)]});
    let request = Request::post("/gateway/v1/usage").header("content-type", "application/json");
    let answer = desk.gateway(request, Body::from(report.to_string())).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
}

#[tokio::test]
async fn an_applications_page_shows_its_use_as_charts_and_as_a_table() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut reader = developer(&desk, ADA).await;
    let form = reader.open("/applications/new").await;
    let strategy = published.strategy.as_str();
    let fields = [("name", "Weather"), ("auth_strategy_id", strategy)];
    let page = reader.send(&form, "/applications/new", &fields).await;
    assert!(
        page.text().contains("No requests in the last 30 days"),
        "{}",
        page.text()
    );
    use_key(&desk, &page).await;
    let page = reader.open(&page.path).await;
    assert!(
        page.text().contains("100 requests in the last 30 days"),
        "{}",
        page.text()
    );
    let heights = |outcome: &str| page.attribute(&format!("rect.chart-{outcome}"), "height");
    assert_eq!(heights("answered"), ["126"]);
    assert_eq!(heights("refused").len() + heights("failed").len(), 2);
    assert!(
        heights("unanswered").is_empty(),
        "nothing is drawn of nothing"
    );
    let cells = page.all(".usage tbody td");
    assert_eq!(cells[..6], ["2025-11-11", "100", "90", "7", "3", "0"]);
    assert!(
        !page.html.contains("style="),
        "the policy allows no such thing"
    );
}
