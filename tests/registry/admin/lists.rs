//! Lists: filtered, sorted, in pages.

use serde_json::{Value, json};

use crate::both::on_both;
use crate::desk::Desk;
use crate::portal::browser::Browser;

/// A list, and the fields it can be asked by.
type Asked = (String, &'static str);

async fn names(desk: &Desk, query: &str) -> Vec<String> {
    let list = desk.get(&format!("/v2/api-products?{query}")).await;
    let items = list["data"].as_array().unwrap().iter();
    let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
    items.map(name).collect()
}

async fn a_list_is_what_is_asked_for(desk: &Desk) {
    for name in ["banana", "Apple", "cherry"] {
        desk.post("/v2/api-products", json!({"name": name})).await;
        desk.advance_ms(1000);
    }
    is_sorted_whatever_the_case(desk).await;
    is_filtered(desk).await;
    what_is_not_there_is_alike(desk).await;
}

async fn is_sorted_whatever_the_case(desk: &Desk) {
    for (query, expected) in [
        ("", ["banana", "Apple", "cherry"]),
        ("sort=name", ["Apple", "banana", "cherry"]),
        ("sort=name%20desc", ["cherry", "banana", "Apple"]),
        ("sort=created_at%20desc", ["cherry", "Apple", "banana"]),
    ] {
        assert_eq!(names(desk, query).await, expected, "{query}");
    }
}

/// What is not there comes last, and differs from everything.
async fn what_is_not_there_is_alike(desk: &Desk) {
    for (name, reference) in [("a", Some("Ref-1")), ("b", None), ("c", Some("ref-2"))] {
        let new = json!({"name": name, "reference_id": reference});
        desk.post("/admin/v1/applications", new).await;
    }
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let path = format!("/v2/portals/{}/applications", portal.as_str().unwrap());
    for (query, expected) in [
        ("sort=reference_id", "acb"),
        ("sort=reference_id%20desc", "cab"),
        ("sort=name&filter%5Breference_id%5D%5Bneq%5D=Ref-1", "bc"),
        ("sort=name&filter%5Breference_id%5D%5Bcontains%5D=REF", "ac"),
    ] {
        let list = desk.get(&format!("{path}?{query}")).await;
        let items = list["data"].as_array().unwrap().iter();
        let names: String = items.filter_map(|item| item["name"].as_str()).collect();
        assert_eq!(names, expected, "{query}");
    }
}

async fn is_filtered(desk: &Desk) {
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
        assert_eq!(names(desk, query).await, expected, "{query}");
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
        ("filter%5Bname%5D=a%00", "filter[name]"),
        ("sort=colour", "sort"),
        ("sort=name%20up", "sort"),
        ("page%5Bsize%5D=0", "page[size]"),
    ] {
        let path = format!("/v2/api-products?{query}");
        let answer = desk.admin("GET", &path, Value::Null).await.expect(400);
        assert_eq!(answer["invalid_parameters"][0]["field"], field, "{query}");
    }
}

/// Every list, with every field it has: one that is added to a list is added here.
async fn lists(desk: &Desk) -> Vec<Asked> {
    let published = desk.publish().await;
    let mut ada = Browser::of_developer(desk, "ada@example.test").await;
    let application = ada.application(&published).await;
    ada.register(&application, &published).await;
    ada.issue(&application).await;
    let portal = format!("/v2/portals/{}", published.portal);
    let versions = format!("/v2/api-products/{}/product-versions", published.product);
    let lists = [
        (
            "/v2/api-products".to_owned(),
            "id,name,created_at,updated_at",
        ),
        (versions, "id,name,deprecated,created_at,updated_at"),
        (
            format!("{portal}/developers"),
            "id,email,full_name,status,created_at,updated_at",
        ),
        (
            format!("{portal}/applications"),
            "id,name,reference_id,developer_id,auth_strategy_id,created_at,updated_at",
        ),
        (
            format!("{portal}/application-registrations"),
            "id,status,application_id,application_name,developer_id,developer_email,product_id,\
             product_name,product_version_id,product_version_name,created_at,updated_at",
        ),
        (
            format!("{portal}/product-versions"),
            "id,product_version_id,auth_strategy_id,publish_status,\
             application_registration_enabled,auto_approve_registration,created_at,updated_at",
        ),
        (
            "/v2/application-auth-strategies".to_owned(),
            "id,name,display_name,strategy_type,created_at,updated_at",
        ),
    ];
    [lists.to_vec(), our_lists(&application)].concat()
}

fn our_lists(application: &str) -> Vec<Asked> {
    vec![
        (
            "/admin/v1/services".to_owned(),
            "id,name,product_version_id,public,created_at,updated_at",
        ),
        (
            format!("/admin/v1{application}/credentials"),
            "id,display_name,created_at,updated_at",
        ),
        ("/admin/v1/tokens".to_owned(), "id,admin_id,name,created_at"),
        (
            "/admin/v1/outbox".to_owned(),
            "id,recipient,template,created_at",
        ),
        (
            "/admin/v1/administrators".to_owned(),
            "id,email,role,created_at,updated_at",
        ),
        (
            "/admin/v1/audit".to_owned(),
            "at,actor_kind,actor_id,admin_id,actor_email,action,subject_id,request_id",
        ),
    ]
}

/// Fields that are not what they are filtered by: an address is compared in lower case.
fn is_asked_as_shown(item: &Value, field: &str) -> bool {
    !item[field].is_null() && !field.ends_with("email") && field != "recipient"
}

async fn every_list_is_sorted_and_filtered_by_its_own_fields(desk: &Desk) {
    for (path, fields) in lists(desk).await {
        let fields: Vec<&str> = fields.split(',').collect();
        let sorted = desk.get(&format!("{path}?sort={}", fields.join(","))).await;
        let first = sorted["data"][0].clone();
        assert!(first.is_object(), "{path} has something in it");
        for field in fields {
            for direction in ["asc", "desc"] {
                desk.get(&format!("{path}?sort={field}%20{direction}"))
                    .await;
            }
            if is_asked_as_shown(&first, field) {
                is_found_by(desk, &path, (field, &first)).await;
            }
        }
    }
}

/// What is equal to a field of an item is found with the item, and what differs without it.
async fn is_found_by(desk: &Desk, path: &str, (field, item): (&str, &Value)) {
    let value = item[field]
        .as_str()
        .map_or_else(|| item[field].to_string(), str::to_owned);
    let query = |operator: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(&format!("filter[{field}][{operator}]"), &value);
        format!("{path}?page[size]=100&{}", query.finish())
    };
    let has = async |operator: &str| {
        let list = desk.get(&query(operator)).await;
        let items = list["data"].as_array().unwrap();
        items.iter().any(|other| other == item)
    };
    for operator in ["eq", "oeq"] {
        assert!(has(operator).await, "{path} {field} {operator} {value}");
    }
    assert!(!has("neq").await, "{path} {field} neq {value}");
}

on_both! {
    a_list_is_what_is_asked_for =>
        a_list_is_what_is_asked_for_on_sqlite, a_list_is_what_is_asked_for_on_postgres;
    every_list_is_sorted_and_filtered_by_its_own_fields =>
        every_list_is_asked_by_its_own_fields_on_sqlite,
        every_list_is_asked_by_its_own_fields_on_postgres;
}
