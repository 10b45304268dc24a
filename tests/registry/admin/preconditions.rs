//! `If-Match` and `ETag`: two administrators who change the same thing.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::desk::{Answer, Desk, Published};
use crate::portal::browser::Browser;

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

/// Asks with a tag that nothing has.
async fn stale(desk: &Desk, method: &str, path: &str) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("if-match", "\"1\"")
        .header("content-type", "application/json")
        .body(Body::from(body(method, path).to_string()));
    desk.admin_request(request.unwrap()).await.status.as_u16()
}

/// What could be asked of every thing, if it were still as it was.
fn body(method: &str, path: &str) -> Value {
    if path.ends_with("/groups") {
        json!({"groups": []})
    } else if method == "PUT" {
        json!({"publish_status": "published", "application_registration_enabled": false,
               "auto_approve_registration": false, "auth_strategy_ids": []})
    } else if path.contains("/registrations/") || path.contains("/developers/") {
        json!({"status": "approved"})
    } else if path.contains("/administrators/") {
        json!({"role": "owner"})
    } else {
        json!({})
    }
}

/// One of each thing, by the name it has in the document's paths.
async fn things(desk: &Desk) -> Vec<(&'static str, String)> {
    let published = desk.publish().await;
    let mut things = taken(desk, &published).await;
    things.append(&mut written(desk, &published).await);
    let developers = format!("/v2/portals/{}/developers", published.portal);
    for (name, list) in [
        ("developer", developers.as_str()),
        ("service", "/admin/v1/services"),
        ("administrator", "/admin/v1/administrators"),
    ] {
        things.push((name, id(&desk.get(list).await["data"][0])));
    }
    things.extend([
        ("portal", published.portal),
        ("product", published.product),
        ("version", published.version.to_string()),
        ("strategy", published.strategy),
    ]);
    things
}

/// What a developer has.
async fn taken(desk: &Desk, published: &Published) -> Vec<(&'static str, String)> {
    let mut ada = Browser::of_developer(desk, "ada@example.test").await;
    let application = ada.application(published).await;
    let registration = ada.register(&application, published).await;
    let (_, credential) = ada.issue(&application).await;
    let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    vec![
        ("registration", last(&registration)),
        ("credential", last(&credential)),
        ("application", last(&application)),
    ]
}

/// What a product owner wrote about a product.
async fn written(desk: &Desk, published: &Published) -> Vec<(&'static str, String)> {
    let product = format!("/v2/api-products/{}", published.product);
    let start = json!({"slug": "start", "title": "Start"});
    let document = desk.post(&format!("{product}/documents"), start).await;
    let version = format!("{product}/product-versions/{}", published.version);
    let text = r#"{"openapi":"3.0.0","info":{"title":"a","version":"1"},"paths":{}}"#;
    let specification = json!({"name": "a.json", "content": BASE64_STANDARD.encode(text)});
    let path = format!("{version}/specifications");
    let specification = desk.post(&path, specification).await;
    vec![
        ("document", id(&document)),
        ("specification", id(&specification)),
    ]
}

fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn everything_that_is_changed_is_what_was_read() {
    let desk = Desk::on_sqlite().await;
    let things = things(&desk).await;
    let document = desk.get("/openapi.json").await;
    let mut asked = 0;
    for (template, item) in document["paths"].as_object().unwrap() {
        let path = things.iter().fold(template.clone(), |path, (name, id)| {
            path.replace(&format!("{{{name}}}"), id)
        });
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            // A token is revoked, whatever became of it: it has no other state.
            let is_change = matches!(method.as_str(), "PATCH" | "PUT" | "DELETE");
            if is_change && !path.contains("{token}") {
                assert_eq!(stale(&desk, &method, &path).await, 412, "{method} {path}");
                asked += 1;
            }
        }
    }
    assert!(asked > 20, "the document names what is changed: {asked}");
}
