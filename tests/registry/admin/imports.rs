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

/// What came of an import that nothing was refused of.
fn outcome(added: usize, present: usize) -> Value {
    json!({"added": added, "present": present, "refused": []})
}

async fn is_only_judged(desk: &Desk) {
    application(desk, "acme").await;
    let dry = json!({"credentials": [given("acme", 1), given("acme", 2)], "dry_run": true});
    let answer = desk.admin("POST", PATH, dry).await.expect(200);
    assert_eq!(answer, outcome(2, 0));
    assert_eq!(known(desk).await, [], "nothing was taken in");
}

async fn comes_in_once(desk: &Desk) {
    let id = application(desk, "acme").await;
    let both = json!([given("acme", 1), given(&id.to_uppercase(), 2)]);
    let more = json!([given("acme", 1), given("acme", 3), given("acme", 3)]);
    let answers = [
        import(desk, both.clone()).await,
        import(desk, more).await,
        import(desk, both).await,
    ];
    assert_eq!(answers, [outcome(2, 0), outcome(1, 2), outcome(0, 2)]);
    let all = [(1, None), (2, None), (3, None)];
    assert_eq!(known(desk).await, all);
    is_audited(&desk.get("/admin/v1/audit").await, &id);
}

fn is_audited(audit: &Value, application: &str) {
    let entries = audit["data"].as_array().unwrap().iter();
    let imports: Vec<&Value> = entries
        .filter(|entry| entry["action"] == "credential.import")
        .collect();
    assert_eq!(imports.len(), 2, "one for each that took in: {audit}");
    let kept = &imports[0]["became"]["credentials"][application];
    assert_eq!(kept.as_array().map(Vec::len), Some(1), "{audit}");
    assert!(!audit.to_string().contains(&key(1)), "{audit}");
}

/// Withdraws one of two keys; returns the number of the one that is left.
async fn withdraw_one(desk: &Desk, acme: &str) -> usize {
    import(desk, json!([given("acme", 1), given("acme", 2)])).await;
    let path = format!("/admin/v1/applications/{acme}/credentials");
    let list = desk.get(&path).await;
    let gone = list["data"][0]["id"].as_str().unwrap();
    desk.delete(&format!("{path}/{gone}")).await;
    known(desk).await[0].0
}

async fn is_refused_whole(desk: &Desk) {
    let acme = application(desk, "acme").await;
    application(desk, "other").await;
    application(desk, &acme).await;
    let left = withdraw_one(desk, &acme).await;
    let credentials = json!([
        given("acme", 3),
        given("nobody", 4),
        given(&acme, 5),
        given("other", left),
        given("acme", 3 - left),
        {"application": "acme", "key": "sha256:abc"},
        given("other", 3),
    ]);
    let answer = import(desk, credentials).await;
    assert_eq!(answer, all_refused(), "all or nothing");
    assert_eq!(known(desk).await, [(left, None)], "nothing was taken in");
}

/// What is said of the keys that are refused.
fn all_refused() -> Value {
    let refused = |index: usize, field: &str, reason: &str| json!({"index": index, "field": field, "reason": reason});
    let nobody = "names no application, neither by its id nor by its reference id";
    let two = "names two applications: one by its id and one by its reference id";
    let used = "this key was used before";
    let refused = json!([
        refused(1, "application", nobody),
        refused(2, "application", two),
        refused(3, "key", used),
        refused(4, "key", used),
        refused(
            5,
            "key",
            "must be `sha256:` and 64 lower-case hexadecimal digits"
        ),
        refused(6, "key", used),
    ]);
    json!({"added": 0, "present": 0, "refused": refused})
}

on_both! {
    is_only_judged => an_import_is_only_judged_on_sqlite, an_import_is_only_judged_on_postgres;
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
