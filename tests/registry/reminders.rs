//! Mails about keys that end, by a clock that is moved.

use std::path::{Path, PathBuf};
use std::time::Duration;

use keystile_registry::clock::{Clock, ManualClock};
use keystile_registry::mail::remind;
use keystile_registry::mail::server::{MailServer, Security};
use keystile_registry::random::Random;
use keystile_registry::registry::{Registry, Settings};
use keystile_registry::storage::DatabaseUrl;
use serde_json::{Value, json};

use crate::desk::{Desk, NOW};
use crate::portal::browser::Browser;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The same registry, where mails are sent.
async fn mailing(desk: &Desk, clock: &ManualClock) -> std::sync::Arc<Registry> {
    let mut settings = Settings::local().unwrap();
    settings.mail = Some(MailServer {
        host: "localhost".to_owned(),
        port: 25,
        security: Security::None,
        login: None,
        from: "portal@example.test".parse().unwrap(),
        timeout: Duration::from_secs(1),
    });
    let files = desk.files();
    let is_database = |name: &&String| Path::new(name).extension().is_some_and(|end| end == "db");
    let file = files
        .iter()
        .map(|(name, _)| name)
        .find(is_database)
        .unwrap();
    let database = DatabaseUrl::Sqlite(PathBuf::from(file));
    let clock = Clock::Manual(clock.clone());
    let opened = Registry::open(&database, settings, clock, Random::seeded(2));
    opened.await.unwrap()
}

/// Which mails about keys wait, the oldest first.
async fn told(desk: &Desk) -> Vec<String> {
    let outbox = desk.get("/admin/v1/outbox").await;
    let mails = outbox["data"].as_array().unwrap().iter().rev();
    let names = mails.filter_map(|mail| mail["template"].as_str());
    let about_keys = names.filter(|name| name.starts_with("api-key-"));
    about_keys.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_developer_hears_once_before_a_key_ends_and_once_when_it_has() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut browser = Browser::of_developer(&desk, "ada@example.test").await;
    let application = browser.application(&published).await;
    let id = application.rsplit('/').next().unwrap();
    let path = format!("/admin/v1/applications/{id}/credentials");
    let end = NOW.plus_ms(10 * DAY_MS).to_string();
    desk.post(&path, json!({"expires_at": end})).await;
    desk.post(&path, json!({"expires_at": Value::Null})).await;
    let clock = ManualClock::at(NOW);
    let registry = mailing(&desk, &clock).await;
    let soon = "api-key-expiring-soon";
    for (day, expected) in [
        (2, vec![]),
        // Within a week, but not past half its life.
        (4, vec![]),
        (6, vec![soon]),
        (7, vec![soon]),
        (11, vec![soon, "api-key-expired"]),
        (12, vec![soon, "api-key-expired"]),
    ] {
        let ahead = NOW.plus_ms(day * DAY_MS).0 - Clock::Manual(clock.clone()).now().0;
        clock.advance_ms(ahead);
        remind(&registry).await.unwrap();
        assert_eq!(told(&desk).await, expected, "on day {day}");
    }
}
