//! `/api/v2/applications` and `/api/v2/applications/auth-strategies`

use serde_json::json;

use crate::desk::Desk;
use crate::portal::browser::Browser;

const ADA: &str = "ada@example.test";
const NOW: &str = "2025-11-11T00:18:50.120Z";

#[tokio::test]
async fn an_application_is_added_shown_changed_and_removed() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let body = json!({
        "name": "Weather", "reference_id": "w-1", "description": "Rain or shine",
        "auth_strategy_id": published.strategy,
    });
    let added = ada.post("/applications", body).await.expect(201);
    let expected = json!({
        "id": added["id"], "name": "Weather", "reference_id": "w-1",
        "description": "Rain or shine", "redirect_uri": null,
        "auth_strategy": {
            "id": published.strategy, "name": "Key", "credential_type": "key_auth",
            "key_names": ["apikey"],
        },
        "created_at": NOW, "updated_at": NOW,
    });
    assert_eq!(added, expected);
    let path = format!("/applications/{}", added["id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await.expect(200), expected);
    let listed = ada.get("/applications").await.expect(200);
    let page = json!({"number": 1, "size": 10, "total": 1});
    assert_eq!(listed, json!({"data": [expected], "meta": {"page": page}}));
    desk.advance_ms(1000);
    let changed = ada
        .patch(&path, json!({"name": "Climate", "description": ""}))
        .await
        .expect(200);
    let mut expected = expected;
    expected["name"] = json!("Climate");
    expected["description"] = json!(null);
    expected["updated_at"] = json!("2025-11-11T00:18:51.120Z");
    assert_eq!(changed, expected);
    ada.delete(&path).await.expect(204);
    ada.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_reference_id_belongs_to_one_application_of_the_portal() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let mut bob = Browser::of_developer(&desk, "bob@example.test").await;
    let body = json!({
        "name": "Weather", "reference_id": "w-1", "auth_strategy_id": published.strategy,
    });
    ada.post("/applications", body.clone()).await.expect(201);
    ada.post("/applications", body.clone()).await.expect(409);
    bob.post("/applications", body).await.expect(409);
    let other = bob.application(&published).await;
    bob.patch(&other, json!({"reference_id": "w-1"}))
        .await
        .expect(409);
    let listed = bob.get("/applications").await.expect(200);
    assert_eq!(
        listed["meta"]["page"]["total"], 1,
        "a refused one never was"
    );
}

#[tokio::test]
async fn a_reference_id_is_made_where_none_is_given() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    for body in [
        json!({"name": "One", "auth_strategy_id": published.strategy}),
        json!({"name": "Two", "auth_strategy_id": published.strategy, "reference_id": ""}),
    ] {
        let added = ada.post("/applications", body).await.expect(201);
        assert_eq!(added["reference_id"].as_str().unwrap().len(), 36);
    }
}

#[tokio::test]
async fn the_portals_default_strategy_is_taken_where_none_is_given() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let body = json!({"name": "Weather"});
    let refused = ada.post("/applications", body.clone()).await.expect(400);
    assert_eq!(
        refused["invalid_parameters"][0]["field"],
        "auth_strategy_id"
    );
    desk.patch(
        &format!("/v2/portals/{}", published.portal),
        json!({"default_application_auth_strategy_id": published.strategy}),
    )
    .await;
    let added = ada.post("/applications", body).await.expect(201);
    assert_eq!(added["auth_strategy"]["id"], json!(published.strategy));
}

#[tokio::test]
async fn what_is_not_a_developers_to_decide_is_refused() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    for (field, value) in [
        (
            "developer_id",
            json!("8f0ba4a4-1b2c-4d5e-8f90-123456789abc"),
        ),
        ("status", json!("approved")),
        ("groups", json!(["admin"])),
        ("scopes", json!(["all"])),
        ("redirect_uri", json!("javascript:alert(1)")),
        ("redirect_uri", json!("not a url")),
        (
            "auth_strategy_id",
            json!("8f0ba4a4-1b2c-4d5e-8f90-123456789abc"),
        ),
        ("name", json!("two\nlines")),
    ] {
        let mut body = json!({"name": "Weather", "auth_strategy_id": published.strategy});
        body[field] = value;
        let refused = ada.post("/applications", body).await.expect(400);
        assert_eq!(
            refused["invalid_parameters"][0]["field"], field,
            "{refused}"
        );
    }
    let listed = ada.get("/applications").await.expect(200);
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn applications_are_listed_in_pages_and_by_name() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    for name in ["Cloud", "aurora", "Breeze", "100%_cloudy"] {
        let body = json!({"name": name, "auth_strategy_id": published.strategy});
        ada.post("/applications", body).await.expect(201);
    }
    for (query, expected) in [
        ("page[size]=2", json!(["100%_cloudy", "aurora"])),
        (
            "page%5Bsize%5D=2&page%5Bnumber%5D=2",
            json!(["Breeze", "Cloud"]),
        ),
        ("filter[name]=Cloud", json!(["Cloud"])),
        ("filter[name][eq]=cloud", json!([])),
        (
            "filter[name][contains]=CLOUD",
            json!(["100%_cloudy", "Cloud"]),
        ),
        (
            "filter%5Bname%5D%5Bcontains%5D=%25_",
            json!(["100%_cloudy"]),
        ),
    ] {
        let listed = ada.get(&format!("/applications?{query}")).await.expect(200);
        let names = listed["data"].as_array().unwrap().iter();
        let names: Vec<_> = names.map(|item| item["name"].clone()).collect();
        assert_eq!(json!(names), expected, "{query}");
    }
}

#[tokio::test]
async fn the_strategies_of_the_portal_are_listed() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let listed = ada.get("/applications/auth-strategies").await.expect(200);
    assert_eq!(
        listed["data"],
        json!([{
            "id": published.strategy, "name": "Key", "credential_type": "key_auth",
            "key_names": ["apikey"],
        }])
    );
    let other = "/applications/auth-strategies?filter[credential_type]=client_credentials";
    assert_eq!(ada.get(other).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn of_many_who_want_one_reference_id_at_once_one_gets_it() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let ada = Browser::of_developer(&desk, ADA).await;
    let body = json!({
        "name": "Weather", "reference_id": "w-1", "auth_strategy_id": published.strategy,
    });
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (mut tab, body) = (ada.tab(), body.clone());
        tries.spawn(async move { tab.post("/applications", body).await.status.as_u16() });
    }
    let mut statuses = tries.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert_eq!(statuses[1..], [409; 19]);
}

#[tokio::test]
async fn a_name_that_no_header_can_carry_is_refused() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(&desk, ADA).await;
    let application = ada.application(&published).await;
    for name in [
        "a\nb",
        "a\r\nX-Consumer-ID: 1",
        "\u{7f}",
        "a\u{0}",
        "\u{85}",
    ] {
        let strategy = &published.strategy;
        let body = json!({"name": name, "auth_strategy_id": strategy});
        let refused = ada.post("/applications", body).await.expect(400);
        assert_eq!(
            refused["invalid_parameters"][0]["field"], "name",
            "{name:?}"
        );
        for field in ["name", "reference_id"] {
            let refused = ada.patch(&application, json!({field: name})).await;
            let refused = refused.expect(400);
            assert_eq!(refused["invalid_parameters"][0]["field"], field, "{name:?}");
        }
    }
}
