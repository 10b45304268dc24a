//! A registry that was installed a moment ago: nobody has a way in that the installer did not make.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use keystile_registry::storage::{Range, Wanted, developer, outbox, people, token};
use stage::client::Request;
use stage::places;
use stage::port::Port;
use stage::registry::{Database, Registry};
use tempfile::TempDir;

use crate::desk::empty_registry;

/// What comes with other products, and what people put where a secret should be.
const USUAL: [(&str, &str); 5] = [
    ("admin", "admin"),
    ("admin@example.com", "admin"),
    ("admin@localhost", "password"),
    ("kong", "kong"),
    ("keystile@localhost", "changeme"),
];

/// A registry that is told its database and a port or two, and nothing else.
struct Serving(Child);

impl Serving {
    fn begin(folder: &Path, flags: &[&str]) -> Self {
        let mut command = Command::new(places::registry().unwrap());
        let database = format!("sqlite:{}", folder.join("keystile.db").display());
        command.args(["serve", "--database", &database]).args(flags);
        command.stdin(Stdio::null()).current_dir(folder);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    /// Returns where it says that it listens, or why it does not: somebody may have the port.
    fn said(mut self) -> String {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let mut said: Vec<String> = lines.take(3).map(Result::unwrap).collect();
        if said.len() < 3 {
            let mut error = String::new();
            let stderr = self.0.stderr.as_mut().unwrap();
            stderr.read_to_string(&mut error).unwrap();
            said.push(error);
        }
        said.join("\n")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn a_new_registry_has_no_account_no_token_and_no_link() {
    let (registry, _folder) = empty_registry().await;
    let wanted = Wanted::all(Range::FIRST);
    let mut snapshot = registry.storage.read().await.unwrap();
    let counts = [
        people::list(&mut snapshot, &wanted).await.unwrap().total,
        token::list(&mut snapshot, &wanted).await.unwrap().total,
        developer::list(&mut snapshot, &wanted).await.unwrap().total,
        outbox::list(&mut snapshot, &wanted).await.unwrap().total,
    ];
    assert_eq!(counts, [0; 4], "threat 128");
}

#[test]
fn nobody_gets_into_a_new_registry_with_what_is_usual_elsewhere() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let listeners = registry.listeners();
    for (name, password) in USUAL {
        let body = serde_json::json!({"username": name, "password": password}).to_string();
        let answer = Request::post("/api/v2/developer/authenticate")
            .header("content-type", "application/json")
            .body(body)
            .send(listeners.portal)
            .unwrap();
        assert!(matches!(answer.status, 400 | 401), "threat 128: {name}");
        for (listener, path) in [
            (listeners.admin, "/admin/v1/tokens"),
            (listeners.gateway, "/gateway/v1/state"),
        ] {
            assert_eq!(with_token(listener, path, password), 401, "threat 128");
        }
    }
}

#[test]
fn the_place_for_a_token_in_the_shipped_configuration_opens_nothing() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let file = std::fs::read_to_string(places::repository("envoy/registry-token.yaml")).unwrap();
    let (_, rest) = file.split_once("inline_string: \"").unwrap();
    let (placeholder, _) = rest.split_once('"').unwrap();
    let gateway = registry.listeners().gateway;
    assert_eq!(with_token(gateway, "/gateway/v1/state", placeholder), 401);
    let token = registry.gateway_token();
    assert_eq!(with_token(gateway, "/gateway/v1/state", token), 200);
}

#[test]
fn a_secret_in_the_configuration_is_refused_since_there_is_none_to_be_set() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("keystile.toml");
    for name in ["secret", "admin_token", "admin_password"] {
        std::fs::write(&file, format!("{name} = \"changeme\"\n")).unwrap();
        let said = Serving::begin(folder.path(), &["--config", "keystile.toml"]).said();
        assert!(said.contains(name), "threat 128: {said}");
        assert!(said.contains("no setting"), "threat 128: {said}");
        assert!(!said.contains("changeme"), "it may be somebody's: {said}");
    }
}

#[test]
fn administrators_and_gateways_are_served_on_this_machine_alone_unless_it_is_said() {
    let folder = TempDir::new().unwrap();
    let (one, other) = (Port::claim().unwrap(), Port::claim().unwrap());
    let (one, other) = (one.address().to_string(), other.address().to_string());
    for (given, not_given, default) in [
        ("--gateway-listen", "admin", "127.0.0.1:8001"),
        ("--admin-listen", "gateways", "127.0.0.1:8005"),
    ] {
        let flags = ["--portal-listen", &one, given, &other];
        let said = Serving::begin(folder.path(), &flags).said();
        let line = said.lines().find(|line| line.contains(not_given));
        let line = line.unwrap_or_else(|| panic!("threat 128: {said}"));
        assert!(line.contains(default), "threat 128: {line}");
    }
}

fn with_token(listener: SocketAddr, path: &str, token: &str) -> u16 {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    request.send(listener).unwrap().status
}
