//! Many at the same time: rules that count hold on both databases.

use std::sync::Arc;

use serde_json::json;
use stage::postgres::PostgreSql;
use tokio::task::JoinSet;

use crate::desk::{Desk, Published};
use crate::portal::browser::Browser;

/// A developer with an application.
async fn stage(desk: &Desk) -> (Published, Browser, String) {
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(desk, "ada@example.test").await;
    let application = ada.application(&published).await;
    (published, ada, application)
}

/// Sends one request from each of many tabs at once; returns how often each status was answered.
async fn at_once(ada: &Browser, tabs: usize, (path, body): (&str, serde_json::Value)) -> Vec<u16> {
    let mut crowd = JoinSet::new();
    for _ in 0..tabs {
        let (mut tab, path, body) = (ada.tab(), path.to_owned(), body.clone());
        crowd.spawn(async move { tab.post(&path, body).await.status.as_u16() });
    }
    crowd.join_all().await
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|one| **one == status).count()
}

async fn one_of_many_gets_a_reference_id(desk: &Desk) {
    let (published, ada, _) = stage(desk).await;
    let body = json!({"name": "App", "reference_id": "the-one",
                      "auth_strategy_id": published.strategy});
    let statuses = at_once(&ada, 100, ("/applications", body)).await;
    assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 99));
}

async fn no_crowd_gets_more_keys_than_there_may_be(desk: &Desk) {
    let (_, mut ada, application) = stage(desk).await;
    let path = format!("{application}/credentials");
    let statuses = at_once(&ada, 50, (&path, json!({}))).await;
    assert_eq!((count(&statuses, 201), count(&statuses, 403)), (20, 30));
    let listed = ada.get(&path).await.expect(200);
    assert_eq!(listed["meta"]["page"]["total"], 20);
}

async fn a_registration_is_asked_for_once(desk: &Desk) {
    let (published, ada, application) = stage(desk).await;
    let path = format!("{application}/registrations");
    let body = json!({"product_version_id": published.version});
    let statuses = at_once(&ada, 20, (&path, body)).await;
    assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 19));
}

async fn no_key_outlives_its_application(desk: &Desk) {
    let (_, ada, application) = stage(desk).await;
    let path = format!("{application}/credentials");
    let keys = at_once(&ada, 15, (&path, json!({})));
    let mut tab = ada.tab();
    let (statuses, removed) = tokio::join!(keys, tab.delete(&application));
    removed.expect(204);
    assert_eq!(count(&statuses, 201) + count(&statuses, 404), 15);
    let entries = desk.everything().await;
    let left = entries
        .iter()
        .filter(|entry| matches!(entry, keystile_protocol::state::Entry::Credential(_)));
    assert_eq!(left.count(), 0);
}

macro_rules! on_both {
    ($($name:ident => $sqlite:ident, $postgres:ident;)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $sqlite() {
            $name(&Desk::on_sqlite().await).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $postgres() {
            let server = Arc::new(PostgreSql::start().unwrap());
            $name(&Desk::on_postgres(&server, 1).await).await;
        }
    )+};
}

on_both! {
    one_of_many_gets_a_reference_id =>
        one_of_many_gets_a_reference_id_on_sqlite, one_of_many_gets_a_reference_id_on_postgres;
    no_crowd_gets_more_keys_than_there_may_be =>
        no_crowd_gets_more_keys_on_sqlite, no_crowd_gets_more_keys_on_postgres;
    a_registration_is_asked_for_once =>
        a_registration_is_asked_for_once_on_sqlite, a_registration_is_asked_for_once_on_postgres;
    no_key_outlives_its_application =>
        no_key_outlives_its_application_on_sqlite, no_key_outlives_its_application_on_postgres;
}
