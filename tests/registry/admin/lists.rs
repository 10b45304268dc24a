//! Lists: filtered, sorted, in pages.

use serde_json::{Value, json};

use crate::desk::Desk;

async fn names(desk: &Desk, query: &str) -> Vec<String> {
    let list = desk.get(&format!("/v2/api-products?{query}")).await;
    let items = list["data"].as_array().unwrap().iter();
    let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
    items.map(name).collect()
}

async fn desk() -> Desk {
    let desk = Desk::on_sqlite().await;
    for name in ["banana", "Apple", "cherry"] {
        desk.post("/v2/api-products", json!({"name": name})).await;
        desk.advance_ms(1000);
    }
    desk
}

#[tokio::test]
async fn a_list_is_sorted_by_what_is_asked_for_whatever_the_case() {
    let desk = desk().await;
    for (query, expected) in [
        ("", ["banana", "Apple", "cherry"]),
        ("sort=name", ["Apple", "banana", "cherry"]),
        ("sort=name%20desc", ["cherry", "banana", "Apple"]),
        ("sort=created_at%20desc", ["cherry", "Apple", "banana"]),
    ] {
        assert_eq!(names(&desk, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_what_is_asked_for() {
    let desk = desk().await;
    for (query, expected) in [
        ("filter%5Bname%5D=banana", &["banana"][..]),
        ("filter%5Bname%5D%5Beq%5D=apple", &[]),
        ("filter%5Bname%5D%5Bcontains%5D=AN", &["banana"]),
        ("filter%5Bname%5D%5Bneq%5D=banana", &["Apple", "cherry"]),
        (
            "filter%5Bname%5D%5Boeq%5D=banana,cherry",
            &["banana", "cherry"],
        ),
        ("filter%5Bname%5D%5Bcontains%5D=%25", &[]),
        (
            "filter%5Bcreated_at%5D%5Blt%5D=2025-11-11T00:18:51.120Z",
            &["banana"],
        ),
    ] {
        assert_eq!(names(&desk, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_asked_so_says_why() {
    let desk = Desk::on_sqlite().await;
    for (query, field) in [
        ("filter%5Bcolour%5D=red", "filter[colour]"),
        ("filter%5Bname%5D%5Blike%5D=a", "filter[name][like]"),
        ("filter%5Bid%5D=1", "filter[id]"),
        ("filter%5Bid%5D%5Bcontains%5D=1", "filter[id]"),
        ("filter%5Bcreated_at%5D=yesterday", "filter[created_at]"),
        ("sort=colour", "sort"),
        ("sort=name%20up", "sort"),
        ("page%5Bsize%5D=0", "page[size]"),
    ] {
        let path = format!("/v2/api-products?{query}");
        let answer = desk.admin("GET", &path, Value::Null).await.expect(400);
        assert_eq!(answer["invalid_parameters"][0]["field"], field, "{query}");
    }
}

#[tokio::test]
async fn every_list_is_sorted_by_its_own_fields_on_both_databases() {
    let desk = Desk::on_sqlite().await;
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let portal = format!("/v2/portals/{}", portal.as_str().unwrap());
    for (path, fields) in [
        (
            format!("{portal}/developers"),
            "email,full_name,status,created_at",
        ),
        (
            format!("{portal}/applications"),
            "name,reference_id,updated_at",
        ),
        (
            format!("{portal}/application-registrations"),
            "status,application_name,developer_email,product_name,product_version_name,created_at",
        ),
        (
            format!("{portal}/product-versions"),
            "publish_status,created_at",
        ),
        (
            "/v2/application-auth-strategies".to_owned(),
            "name,display_name",
        ),
        ("/admin/v1/services".to_owned(), "name,public,updated_at"),
        ("/admin/v1/tokens".to_owned(), "name,expires_at,revoked_at"),
        ("/admin/v1/outbox".to_owned(), "recipient,template,sent_at"),
        ("/admin/v1/administrators".to_owned(), "email,role"),
        (
            "/admin/v1/audit".to_owned(),
            "at,actor_kind,actor_email,action,source",
        ),
    ] {
        desk.get(&format!("{path}?sort={fields}")).await;
    }
}
