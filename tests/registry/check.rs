//! `POST /gateway/v1/check`.

use axum::body::Body;
use axum::http::Request;
use keystile_protocol::check::{CheckRequest, CheckResponse, Outcome};
use keystile_protocol::key::ApiKey;
use keystile_protocol::wire;
use serde_json::json;

use crate::desk::Desk;

/// What a gateway hears about a key.
pub(crate) async fn check(desk: &Desk, key: impl Into<Vec<u8>>) -> CheckResponse {
    let question = CheckRequest {
        service: "any".to_owned(),
        digest: ApiKey::new(key).digest(),
    };
    let request = Request::post("/gateway/v1/check").header("content-type", wire::CHECK);
    let body = Body::from(wire::encode(&question).unwrap());
    let answer = desk.gateway(request, body).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let answer: CheckResponse = wire::decode(&answer.bytes).unwrap();
    assert_eq!(answer.digest, question.digest);
    answer
}

#[tokio::test]
async fn a_key_is_found_with_all_that_decides_about_it() {
    let desk = Desk::on_sqlite().await;
    let application = desk.application("one").await;
    let path = format!("/admin/v1/applications/{application}");
    let groups = json!({"groups": ["pro", "admin"]});
    desk.admin("PUT", &format!("{path}/groups"), groups)
        .await
        .expect(200);
    desk.post(&format!("{path}/credentials"), json!({"key": "kong"}))
        .await;
    let answer = check(&desk, "kong").await;
    let page = desk.page(None, 0).await;
    assert_eq!((answer.epoch, answer.revision), (page.epoch, page.head));
    let Outcome::Found {
        application: found, ..
    } = answer.outcome
    else {
        panic!("{answer:?}");
    };
    assert_eq!(found.id, application);
    assert_eq!(found.groups, ["admin", "pro"]);
}

#[tokio::test]
async fn a_withdrawn_key_is_unknown_and_never_comes_back() {
    let desk = Desk::on_sqlite().await;
    let application = desk.application("one").await;
    let path = format!("/admin/v1/applications/{application}/credentials");
    let made = desk.post(&path, json!({"key": "kong"})).await;
    desk.delete(&format!("{path}/{}", made["id"].as_str().unwrap()))
        .await;
    assert_eq!(check(&desk, "kong").await.outcome, Outcome::Unknown);
    let again = desk.admin("POST", &path, json!({"key": "kong"})).await;
    assert_eq!(again.status, 409);
}

#[tokio::test]
async fn a_question_nobody_can_read_is_refused() {
    let desk = Desk::on_sqlite().await;
    for (content_type, body, status) in [
        (wire::CHECK, "nonsense", 400),
        ("application/json", "{}", 400),
        ("text/plain", "", 415),
    ] {
        let request = Request::post("/gateway/v1/check").header("content-type", content_type);
        let answer = desk.gateway(request, Body::from(body)).await;
        assert_eq!(answer.status, status, "{content_type}");
    }
}
