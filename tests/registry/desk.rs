//! A registry on a database of its own, and what administrators and gateways ask of it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use keystile_protocol::id::{ApplicationId, Epoch, ProductVersionId};
use keystile_protocol::state::{Entry, Page};
use keystile_protocol::wire;
use keystile_registry::clock::{Clock, ManualClock};
use keystile_registry::domain::access::{Role, Scope};
use keystile_registry::domain::credential::WeakKeys;
use keystile_registry::domain::text::{Email, Line};
use keystile_registry::domain::timestamp::Timestamp;
use keystile_registry::http;
use keystile_registry::operator::{self, NewToken};
use keystile_registry::random::Random;
use keystile_registry::registry::{Registry, Settings};
use keystile_registry::storage::DatabaseUrl;
use serde_json::{Value, json};
use stage::postgres::PostgreSql;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// When the tests' clock begins: 2025-11-11T00:18:50.120Z.
pub(crate) const NOW: Timestamp = Timestamp(1_762_820_330_120);

const ADMIN: &str = "admin@example.test";

/// A registry with tokens.
pub(crate) struct Desk {
    pub(crate) registry: Arc<Registry>,
    admin: Router,
    gateway: Router,
    pub(crate) admin_token: String,
    pub(crate) gateway_token: String,
    keep: Keep,
}

/// What goes away with the desk.
pub(crate) enum Keep {
    File(Arc<TempDir>),
    Server(#[expect(dead_code, reason = "it is kept, not read")] Arc<PostgreSql>),
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub(crate) fn page(&self) -> Page {
        assert_eq!(self.status, StatusCode::OK, "{}", self.json());
        wire::decode(&self.bytes).unwrap()
    }

    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.json());
        self.json()
    }
}

/// What most tests begin with: a product version that can be registered for.
pub(crate) struct Published {
    pub(crate) portal: String,
    pub(crate) product: String,
    pub(crate) version: ProductVersionId,
    pub(crate) strategy: String,
}

impl Desk {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = DatabaseUrl::Sqlite(folder.path().join("keystile.db"));
        Self::open(
            &database,
            Keep::File(Arc::new(folder)),
            1,
            WeakKeys::Allowed,
        )
        .await
    }

    pub(crate) async fn on_postgres(server: &Arc<PostgreSql>, seed: u64) -> Self {
        let database = server.url().parse().unwrap();
        Self::open(
            &database,
            Keep::Server(Arc::clone(server)),
            seed,
            WeakKeys::Allowed,
        )
        .await
    }

    /// Opens the same database once more, as another process would.
    pub(crate) async fn beside(&self) -> Self {
        self.again(WeakKeys::Allowed).await
    }

    /// Opens the same database once more, by a registry that refuses guessable keys.
    pub(crate) async fn strict(&self) -> Self {
        self.again(WeakKeys::Refused).await
    }

    async fn again(&self, weak_keys: WeakKeys) -> Self {
        let Keep::File(folder) = &self.keep else {
            panic!("only files are opened again");
        };
        let database = DatabaseUrl::Sqlite(folder.path().join("keystile.db"));
        Self::open(&database, Keep::File(Arc::clone(folder)), 2, weak_keys).await
    }

    async fn open(database: &DatabaseUrl, keep: Keep, seed: u64, weak_keys: WeakKeys) -> Self {
        let mut settings = Settings::local().unwrap();
        settings.weak_keys = weak_keys;
        let registry = Registry::open(
            database,
            settings,
            Clock::Manual(ManualClock::at(NOW)),
            Random::seeded(seed),
        )
        .await
        .unwrap();
        let email = Email::parse(&format!("{seed}{ADMIN}")).unwrap();
        operator::create_admin(&registry, email.clone(), Role::Owner)
            .await
            .unwrap();
        Self {
            admin: http::admin_router(&registry),
            gateway: http::gateway_router(&registry),
            admin_token: token(&registry, &email, Scope::Admin).await,
            gateway_token: token(&registry, &email, Scope::Gateway).await,
            registry,
            keep,
        }
    }

    /// Moves the clock on.
    pub(crate) fn advance_ms(&self, milliseconds: i64) {
        advance(&self.registry.clock, milliseconds);
    }

    /// Reads the files of the database.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let Keep::File(folder) = &self.keep else {
            panic!("only a database of files has them");
        };
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
            .collect()
    }

    pub(crate) async fn admin(&self, method: &str, path: &str, body: Value) -> Answer {
        self.admin_as(&self.admin_token, (method, path), body).await
    }

    pub(crate) async fn admin_as(
        &self,
        token: &str,
        (method, path): (&str, &str),
        body: Value,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        send(&self.admin, request.body(body).unwrap()).await
    }

    /// Asks with headers of its own.
    pub(crate) async fn admin_request(&self, mut request: Request<Body>) -> Answer {
        let token = format!("Bearer {}", self.admin_token).parse().unwrap();
        request.headers_mut().insert("authorization", token);
        send(&self.admin, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.admin("GET", path, Value::Null).await.expect(200)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.admin("POST", path, body).await.expect(201)
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        self.admin("PATCH", path, body).await.expect(200)
    }

    pub(crate) async fn delete(&self, path: &str) {
        self.admin("DELETE", path, Value::Null).await.expect(204);
    }

    pub(crate) async fn gateway(
        &self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> Answer {
        let token = format!("Bearer {}", self.gateway_token);
        let request = request.header("authorization", token).body(body).unwrap();
        send(&self.gateway, request).await
    }

    /// Asks with another `authorization`, or with none.
    pub(crate) async fn gateway_as(
        &self,
        authorization: &str,
        request: axum::http::request::Builder,
    ) -> Answer {
        let request = if authorization.is_empty() {
            request
        } else {
            request.header("authorization", authorization)
        };
        send(&self.gateway, request.body(Body::empty()).unwrap()).await
    }

    /// Asks for a page, without waiting.
    pub(crate) async fn page(&self, epoch: Option<Epoch>, after: i64) -> Page {
        self.page_within(epoch, after, 0).await
    }

    /// Asks for a page and waits for news.
    pub(crate) async fn page_within(&self, epoch: Option<Epoch>, after: i64, wait_ms: u64) -> Page {
        let epoch = epoch.map(|epoch| epoch.to_string()).unwrap_or_default();
        let uri = format!(
            "/gateway/v1/state?epoch={epoch}&after={after}&wait_ms={wait_ms}&gateway=test&vm=1"
        );
        self.gateway(Request::get(uri), Body::empty()).await.page()
    }

    /// Reads everything from the start.
    pub(crate) async fn everything(&self) -> Vec<Entry> {
        let mut page = self.page(None, 0).await;
        let mut entries = std::mem::take(&mut page.entries);
        while !page.is_complete() {
            page = self.page(Some(page.epoch), page.last.0).await;
            assert!(!page.start_over, "an unbroken history is read through");
            entries.append(&mut page.entries);
        }
        entries
    }

    /// Publishes version v1 of product Mock with registration enabled.
    pub(crate) async fn publish(&self) -> Published {
        let portal = self.get("/v2/portals").await["data"][0]["id"].clone();
        let portal = portal.as_str().unwrap().to_owned();
        let strategy = self
            .post(
                "/v2/application-auth-strategies",
                json!({"name": "key-auth", "display_name": "Key", "strategy_type": "key_auth",
                       "configs": {"key-auth": {"key_names": ["apikey"]}}}),
            )
            .await;
        let product = self.post("/v2/api-products", json!({"name": "Mock"})).await;
        let product = product["id"].as_str().unwrap().to_owned();
        let versions = format!("/v2/api-products/{product}/product-versions");
        let version = self.post(&versions, json!({"name": "v1"})).await;
        self.post(
            &format!("/v2/portals/{portal}/product-versions"),
            json!({"product_version_id": version["id"], "publish_status": "published",
                   "application_registration_enabled": true, "auto_approve_registration": false,
                   "auth_strategy_ids": [strategy["id"]]}),
        )
        .await;
        Published {
            portal,
            product,
            version: version["id"].as_str().unwrap().parse().unwrap(),
            strategy: strategy["id"].as_str().unwrap().to_owned(),
        }
    }

    /// Adds an application that nobody owns.
    pub(crate) async fn application(&self, name: &str) -> ApplicationId {
        let made = self
            .post("/admin/v1/applications", json!({"name": name}))
            .await;
        made["id"].as_str().unwrap().parse().unwrap()
    }
}

/// A registry nobody has touched yet, and the folder it is in.
pub(crate) async fn empty_registry() -> (Arc<Registry>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::in_folder(
        folder.path(),
        Settings::local().unwrap(),
        Clock::Manual(ManualClock::at(NOW)),
        Random::seeded(1),
    );
    (registry.await.unwrap(), folder)
}

/// Moves a desk's clock on.
pub(crate) fn advance(clock: &Clock, milliseconds: i64) {
    let Clock::Manual(clock) = clock else {
        panic!("only a clock that stands still is moved");
    };
    clock.advance_ms(milliseconds);
}

async fn token(registry: &Arc<Registry>, email: &Email, scope: Scope) -> String {
    let new = NewToken {
        name: Line::parse("test").unwrap(),
        scopes: vec![scope],
        expires_at: None,
        once: None,
    };
    operator::issue_token(registry, email, new).await.unwrap()
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    Answer {
        status: head.status,
        headers: head.headers,
        bytes: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    }
}
