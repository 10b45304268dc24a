//! `/admin/v1/audit`: who did what to what, and what became of it.

use serde_json::{Value, json};

use crate::desk::Desk;

/// Reads the latest entry.
async fn latest(desk: &Desk) -> Value {
    desk.get("/admin/v1/audit").await["data"][0].clone()
}

#[tokio::test]
async fn an_entry_says_what_was_and_what_became() {
    let desk = Desk::on_sqlite().await;
    let made = desk
        .post(
            "/v2/api-products",
            json!({"name": "one", "labels": {"a": "b"}}),
        )
        .await;
    let path = format!("/v2/api-products/{}", made["id"].as_str().unwrap());
    let added = latest(&desk).await;
    assert_eq!(added["became"]["name"], "one");
    assert_eq!(added["was"], Value::Null);
    desk.patch(&path, json!({"name": "two"})).await;
    let changed = latest(&desk).await;
    assert_eq!(changed["was"], json!({"name": "one"}));
    assert_eq!(changed["became"], json!({"name": "two"}));
    desk.delete(&path).await;
    let removed = latest(&desk).await;
    assert_eq!(removed["action"], "api-product.remove");
    assert_eq!(removed["was"]["name"], "two");
    assert_eq!(removed["became"], Value::Null);
}

#[tokio::test]
async fn an_entry_names_the_administrator_behind_a_token_and_the_request() {
    let desk = Desk::on_sqlite().await;
    let answer = desk
        .admin("POST", "/v2/api-products", json!({"name": "one"}))
        .await;
    let request = answer.headers["x-request-id"].to_str().unwrap();
    let entry = latest(&desk).await;
    assert_eq!(entry["request_id"], request);
    assert_eq!(entry["actor_email"], "1admin@example.test");
    let found = format!("/admin/v1/audit?filter%5Brequest_id%5D={request}");
    assert_eq!(desk.get(&found).await["meta"]["page"]["total"], 1);
}

#[tokio::test]
async fn no_entry_holds_a_key_or_what_stands_in_for_it() {
    let desk = Desk::on_sqlite().await;
    let application = desk.application("one").await;
    let path = format!("/admin/v1/applications/{application}/credentials");
    let made = desk.post(&path, json!({})).await;
    let key = made["credential"].as_str().unwrap().to_owned();
    let digest = keystile_protocol::key::ApiKey::new(key.as_str()).digest();
    desk.delete(&format!("{path}/{}", made["id"].as_str().unwrap()))
        .await;
    desk.post("/admin/v1/tokens", json!({"name": "a", "scopes": ["read"]}))
        .await;
    let invited = json!({"email": "new@example.test", "role": "operator"});
    let invited = desk.post("/admin/v1/administrators", invited).await;
    let link = invited["link"].as_str().unwrap();
    let (_, secret) = link.split_once("token=").unwrap();
    let file = desk.admin("GET", "/admin/v1/audit.csv", Value::Null).await;
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(text.contains("credential.add"));
    for hidden in [
        key.as_str(),
        &key[key.len() - 6..],
        &digest.to_string(),
        secret,
        "kst_",
    ] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn the_audit_is_searched_by_actor_action_subject_and_time() {
    let desk = Desk::on_sqlite().await;
    desk.application("one").await;
    desk.advance_ms(60_000);
    let application = desk.application("two").await;
    for (query, total) in [
        (
            "filter%5Baction%5D%5Bcontains%5D=application.".to_owned(),
            2,
        ),
        (format!("filter%5Bsubject_id%5D={application}"), 1),
        ("filter%5Bactor_kind%5D=developer".to_owned(), 0),
        (
            "filter%5Bactor_email%5D%5Bcontains%5D=1ADMIN&filter%5Baction%5D=application.add"
                .to_owned(),
            2,
        ),
        (
            "filter%5Bat%5D%5Bgte%5D=2025-11-11T00:19:50.120Z&filter%5Baction%5D=application.add"
                .to_owned(),
            1,
        ),
    ] {
        let found = desk.get(&format!("/admin/v1/audit?{query}")).await;
        assert_eq!(found["meta"]["page"]["total"], total, "{query}");
    }
}

#[tokio::test]
async fn what_a_spreadsheet_would_calculate_is_text_in_the_file() {
    let desk = Desk::on_sqlite().await;
    let email = "=cmd@example.test";
    let developer = json!({"email": email, "full_name": "a\",\"b"});
    let made = desk.post("/admin/v1/developers", developer).await;
    let query = format!("filter%5Bsubject_id%5D={}", made["id"].as_str().unwrap());
    let path = format!("/admin/v1/audit.csv?{query}");
    let file = desk.admin("GET", &path, Value::Null).await;
    let text = String::from_utf8(file.bytes).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(!text.contains(",\"="), "{text}");
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
}
