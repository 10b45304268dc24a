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

/// What was seen while the clock jumped.
struct Seen {
    revisions: Vec<i64>,
    changes: Vec<String>,
    audit: Value,
}

/// Lets the clock jump, and something happen after each jump; returns revisions and times of change.
async fn jump(desk: &Desk, path: &str) -> (Vec<i64>, Vec<String>) {
    let mut revisions = Vec::new();
    let mut changes = Vec::new();
    let jumps = [
        (0, "before"),
        (-2 * HOUR_MS, "back"),
        (26 * HOUR_MS, "ahead"),
        (-24 * HOUR_MS, "right"),
    ];
    for (jump, name) in jumps {
        desk.advance_ms(jump);
        changes.push(rename(desk, path, name).await);
        revisions.push(desk.page(None, 0).await.head);
    }
    (revisions, changes)
}

async fn goes_on_in_order(desk: &Desk) {
    let application = desk.application("one").await;
    let path = format!("/admin/v1/applications/{application}");
    let end = crate::desk::NOW.plus_ms(HOUR_MS).to_string();
    let credentials = format!("{path}/credentials");
    desk.post(&credentials, json!({"expires_at": end})).await;
    let (revisions, changes) = jump(desk, &path).await;
    let seen = Seen {
        revisions,
        changes,
        audit: desk.get("/admin/v1/audit?page[size]=100").await,
    };
    seen.is_in_order();
    let kept = desk.get(&credentials).await["data"][0]["expires_at"].clone();
    assert_eq!(kept, end.as_str(), "85: nothing lives longer");
}

impl Seen {
    fn is_in_order(&self) {
        let Self {
            revisions, changes, ..
        } = self;
        let grow = revisions.is_sorted_by(|one, next| one < next);
        assert!(grow, "85: revisions {revisions:?}");
        let differ = changes.is_sorted_by(|one, next| one < next);
        assert!(differ, "85: a tag never comes again: {changes:?}");
        let entries = self.audit["data"].as_array().unwrap().iter();
        let names: Vec<&Value> = entries
            .filter(|entry| entry["action"] == "application.update")
            .map(|entry| &entry["became"]["name"])
            .collect();
        let latest_first = ["right", "ahead", "back", "before"];
        assert_eq!(
            names, latest_first,
            "85: the audit is in the order of writes"
        );
    }
}

on_both! {
    goes_on_in_order => a_clock_that_jumps_on_sqlite, a_clock_that_jumps_on_postgres;
}
