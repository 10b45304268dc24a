//! Every write has its entry in the audit, or does not happen.

use std::path::PathBuf;

use serde_json::{Value, json};
use stage::api::{Admin, Caller};
use stage::registry::{Database, Registry};

use crate::sqlite;

/// Refuses every entry.
const OBSTACLE: &str = "create trigger obstacle before insert on audit begin \
    select raise(abort, 'no room in the audit'); end";

/// What is there, as far as lists tell.
fn everything(admin: &Admin) -> Vec<Value> {
    let applications = format!("/v2/portals/{}/applications", admin.portal());
    [
        "/v2/api-products",
        &applications,
        "/admin/v1/services",
        "/v2/portals",
    ]
    .into_iter()
    .map(|path| admin.caller().get(path).unwrap().expect(200).unwrap().body)
    .collect()
}

/// One of each kind of write; returns the statuses.
fn writes(caller: &Caller, registry: &Registry, application: &str) -> Vec<u16> {
    let path = format!("/admin/v1/applications/{application}");
    let import = json!({"credentials": [
        {"application": application, "key": "one-that-nobody-would-guess"}
    ]});
    let answers = [
        caller.post("/v2/api-products", &json!({"name": "Weather"})),
        caller.post("/admin/v1/services", &json!({"name": "weather"})),
        caller.patch(&path, &json!({"name": "Renamed"})),
        caller.post(&format!("{path}/credentials"), &json!({})),
        caller.post("/admin/v1/credentials/imports", &import),
    ];
    let mut statuses: Vec<u16> = answers.map(|answer| answer.unwrap().call.status).into();
    let portal = Caller::new(registry.listeners().portal, stage::api::Journal::default());
    let developer = json!({"email": "ada@example.com", "full_name": "Ada"});
    let signed_up = portal.post("/api/v2/developer", &developer).unwrap();
    statuses.push(signed_up.call.status);
    statuses
}

#[test]
fn a_write_that_cannot_be_audited_does_not_happen_and_no_other_goes_without() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let file = PathBuf::from(registry.database().strip_prefix("sqlite:").unwrap());
    let admin = registry.admin().unwrap();
    let application = admin
        .create_application("Acme", "acme")
        .unwrap()
        .to_string();
    let before = everything(&admin);
    sqlite::execute(&file, OBSTACLE);
    let statuses = writes(admin.caller(), &registry, &application);
    assert!(
        statuses.iter().all(|status| *status >= 500),
        "121: {statuses:?}"
    );
    assert_eq!(everything(&admin), before, "121: nothing was written");
    sqlite::execute(&file, "drop trigger obstacle");
    let statuses = writes(admin.caller(), &registry, &application);
    assert!(
        statuses.iter().all(|status| *status < 300),
        "121: {statuses:?}"
    );
    let entries = sqlite::ask(&file, "select cast(count(*) as text) from audit");
    let written = sqlite::ask(&file, "select cast(writes as text) from registry");
    assert_eq!(entries, written, "121: one for each write there ever was");
}
