//! `If-Match` and `ETag`: two administrators who change the same thing.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::desk::{Answer, Desk};

/// Asks for a change, if it is still as a tag says.
async fn change_if(desk: &Desk, path: &str, tag: &str, name: &str) -> Answer {
    let request = Request::patch(path)
        .header("if-match", tag)
        .header("content-type", "application/json")
        .body(Body::from(json!({"name": name}).to_string()));
    desk.admin_request(request.unwrap()).await
}

#[tokio::test]
async fn of_two_who_change_what_both_read_one_is_told() {
    let desk = Desk::on_sqlite().await;
    let answer = desk
        .admin("POST", "/v2/api-products", json!({"name": "one"}))
        .await;
    let path = format!("/v2/api-products/{}", answer.json()["id"].as_str().unwrap());
    let tag = answer.headers["etag"].to_str().unwrap().to_owned();
    let first = change_if(&desk, &path, &tag, "two").await;
    first.expect(200);
    let second = change_if(&desk, &path, &tag, "three").await;
    assert_eq!(second.expect(412)["title"], "Precondition Failed");
    let next = first.headers["etag"].to_str().unwrap().to_owned();
    let many = format!("\"1\", {next}");
    change_if(&desk, &path, &many, "three").await.expect(200);
    assert_eq!(desk.get(&path).await["name"], "three");
}

#[tokio::test]
async fn a_weak_tag_or_none_of_ours_matches_nothing_and_a_star_everything() {
    let desk = Desk::on_sqlite().await;
    let answer = desk
        .admin("POST", "/v2/api-products", json!({"name": "one"}))
        .await;
    let path = format!("/v2/api-products/{}", answer.json()["id"].as_str().unwrap());
    let tag = answer.headers["etag"].to_str().unwrap().to_owned();
    for refused in [format!("W/{tag}"), "\"x\"".to_owned(), "1".to_owned()] {
        let answer = change_if(&desk, &path, &refused, "two").await;
        assert_eq!(answer.status, 412, "{refused}");
    }
    change_if(&desk, &path, "*", "two").await.expect(200);
}

#[tokio::test]
async fn what_is_deleted_is_what_was_read() {
    let desk = Desk::on_sqlite().await;
    let application = desk.application("one").await;
    let change = format!("/admin/v1/applications/{application}");
    desk.patch(&change, json!({"name": "two"})).await;
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let path = format!(
        "/v2/portals/{}/applications/{application}",
        portal.as_str().unwrap()
    );
    let stale = Request::delete(&path)
        .header("if-match", "\"1762820330120\"")
        .body(Body::empty());
    desk.admin_request(stale.unwrap()).await.expect(412);
    desk.get(&path).await;
}
