//! Every request for something of a developer's, by its owner, by another and by nobody

use serde_json::{Value, json};

use crate::desk::{Desk, Published};
use crate::portal::browser::Browser;

const NEVER: &str = "8f0ba4a4-1b2c-4d5e-8f90-123456789abc";

/// A request for something: the method, the path, the body, and what its owner is answered.
type Request = (&'static str, String, Value, u16);

/// Returns the requests below an application; `ids` are a registration's and a credential's.
fn requests(
    application: &str,
    [registration, credential]: [&str; 2],
    version: &str,
) -> Vec<Request> {
    let path = format!("/applications/{application}");
    let registrations = format!("{path}/registrations");
    let credentials = format!("{path}/credentials");
    let named = json!({"display_name": "mine now"});
    vec![
        ("GET", path.clone(), Value::Null, 200),
        ("PATCH", path.clone(), json!({"name": "Mine now"}), 200),
        ("GET", registrations.clone(), Value::Null, 200),
        (
            "POST",
            registrations.clone(),
            json!({"product_version_id": version}),
            409,
        ),
        (
            "GET",
            format!("{registrations}/{registration}"),
            Value::Null,
            200,
        ),
        (
            "DELETE",
            format!("{registrations}/{registration}"),
            Value::Null,
            204,
        ),
        ("GET", credentials.clone(), Value::Null, 200),
        ("POST", credentials.clone(), named.clone(), 201),
        ("PUT", format!("{credentials}/{credential}"), named, 200),
        (
            "DELETE",
            format!("{credentials}/{credential}"),
            Value::Null,
            204,
        ),
        ("DELETE", path, Value::Null, 204),
    ]
}

/// A developer who was logged in when an administrator revoked them.
async fn suspended(desk: &Desk, published: &Published) -> Browser {
    let carol = Browser::of_developer(desk, "carol@example.test").await;
    let developers = format!("/v2/portals/{}/developers", published.portal);
    let listed = desk
        .get(&format!("{developers}?filter[email]=carol@example.test"))
        .await;
    let path = format!("{developers}/{}", listed["data"][0]["id"].as_str().unwrap());
    desk.patch(&path, json!({"status": "revoked"})).await;
    carol
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn anothers_things_are_as_missing_as_things_that_never_were() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let mut bob = Browser::of_developer(&desk, "bob@example.test").await;
    let mut nobody = Browser::new(&desk);
    let mut carol = suspended(&desk, &published).await;
    let application = ada.application(&published).await;
    let registration = ada.register(&application, &published).await;
    let (_, credential) = ada.issue(&application).await;
    let version = published.version.to_string();
    let ids = [last(&registration), last(&credential)];
    let adas = requests(last(&application), ids, &version);
    let never = requests(NEVER, [NEVER, NEVER], &version);
    for ((method, path, body, _), (_, missing, ..)) in adas.iter().zip(&never) {
        let by_bob = bob.send(method, path, body.clone()).await;
        let to_nothing = bob.send(method, missing, body.clone()).await;
        assert_eq!(by_bob.status, 404, "{method} {path}");
        assert_eq!(
            by_bob.anonymised(),
            to_nothing.anonymised(),
            "{method} {path}"
        );
        let by_nobody = nobody.send(method, path, body.clone()).await;
        assert_eq!(by_nobody.status, 401, "{method} {path}");
        let by_carol = carol.send(method, path, body.clone()).await;
        assert_eq!(by_carol.status, 401, "{method} {path}");
    }
    for (method, path, body, status) in adas {
        let by_ada = ada.send(method, &path, body).await;
        assert_eq!(
            by_ada.status, status,
            "nothing had changed: {method} {path}"
        );
    }
}

#[tokio::test]
async fn a_thing_is_not_found_under_another_application_of_its_owner() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    let application = ada.application(&published).await;
    let other = ada.application(&published).await;
    let registration = ada.register(&application, &published).await;
    let (_, credential) = ada.issue(&application).await;
    for path in [
        format!("{other}/registrations/{}", last(&registration)),
        format!("{other}/credentials/{}", last(&credential)),
    ] {
        ada.delete(&path).await.expect(404);
    }
    ada.get(&registration).await.expect(200);
}

#[tokio::test]
async fn an_application_that_nobody_owns_is_missing_too() {
    let desk = Desk::on_sqlite().await;
    let declared = desk.application("anonymous").await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    ada.get(&format!("/applications/{declared}"))
        .await
        .expect(404);
}

#[tokio::test]
async fn what_is_no_id_names_nothing() {
    let desk = Desk::on_sqlite().await;
    let mut ada = Browser::of_developer(&desk, "ada@example.test").await;
    for id in [
        "x",
        "%ff",
        "%00",
        "..%2f..",
        "8f0ba4a4-1b2c-4d5e-8f90-12345678",
    ] {
        let refused = ada.get(&format!("/applications/{id}")).await.expect(404);
        assert_eq!(refused["title"], "Not Found", "{id}");
    }
}
