//! Keys that exist elsewhere, taken in many at a time.

use keystile_protocol::key::ApiKey;
use keystile_protocol::state::Entry;
use serde_json::{Value, json};

use crate::both::on_both;
use crate::desk::Desk;

const PATH: &str = "/admin/v1/credentials/imports";

/// A key that is not guessable, and differs by its number.
fn key(number: usize) -> String {
    format!("abcdefghijklmnopqrstuv-{number}")
}

fn given(application: &str, number: usize) -> Value {
    json!({"application": application, "key": key(number)})
}

async fn import(desk: &Desk, credentials: Value) -> Value {
    let body = json!({"credentials": credentials});
    desk.admin("POST", PATH, body).await.expect(200)
}

/// Which of the first keys gateways hear of, and when they end.
async fn known(desk: &Desk) -> Vec<(usize, Option<i64>)> {
    let digest = |number: usize| ApiKey::new(key(number).into_bytes()).digest();
    let everything = desk.everything().await;
    let mut known: Vec<_> = everything
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Credential(one) => {
                let number = (0..10).find(|number| digest(*number) == one.digest)?;
                Some((number, one.expires_at_ms))
            }
            _ => None,
        })
        .collect();
    known.sort_unstable();
    known
}

/// An application with a reference id of its own; returns its id.
async fn application(desk: &Desk, reference: &str) -> String {
    let body = json!({"name": "one of them", "reference_id": reference});
    let answer = desk.post("/admin/v1/applications", body).await;
    answer["id"].as_str().unwrap().to_owned()
}

async fn comes_in_once(desk: &Desk) {
    let id = application(desk, "acme").await;
    let both = json!([given("acme", 1), given(&id.to_uppercase(), 2)]);
    let dry = json!({"credentials": both, "dry_run": true});
    let answer = desk.admin("POST", PATH, dry).await.expect(200);
    assert_eq!(answer, json!({"added": 2, "present": 0, "refused": []}));
    assert_eq!(known(desk).await, [], "it was only judged");
    let before = desk.page(None, 0).await.head;
    let answer = import(desk, both.clone()).await;
    assert_eq!(answer, json!({"added": 2, "present": 0, "refused": []}));
    assert_eq!(known(desk).await, [(1, None), (2, None)]);
    assert_eq!(desk.page(None, 0).await.head, before + 2);
    let answer = import(
        desk,
        json!([given("acme", 1), given("acme", 3), given("acme", 3)]),
    )
    .await;
    assert_eq!(answer, json!({"added": 1, "present": 2, "refused": []}));
    import(desk, both).await;
    let audit = desk.get("/admin/v1/audit").await;
    let actions: Vec<&Value> = audit["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["action"])
        .collect();
    let imports = actions
        .iter()
        .filter(|action| **action == "credential.import");
    assert_eq!(
        imports.count(),
        2,
        "one for each that took something in: {actions:?}"
    );
    let kept = &audit["data"][0]["became"]["credentials"][&id];
    assert_eq!(kept.as_array().map(Vec::len), Some(1), "{audit}");
    assert!(!audit.to_string().contains(&key(1)), "{audit}");
}

async fn is_refused_whole(desk: &Desk) {
    let acme = application(desk, "acme").await;
    application(desk, "other").await;
    application(desk, &acme).await;
    import(desk, json!([given("acme", 1), given("acme", 2)])).await;
    let path = format!("/admin/v1/applications/{acme}/credentials");
    let list = desk.get(&path).await;
    let second = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .max_by_key(|one| one["id"].to_string());
    let gone = second.unwrap()["id"].as_str().unwrap();
    desk.delete(&format!("{path}/{gone}")).await;
    let left = known(desk).await[0].0;
    let answer = import(
        desk,
        json!([
            given("acme", 3),
            given("nobody", 4),
            given(&acme, 5),
            given("other", left),
            given("acme", 3 - left),
            {"application": "acme", "key": "sha256:abc"},
            given("other", 3),
        ]),
    )
    .await;
    assert_eq!(answer["added"], 0, "all or nothing: {answer}");
    let told: Vec<(u64, &str, &str)> = answer["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap();
            (
                one["index"].as_u64().unwrap(),
                text("field"),
                text("reason"),
            )
        })
        .collect();
    let used = "this key was used before";
    let expected = [
        (
            1,
            "application",
            "names no application, neither by its id nor by its reference id",
        ),
        (
            2,
            "application",
            "names two applications: one by its id and one by its reference id",
        ),
        (3, "key", used),
        (4, "key", used),
        (5, "key", "64 lower-case hexadecimal digits"),
        (6, "key", used),
    ];
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!((told.0, told.1), (expected.0, expected.1));
        assert!(told.2.contains(expected.2), "{told:?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:?}");
    assert_eq!(known(desk).await.len(), 1, "nothing was taken in");
}

on_both! {
    comes_in_once => an_import_comes_in_once_on_sqlite, an_import_comes_in_once_on_postgres;
    is_refused_whole => an_import_is_refused_whole_on_sqlite, an_import_is_refused_whole_on_postgres;
}

#[tokio::test]
async fn an_imported_key_ends_when_it_says_or_the_strategy_does() {
    let desk = Desk::on_sqlite().await;
    let strategy = desk
        .post(
            "/v2/application-auth-strategies",
            json!({"name": "keys", "display_name": "keys", "strategy_type": "key_auth",
                "configs": {"key-auth": {"key_names": ["apikey"], "ttl": {"value": 1, "unit": "days"}}}}),
        )
        .await;
    let body = json!({"name": "acme", "reference_id": "acme", "auth_strategy_id": strategy["id"]});
    desk.post("/admin/v1/applications", body).await;
    let mut at = given("acme", 1);
    at["expires_at"] = json!("2026-01-01T00:00:00Z");
    let mut never = given("acme", 2);
    never["expires_at"] = Value::Null;
    import(&desk, json!([at, never, given("acme", 3)])).await;
    let usual = crate::desk::NOW.0 + 24 * 60 * 60 * 1000;
    let expected = [(1, Some(1_767_225_600_000)), (2, None), (3, Some(usual))];
    assert_eq!(known(&desk).await, expected);
}

#[tokio::test]
async fn an_import_has_a_size_and_known_members() {
    let desk = Desk::on_sqlite().await;
    application(&desk, "acme").await;
    let many: Vec<Value> = (0..251).map(|number| given("acme", number)).collect();
    for (body, field) in [
        (json!({"credentials": []}), "credentials"),
        (json!({"credentials": many}), "credentials"),
        (
            json!({"credentials": [{"key": key(1)}]}),
            "credentials[0].application",
        ),
        (
            json!({"credentials": [given("acme", 1)], "force": true}),
            "force",
        ),
    ] {
        let answer = desk.admin("POST", PATH, body).await.expect(400);
        assert_eq!(answer["invalid_parameters"][0]["field"], field, "{answer}");
    }
}
