//! A browser: it keeps cookies and sends them where they belong.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use keystile_registry::http;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::desk::{Desk, Published};

/// A password that may be chosen.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A browser with its cookies.
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, Cookie>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// A cookie as the portal set it.
#[derive(Debug, Clone)]
pub(crate) struct Cookie {
    pub(crate) value: String,
    pub(crate) attributes: Vec<String>,
}

/// What the portal answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

// === impl Browser ===

impl Browser {
    /// Opens a browser nobody is logged in with.
    pub(crate) fn new(desk: &Desk) -> Self {
        Self {
            router: http::portal_router(&desk.registry),
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// Opens a browser with a developer logged in, whom an administrator added.
    pub(crate) async fn of_developer(desk: &Desk, email: &str) -> Self {
        add_developer(desk, email).await;
        let mut browser = Self::new(desk);
        browser.set_password(desk, email, PASSWORD).await;
        browser.log_in(email, PASSWORD).await.expect(204);
        browser
    }

    /// Opens another tab: it starts with the same cookies.
    pub(crate) fn tab(&self) -> Self {
        Self {
            router: self.router.clone(),
            cookies: self.cookies.clone(),
            headers: Vec::new(),
        }
    }

    /// Follows the link that waits in the outbox, and sets a password.
    pub(crate) async fn set_password(&mut self, desk: &Desk, email: &str, password: &str) {
        let token = link_token(desk, email).await;
        let verified = self
            .post("/developer/verify-email", json!({"token": token}))
            .await
            .expect(202);
        let body = json!({"token": verified["token"], "password": password});
        self.post("/developer/reset-password", body)
            .await
            .expect(204);
    }

    pub(crate) async fn log_in(&mut self, email: &str, password: &str) -> Reply {
        let body = json!({"username": email, "password": password});
        self.post("/developer/authenticate", body).await
    }

    /// Adds an application that could register for what is published; returns its path.
    pub(crate) async fn application(&mut self, published: &Published) -> String {
        let body = json!({"name": "Weather", "auth_strategy_id": published.strategy});
        let added = self.post("/applications", body).await.expect(201);
        format!("/applications/{}", added["id"].as_str().unwrap())
    }

    /// Registers an application for what is published; returns the registration's path.
    pub(crate) async fn register(&mut self, application: &str, published: &Published) -> String {
        let path = format!("{application}/registrations");
        let body = json!({"product_version_id": published.version});
        let added = self.post(&path, body).await.expect(201);
        format!("{path}/{}", added["id"].as_str().unwrap())
    }

    /// Takes a key; returns it and the credential's path.
    pub(crate) async fn issue(&mut self, application: &str) -> (String, String) {
        let path = format!("{application}/credentials");
        let issued = self.post(&path, json!({})).await.expect(201);
        let key = issued["credential"].as_str().unwrap().to_owned();
        (key, format!("{path}/{}", issued["id"].as_str().unwrap()))
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, Value::Null).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Reply {
        self.send("POST", path, body).await
    }

    pub(crate) async fn patch(&mut self, path: &str, body: Value) -> Reply {
        self.send("PATCH", path, body).await
    }

    pub(crate) async fn put(&mut self, path: &str, body: Value) -> Reply {
        self.send("PUT", path, body).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Reply {
        self.send("DELETE", path, Value::Null).await
    }

    /// Sends a request below `/api/v2`, with JSON unless there is none.
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: Value) -> Reply {
        if body.is_null() {
            return self.send_text(method, path, "").await;
        }
        let json = "application/json".to_owned();
        self.headers.push(("content-type", json));
        let reply = self.send_text(method, path, &body.to_string()).await;
        self.headers.pop();
        reply
    }

    /// Sends a request below `/api/v2`, or wherever the path says, with the cookies that belong there.
    pub(crate) async fn send_text(&mut self, method: &str, path: &str, text: &str) -> Reply {
        let uri = if path.starts_with("/api/") {
            path.to_owned()
        } else {
            format!("/api/v2{path}")
        };
        let mut request = Request::builder().method(method).uri(&uri);
        for (name, cookie) in &self.cookies {
            if uri.starts_with(cookie.path()) {
                request = request.header("cookie", format!("{name}={}", cookie.value));
            }
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(text.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request);
        let (head, body) = response.await.unwrap().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let reply = Reply {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        };
        self.keep(&reply);
        reply
    }

    fn keep(&mut self, reply: &Reply) {
        for (name, cookie) in reply.cookies() {
            if cookie.attributes.iter().any(|part| part == "Max-Age=0") {
                self.cookies.remove(&name);
            } else {
                self.cookies.insert(name, cookie);
            }
        }
    }
}

// === impl Cookie ===

impl Cookie {
    fn path(&self) -> &str {
        let mut paths = self.attributes.iter();
        paths
            .find_map(|part| part.strip_prefix("Path="))
            .unwrap_or("/")
    }
}

// === impl Reply ===

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Returns the body if the status is what it should be.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    /// Returns the body without what belongs to one request alone.
    pub(crate) fn anonymised(&self) -> (u16, Value) {
        let mut body = self.json();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
            members.remove("instance");
        }
        (self.status.as_u16(), body)
    }

    pub(crate) fn cookies(&self) -> Vec<(String, Cookie)> {
        let values = self.headers.get_all("set-cookie").iter();
        values
            .map(|value| {
                let mut parts = value.to_str().unwrap().split("; ");
                let (name, value) = parts.next().unwrap().split_once('=').unwrap();
                let cookie = Cookie {
                    value: value.to_owned(),
                    attributes: parts.map(str::to_owned).collect(),
                };
                (name.to_owned(), cookie)
            })
            .collect()
    }
}

/// Lets an administrator add a developer.
pub(crate) async fn add_developer(desk: &Desk, email: &str) -> Value {
    let body = json!({"email": email, "full_name": "Ada Lovelace"});
    desk.post("/admin/v1/developers", body).await
}

/// Returns the newest link to an address that still waits in the outbox.
pub(crate) async fn link(desk: &Desk, email: &str) -> Option<String> {
    let outbox = desk.get("/admin/v1/outbox?page[size]=100").await;
    let mails = outbox["data"].as_array().unwrap();
    mails
        .iter()
        .filter(|mail| mail["recipient"] == email)
        .find_map(|mail| mail["content"]["link"].as_str().map(str::to_owned))
}

/// Returns the token of the newest link to an address.
pub(crate) async fn link_token(desk: &Desk, email: &str) -> String {
    let link = link(desk, email).await.unwrap();
    link.split_once("token=").unwrap().1.to_owned()
}
