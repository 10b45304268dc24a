//! Who may do what: every operation the document of the admin API names, asked for by everyone.
//!
//! A route that is added later is covered without a word here, and has to be one that only whoever
//! may manage may change, unless it is in one of these lists.

use axum::http::StatusCode;
use keystile_registry::domain::access::{Role, Scope};
use keystile_registry::domain::text::{Email, Line};
use keystile_registry::operator::{self, NewToken};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::portal::browser::Browser;

/// What an approver decides.
const DECIDED: [(&str, &str); 3] = [
    ("PATCH", "/v2/portals/{portal}/developers/{developer}"),
    (
        "PATCH",
        "/v2/portals/{portal}/applications/{application}/registrations/{registration}",
    ),
    ("POST", "/admin/v1/registrations/decisions"),
];

/// What only owners change.
const OWNED: [(&str, &str); 7] = [
    ("PATCH", "/v2/portals/{portal}"),
    ("POST", "/admin/v1/tokens"),
    ("DELETE", "/admin/v1/tokens/{token}"),
    ("POST", "/admin/v1/administrators"),
    ("PATCH", "/admin/v1/administrators/{administrator}"),
    ("DELETE", "/admin/v1/administrators/{administrator}"),
    ("POST", "/admin/v1/administrators/{administrator}/link"),
];

/// What even looking at is not for everyone who may look.
const CONFIDENTIAL: [(&str, &str); 1] = [("GET", "/admin/v1/outbox")];

/// An operation, and a path that names nothing but the portal.
#[derive(Debug, Clone)]
struct Operation {
    method: String,
    template: String,
    path: String,
}

impl Operation {
    fn is_one_of(&self, list: &[(&str, &str)]) -> bool {
        list.contains(&(self.method.as_str(), self.template.as_str()))
    }

    fn is_looking(&self) -> bool {
        self.method == "GET"
    }
}

/// Every operation there is.
async fn operations(desk: &Desk) -> Vec<Operation> {
    let portal = desk.get("/v2/portals").await["data"][0]["id"].clone();
    let document = desk.get(DOCUMENT).await;
    let mut operations = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, _) in item.as_object().unwrap() {
            operations.push(operation(method, template, &portal));
        }
    }
    assert!(operations.len() > 60, "the document names them all");
    operations
}

const DOCUMENT: &str = "/openapi.json";

fn operation(method: &str, template: &str, portal: &Value) -> Operation {
    let nobody = uuid::Uuid::nil().to_string();
    let segments = template.split('/').map(|segment| match segment {
        "{portal}" => portal.as_str().unwrap(),
        _ if segment.starts_with('{') => nobody.as_str(),
        _ => segment,
    });
    Operation {
        method: method.to_uppercase(),
        template: template.to_owned(),
        path: segments.collect::<Vec<_>>().join("/"),
    }
}

/// Asks for an operation with an empty object, which few take.
async fn ask(desk: &Desk, token: &str, operation: &Operation) -> StatusCode {
    let path = (operation.method.as_str(), operation.path.as_str());
    desk.admin_as(token, path, json!({})).await.status
}

async fn token(desk: &Desk, scope: &str) -> String {
    let new = json!({"name": scope, "scopes": [scope]});
    let made = desk.post("/admin/v1/tokens", new).await;
    made["token"].as_str().unwrap().to_owned()
}

async fn operators_token(desk: &Desk) -> String {
    let email = Email::parse("operator@example.test").unwrap();
    operator::create_admin(&desk.registry, email.clone(), Role::Operator)
        .await
        .unwrap();
    let new = NewToken {
        name: Line::parse("operator").unwrap(),
        scopes: vec![Scope::Admin],
        expires_at: None,
        once: None,
    };
    operator::issue_token(&desk.registry, &email, new)
        .await
        .unwrap()
}

#[tokio::test]
async fn nobody_gets_in_without_a_live_token_of_the_admin_api() {
    let desk = Desk::on_sqlite().await;
    let revoked = token(&desk, "admin").await;
    let listed = desk.get("/admin/v1/tokens?sort=created_at%20desc").await;
    let last = listed["data"].as_array().unwrap();
    let last = last.iter().find(|token| token["name"] == "admin").unwrap();
    let path = format!("/admin/v1/tokens/{}", last["id"].as_str().unwrap());
    desk.delete(&path).await;
    let browser = Browser::of_developer(&desk, "ada@example.test").await;
    let session = browser.cookies["portalaccesstoken"].value.clone();
    for operation in operations(&desk).await {
        for stranger in ["", "kst_0", revoked.as_str(), session.as_str()] {
            let status = ask(&desk, stranger, &operation).await;
            assert_eq!(status, 401, "{operation:?} with `{stranger}`");
        }
        let status = ask(&desk, &desk.gateway_token, &operation).await;
        assert_eq!(status, 403, "{operation:?} by a gateway");
    }
}

#[tokio::test]
async fn who_may_look_only_looks_and_not_at_mails() {
    let desk = Desk::on_sqlite().await;
    let reader = token(&desk, "read").await;
    for operation in operations(&desk).await {
        let is_refused = ask(&desk, &reader, &operation).await == 403;
        let is_hidden = !operation.is_looking() || operation.is_one_of(&CONFIDENTIAL);
        assert_eq!(is_refused, is_hidden, "{operation:?}");
    }
}

#[tokio::test]
async fn who_may_decide_decides_and_changes_nothing_else() {
    let desk = Desk::on_sqlite().await;
    let approver = token(&desk, "approve").await;
    for operation in operations(&desk).await {
        let is_refused = ask(&desk, &approver, &operation).await == 403;
        let may = (operation.is_looking() && !operation.is_one_of(&CONFIDENTIAL))
            || operation.is_one_of(&DECIDED);
        assert_eq!(is_refused, !may, "{operation:?}");
    }
}

#[tokio::test]
async fn an_operator_changes_everything_but_what_is_the_owners() {
    let desk = Desk::on_sqlite().await;
    let operator = operators_token(&desk).await;
    for operation in operations(&desk).await {
        let is_refused = ask(&desk, &operator, &operation).await == 403;
        assert_eq!(is_refused, operation.is_one_of(&OWNED), "{operation:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_is_elsewhere_neither() {
    let desk = Desk::on_sqlite().await;
    for operation in operations(&desk).await {
        let names_something = operation.template.replace("{portal}", "").contains('{');
        if names_something && matches!(operation.method.as_str(), "GET" | "DELETE") {
            let status = ask(&desk, &desk.admin_token, &operation).await;
            assert_eq!(status, 404, "{operation:?}");
        }
    }
    let published = desk.publish().await;
    let other = desk
        .post("/v2/api-products", json!({"name": "Other"}))
        .await;
    let elsewhere = format!(
        "/v2/api-products/{}/product-versions/{}",
        other["id"].as_str().unwrap(),
        published.version
    );
    for method in ["GET", "PATCH", "DELETE"] {
        let answer = desk.admin(method, &elsewhere, json!({})).await;
        answer.expect(404);
    }
}
