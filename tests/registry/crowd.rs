//! Many at the same time: rules that count hold on both databases.

use keystile_registry::self_service::application::MOST_APPLICATIONS;
use serde_json::json;
use tokio::task::JoinSet;

use crate::both::on_both;
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

async fn no_crowd_gets_more_applications_than_there_may_be(desk: &Desk) {
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(desk, "ada@example.test").await;
    let body = json!({"name": "App", "auth_strategy_id": published.strategy});
    let developer = ada.get("/developer/me").await.expect(200)["id"].clone();
    let mut given = body.clone();
    given["developer_id"] = developer;
    for _ in 0..MOST_APPLICATIONS - 10 {
        desk.post("/admin/v1/applications", given.clone()).await;
    }
    let statuses = at_once(&ada, 50, ("/applications", body)).await;
    assert_eq!((count(&statuses, 201), count(&statuses, 403)), (10, 40));
    let listed = ada.get("/applications").await.expect(200);
    assert_eq!(listed["meta"]["page"]["total"], MOST_APPLICATIONS);
}

/// Administrators who decide differently about one registration while its developer withdraws it.
async fn decisions_that_race_leave_a_state_that_follows(desk: &Desk) {
    let (published, mut ada, application) = stage(desk).await;
    let registration = ada.register(&application, &published).await;
    let path = format!("/v2/portals/{}{registration}", published.portal);
    let decide = async |status| {
        let answer = desk.admin("PATCH", &path, json!({"status": status})).await;
        answer.status.as_u16()
    };
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let (one, two, three) =
            tokio::join!(decide("approved"), decide("rejected"), decide("revoked"));
        statuses.extend([one, two, three]);
    }
    let (late, withdrawn) = tokio::join!(decide("revoked"), ada.delete(&registration));
    statuses.push(late);
    withdrawn.expect(204);
    let refused = count(&statuses, 409) + count(&statuses, 404);
    let decided = count(&statuses, 200);
    assert_eq!(decided + refused, statuses.len(), "{statuses:?}");
    assert_decisions_follow(desk, decided).await;
    ada.get(&registration).await.expect(404);
}

/// There is an entry for each decision, and none that could not follow from the one before.
async fn assert_decisions_follow(desk: &Desk, decided: usize) {
    let path = "/admin/v1/audit?page[size]=100&filter[action]=registration.decide";
    let audit = desk.get(path).await;
    assert_eq!(audit["meta"]["page"]["total"], decided, "an entry each");
    for entry in audit["data"].as_array().unwrap() {
        let (was, became) = (&entry["was"]["status"], &entry["became"]["status"]);
        let follows = was != "approved" || became != "rejected";
        assert!(follows, "what is approved is revoked and not rejected");
    }
}

/// A publication that approves by itself, and does not, while many register.
async fn each_registration_follows_the_policy_of_its_moment(desk: &Desk) {
    let (published, mut ada, _) = stage(desk).await;
    let mut applications = Vec::new();
    for _ in 0..20 {
        applications.push(ada.application(&published).await);
    }
    let mut asking = JoinSet::new();
    for application in applications {
        let (mut tab, version) = (ada.tab(), published.version);
        asking.spawn(async move {
            let body = json!({"product_version_id": version});
            let path = format!("{application}/registrations");
            tab.post(&path, body).await.expect(201)["id"].clone()
        });
    }
    let path = format!(
        "/v2/portals/{}/product-versions/{}",
        published.portal, published.version
    );
    for turn in 0..20 {
        let change = json!({"auto_approve_registration": turn % 2 == 0});
        desk.patch(&path, change).await;
    }
    assert_eq!(asking.join_all().await.len(), 20);
    assert_policy_is_followed(desk).await;
}

/// Reads the writes in their order: what a registration became is what the last change before it said.
async fn assert_policy_is_followed(desk: &Desk) {
    let mut entries = desk.get("/admin/v1/audit?page[size]=100").await["data"].clone();
    let entries = entries.as_array_mut().unwrap();
    entries.reverse();
    let (mut approves, mut followed) = (false, 0);
    for entry in entries {
        let became = &entry["became"];
        approves = became["auto_approve_registration"]
            .as_bool()
            .unwrap_or(approves);
        if entry["action"] == "registration.add" {
            let expected = if approves { "approved" } else { "pending" };
            assert_eq!(became["status"], expected, "{entry}");
            followed += 1;
        }
    }
    assert_eq!(followed, 20);
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
    no_crowd_gets_more_applications_than_there_may_be =>
        no_crowd_gets_more_applications_on_sqlite, no_crowd_gets_more_applications_on_postgres;
    decisions_that_race_leave_a_state_that_follows =>
        decisions_that_race_on_sqlite, decisions_that_race_on_postgres;
    each_registration_follows_the_policy_of_its_moment =>
        each_registration_follows_the_policy_on_sqlite,
        each_registration_follows_the_policy_on_postgres;
}
