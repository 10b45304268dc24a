//! Bodies that parsers disagree about, or choke on.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::desk::{Answer, Desk};
use crate::portal::browser::Browser;

/// What is sent, as what, and how it is refused.
type Sent = (&'static str, &'static str, String, u16);

const JSON: &str = "application/json";

/// Ten megabytes of it, two hundred levels deep, the same member twice, other charsets than JSON has.
fn bodies() -> Vec<Sent> {
    let fine = r#"{"name":"a"}"#;
    let twice = r#"{"name":"a","name":"b"}"#;
    let escaped = r#"{"name":"a","n\u0061me":"b"}"#;
    let utf_16 = "application/json; charset=utf-16";
    let quoted = "application/json;charset=\"ISO-8859-1\"";
    let large = format!(r#"{{"name":"{}"}}"#, "a".repeat(10 * 1024 * 1024));
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(200), close.repeat(200));
    let hidden = format!(r#"{{"x":{}}}"#, deep("[", "]"));
    vec![
        ("too large", JSON, large, 413),
        ("deep lists", JSON, deep("[", "]"), 400),
        ("deep objects", JSON, deep(r#"{"name":"#, "}"), 400),
        ("deep in a member nobody knows", JSON, hidden, 400),
        ("a member twice", JSON, twice.into(), 400),
        ("a member twice, once in escapes", JSON, escaped.into(), 400),
        ("two objects", JSON, [fine, fine].concat(), 400),
        ("nothing", JSON, String::new(), 400),
        ("another charset", utf_16, fine.into(), 415),
        ("another charset in quotes", quoted, fine.into(), 415),
        ("another type", "text/plain", fine.into(), 415),
    ]
}

async fn as_administrator(desk: &Desk, content_type: &str, body: Body) -> Answer {
    let request = Request::post("/v2/api-products").header("content-type", content_type);
    desk.admin_request(request.body(body).unwrap()).await
}

#[tokio::test]
async fn what_parsers_disagree_about_is_refused_to_administrators() {
    let desk = Desk::on_sqlite().await;
    for (what, content_type, body, status) in bodies() {
        let answer = as_administrator(&desk, content_type, Body::from(body)).await;
        assert_eq!(answer.status, status, "threat 95: {what}");
        assert_ne!(answer.json()["message"], Value::Null, "{what}");
    }
    let utf_16: Vec<u8> = "{\"name\":\"a\"}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let answer = as_administrator(&desk, "application/json", Body::from(utf_16)).await;
    assert_eq!(answer.status, 400, "threat 95: bytes of another charset");
    let none = desk.get("/v2/api-products").await;
    assert_eq!(none["meta"]["page"]["total"], 0, "nothing came of it");
}

#[tokio::test]
async fn what_parsers_disagree_about_is_refused_to_developers() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let portal = format!("/v2/portals/{}", published.portal);
    let default = json!({"default_application_auth_strategy_id": published.strategy});
    desk.patch(&portal, default).await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    for path in ["/api/v2/applications", "/api/ext/v1/applications"] {
        for (what, content_type, body, status) in bodies() {
            ada.headers.push(("content-type", content_type.to_owned()));
            let reply = ada.send_text("POST", path, &body).await;
            ada.headers.pop();
            assert_eq!(
                reply.status, status,
                "threat 95: {what} {path} {}",
                reply.text
            );
        }
    }
    let none = ada.get("/applications").await.expect(200);
    assert_eq!(none["meta"]["page"]["total"], 0, "nothing came of it");
}

#[tokio::test]
async fn a_name_that_comes_twice_is_named_wherever_it_is() {
    let desk = Desk::on_sqlite().await;
    let made = desk.post("/admin/v1/services", json!({"name": "a"})).await;
    let service = format!("/admin/v1/services/{}", made["id"].as_str().unwrap());
    for (method, path, body, field) in [
        (
            "PATCH",
            service.as_str(),
            r#"{"public":false,"public":true}"#,
            "public",
        ),
        (
            "POST",
            "/v2/api-products",
            r#"{"name":"a","labels":{"tier":"1","tier":"2"}}"#,
            "labels.tier",
        ),
    ] {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        let request = request.body(Body::from(body)).unwrap();
        let refused = desk.admin_request(request).await.expect(400);
        assert_eq!(refused["invalid_parameters"][0]["field"], field);
        assert_eq!(refused["invalid_parameters"][0]["rule"], "unique");
    }
}

#[tokio::test]
async fn utf_8_may_be_said() {
    let desk = Desk::on_sqlite().await;
    for (name, content_type) in [
        ("a", "application/json; charset=utf-8"),
        ("b", "Application/JSON;Charset=\"UTF-8\""),
    ] {
        let body = Body::from(json!({"name": name}).to_string());
        let answer = as_administrator(&desk, content_type, body).await;
        answer.expect(201);
    }
}

#[tokio::test]
async fn a_list_that_grows_is_read_without_gap_or_repeat() {
    let desk = Desk::on_sqlite().await;
    let add = async |name: String| {
        desk.advance_ms(1);
        desk.post("/v2/api-products", json!({"name": name})).await["id"].clone()
    };
    let mut before = Vec::new();
    for number in 0..25 {
        before.push(add(format!("before {number}")).await);
    }
    let mut read = Vec::new();
    for page in 1..=6 {
        let path = format!("/v2/api-products?page[size]=5&page[number]={page}");
        let list = desk.get(&path).await;
        let ids = list["data"].as_array().unwrap().iter();
        read.extend(ids.map(|item| item["id"].clone()));
        add(format!("meanwhile {page}")).await;
    }
    read.truncate(before.len());
    assert_eq!(read, before, "threat 96");
}
