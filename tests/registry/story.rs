//! One story on both databases: what a gateway learns while people come and go.

use std::sync::Arc;

use keystile_protocol::application::{Application, ApplicationState};
use keystile_protocol::key::ApiKey;
use keystile_protocol::service::Access;
use keystile_protocol::state::{Entry, Page, Removed};
use serde_json::{Value, json};
use stage::postgres::PostgreSql;

use crate::desk::{Desk, Published};

#[tokio::test]
async fn the_story_on_sqlite() {
    the_story(&Desk::on_sqlite().await).await;
}

#[tokio::test]
async fn the_story_on_postgres() {
    let server = Arc::new(PostgreSql::start().unwrap());
    the_story(&Desk::on_postgres(&server, 1).await).await;
}

async fn the_story(desk: &Desk) {
    let published = desk.publish().await;
    let known = a_published_version_admits_the_approved(desk, &published).await;
    let (application, known) = a_registration_counts_once_approved(desk, &published, known).await;
    let known = a_key_is_shown_once(desk, application, known).await;
    let known = a_revoked_developer_loses_access_but_not_the_key(desk, &published, known).await;
    a_removed_strategy_closes_the_version(desk, &published, known.clone()).await;
    a_removed_developer_takes_everything_along(desk, &published, known).await;
}

async fn a_published_version_admits_the_approved(desk: &Desk, published: &Published) -> Page {
    let page = desk.page(None, 0).await;
    assert!(page.is_complete());
    let [Entry::Service(service)] = page.entries.as_slice() else {
        panic!("one service and nothing else: {:?}", page.entries);
    };
    assert_eq!(service.name, "mock-v1", "named after product and version");
    assert_eq!(service.access, Access::Approved(published.version));
    assert_eq!(service.key_auth.key_names, ["apikey"]);
    assert!(service.key_auth.hide_credentials);
    page
}

async fn a_registration_counts_once_approved(
    desk: &Desk,
    published: &Published,
    known: Page,
) -> (Application, Page) {
    let registration = ask(desk, published).await;
    let (pending, known) = the_application(desk, known).await;
    assert_eq!(pending.approved, [], "a pending registration gives nothing");
    let path = format!(
        "/v2/portals/{}/applications/{}/registrations/{}",
        published.portal,
        pending.id,
        registration["id"].as_str().unwrap()
    );
    desk.patch(&path, json!({"status": "approved"})).await;
    let (approved, known) = the_application(desk, known).await;
    assert_eq!(approved.approved, [published.version]);
    assert_eq!(approved.state, ApplicationState::Active);
    assert_ne!(approved.reference, None, "one is made where none is given");
    (approved, known)
}

/// A developer's new application asks for the version.
async fn ask(desk: &Desk, published: &Published) -> Value {
    let developer = desk
        .post(
            "/admin/v1/developers",
            json!({"email": "Ada@example.test", "full_name": "Ada"}),
        )
        .await;
    let application = desk
        .post(
            "/admin/v1/applications",
            json!({"name": "Umbrella", "developer_id": developer["id"],
                   "auth_strategy_id": published.strategy}),
        )
        .await;
    desk.post(
        "/admin/v1/registrations",
        json!({"application_id": application["id"],
               "product_version_id": published.version, "status": "pending"}),
    )
    .await
}

async fn a_key_is_shown_once(desk: &Desk, application: Application, known: Page) -> Page {
    let path = format!("/admin/v1/applications/{}/credentials", application.id);
    let made = desk.post(&path, json!({"display_name": "first"})).await;
    let key = made["credential"].as_str().unwrap();
    let listed = desk.get(&path).await;
    assert!(!listed.to_string().contains(key));
    assert_eq!(listed["data"][0]["last_four"], key[key.len() - 4..]);
    let news = desk.page(Some(known.epoch), known.last.0).await;
    let [Entry::Credential(credential)] = news.entries.as_slice() else {
        panic!("one credential: {:?}", news.entries);
    };
    assert_eq!(credential.digest, ApiKey::new(key).digest());
    assert_eq!(credential.application, application.id);
    news
}

async fn a_revoked_developer_loses_access_but_not_the_key(
    desk: &Desk,
    published: &Published,
    known: Page,
) -> Page {
    decide(desk, published, "revoked").await;
    let (revoked, known) = the_application(desk, known).await;
    assert_eq!(revoked.state, ApplicationState::Suspended);
    let known = a_portal_may_keep_the_traffic(desk, published, known).await;
    decide(desk, published, "approved").await;
    let (approved, known) = the_application(desk, known).await;
    assert_eq!(approved.state, ApplicationState::Active);
    known
}

async fn a_portal_may_keep_the_traffic(desk: &Desk, published: &Published, known: Page) -> Page {
    let portal = format!("/v2/portals/{}", published.portal);
    desk.patch(&portal, json!({"revoke_keeps_traffic": true}))
        .await;
    let (kept, known) = the_application(desk, known).await;
    assert_eq!(kept.state, ApplicationState::Active, "as in Konnect");
    desk.patch(&portal, json!({"revoke_keeps_traffic": false}))
        .await;
    let (stopped, known) = the_application(desk, known).await;
    assert_eq!(stopped.state, ApplicationState::Suspended);
    known
}

async fn a_removed_strategy_closes_the_version(desk: &Desk, published: &Published, known: Page) {
    let path = format!(
        "/v2/portals/{}/product-versions/{}",
        published.portal, published.version
    );
    let change = json!({"application_registration_enabled": false, "auth_strategy_ids": []});
    desk.patch(&path, change).await;
    let news = desk.page(Some(known.epoch), known.last.0).await;
    let [Entry::Service(service)] = news.entries.as_slice() else {
        panic!("one service: {:?}", news.entries);
    };
    assert_eq!(service.access, Access::Closed, "where Kong would open it");
}

async fn a_removed_developer_takes_everything_along(
    desk: &Desk,
    published: &Published,
    known: Page,
) {
    desk.delete(&developer(desk, published).await).await;
    let news = desk.page(Some(known.epoch), known.last.0).await;
    let removed = |entry: &&Entry| matches!(entry, Entry::Removed(_));
    let removed: Vec<_> = news.entries.iter().filter(removed).collect();
    assert!(matches!(
        removed.as_slice(),
        [
            Entry::Removed(Removed::Application(_)),
            Entry::Removed(Removed::Credential(_)),
        ]
    ));
    let path = format!("/v2/portals/{}/applications", published.portal);
    assert_eq!(desk.get(&path).await["meta"]["page"]["total"], 0);
}

async fn decide(desk: &Desk, published: &Published, status: &str) {
    let path = developer(desk, published).await;
    desk.patch(&path, json!({"status": status})).await;
}

async fn developer(desk: &Desk, published: &Published) -> String {
    let path = format!("/v2/portals/{}/developers", published.portal);
    let list: Value = desk.get(&path).await;
    format!("{path}/{}", list["data"][0]["id"].as_str().unwrap())
}

/// Reads the news, which must be about one application and nothing else.
async fn the_application(desk: &Desk, known: Page) -> (Application, Page) {
    let news = desk.page(Some(known.epoch), known.last.0).await;
    assert!(news.is_complete());
    match news.entries.as_slice() {
        [Entry::Application(application)] => (application.clone(), news),
        other => panic!("one application: {other:?}"),
    }
}
