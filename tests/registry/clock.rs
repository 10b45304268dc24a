//! The machine's clock is wrong, and then set right.

use serde_json::{Value, json};

use crate::both::on_both;
use crate::desk::Desk;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Renames an application; returns when it was changed.
async fn rename(desk: &Desk, path: &str, name: &str) -> String {
    let changed = desk.patch(path, json!({"name": name})).await;
    changed["updated_at"].as_str().unwrap().to_owned()
}

async fn goes_on_in_order(desk: &Desk) {
    let application = desk.application("one").await;
    let path = format!("/admin/v1/applications/{application}");
    let end = crate::desk::NOW.plus_ms(HOUR_MS).to_string();
    let credentials = format!("{path}/credentials");
    desk.post(&credentials, json!({"expires_at": end})).await;
    let mut heads = vec![desk.page(None, 0).await.head];
    let mut changes = vec![rename(desk, &path, "before").await];
    for (jump, name) in [
        (-2 * HOUR_MS, "back"),
        (26 * HOUR_MS, "ahead"),
        (-24 * HOUR_MS, "right"),
    ] {
        desk.advance_ms(jump);
        changes.push(rename(desk, &path, name).await);
        desk.application(name).await;
        heads.push(desk.page(None, 0).await.head);
    }
    assert!(
        heads.is_sorted_by(|one, next| one < next),
        "85: revisions {heads:?}"
    );
    assert!(
        changes.is_sorted_by(|one, next| one < next),
        "85: a tag never comes again: {changes:?}"
    );
    let audit = desk.get("/admin/v1/audit?page[size]=100").await;
    let entries = audit["data"].as_array().unwrap();
    let names: Vec<&Value> = entries
        .iter()
        .filter(|entry| entry["action"] == "application.update")
        .map(|entry| &entry["became"]["name"])
        .collect();
    assert_eq!(
        names,
        ["right", "ahead", "back", "before"],
        "85: the latest write is first"
    );
    let listed = desk.get(&credentials).await;
    assert_eq!(
        listed["data"][0]["expires_at"],
        end.as_str(),
        "85: nothing lives longer"
    );
}

on_both! {
    goes_on_in_order => a_clock_that_jumps_on_sqlite, a_clock_that_jumps_on_postgres;
}
