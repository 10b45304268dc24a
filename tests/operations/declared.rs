//! `apply` and `export`: a portal kept in a file.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};
use tempfile::TempDir;

use crate::commands::{done, ended, refused};

/// One of everything that can be declared.
const WHOLE: &str = r#"
keystile: 1
portal:
  name: Weather portal
  description: What the sky does
  is_public: false
  auto_approve_developers: true
  default_strategy: keys
strategies:
  - name: keys
    display_name: API key
    key_names: [apikey, x-api-key]
    ttl: {value: 30, unit: days}
  - name: old-keys
    key_names: [key]
applications:
  - reference_id: guest
    name: Guest
    groups: [guests, all]
    registrations:
      - {product: Weather, version: v1}
products:
  - name: Weather
    description: Forecasts
    labels: {team: sky}
    public_labels: {area: earth}
    documents:
      - slug: start
        title: Getting started
        status: published
        content: |
          # Begin here
        documents:
          - {slug: keys, title: Keys, status: unpublished, content: "A key."}
      - {slug: end, title: The end, status: published}
    versions:
      - name: v1
        deprecated: true
        specification:
          name: weather.yaml
          content: |
            openapi: 3.1.0
            info: {title: Weather, version: "1"}
            paths: {}
        service:
          name: weather-v1
          proxy_url: https://api.example.com/weather
          key_auth: {key_in_body: true, anonymous: guest, realm: weather}
          acl: {deny: [banned]}
        publication:
          publish_status: published
          strategy: keys
          application_registration_enabled: true
          auto_approve_registration: true
      - name: v2
services:
  - name: open-data
    acl: {allow: [guests]}
    key_auth: {key_names: [key], hide_credentials: false}
"#;

struct Portal {
    registry: Registry,
    folder: TempDir,
}

impl Portal {
    fn on(database: &Database) -> Self {
        Self {
            registry: Registry::start(database).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.folder.path().join("portal.yaml");
        fs::write(&path, text).unwrap();
        path
    }

    fn apply(&self, text: &str, flags: &[&str]) -> String {
        let path = self.file(text);
        done(&mut self.registry.called(&arguments(&path, flags)).unwrap())
    }

    fn export(&self) -> String {
        done(&mut self.registry.called(&["export"]).unwrap())
    }
}

fn arguments<'a>(file: &'a Path, flags: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["apply", file.to_str().unwrap()];
    all.extend(flags);
    all
}

fn comes_back_as_it_was(database: &Database, other: &Database) {
    let portal = Portal::on(database);
    let said = portal.apply(WHOLE, &[]);
    assert!(said.contains("+ service `Weather` `v1`"), "{said}");
    assert_eq!(
        portal.apply(WHOLE, &["--prune"]),
        "nothing to change\n",
        "what was applied is there"
    );
    let exported = portal.export();
    assert_eq!(portal.apply(&exported, &["--prune"]), "nothing to change\n");
    let fresh = Portal::on(other);
    fresh.apply(&exported, &[]);
    assert_eq!(fresh.export(), exported, "nothing is lost on the way");
}

#[test]
fn what_is_exported_from_sqlite_and_applied_to_postgres_is_the_same() {
    let server = PostgreSql::start().unwrap();
    comes_back_as_it_was(&Database::Sqlite, &Database::Url(server.url()));
}

#[test]
fn what_is_exported_from_postgres_and_applied_to_sqlite_is_the_same() {
    let server = PostgreSql::start().unwrap();
    comes_back_as_it_was(&Database::Url(server.url()), &Database::Sqlite);
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let portal = Portal::on(&Database::Sqlite);
    portal.apply(WHOLE, &[]);
    let before = portal.export();
    let other = WHOLE
        .replace("deny: [banned]", "allow: [guests]")
        .replace("ttl: {value: 30, unit: days}", "default_credential: true")
        .replace("Forecasts", "Better forecasts");
    let path = portal.file(&other);
    let mut command = portal
        .registry
        .called(&arguments(&path, &["--dry-run"]))
        .unwrap();
    let dry = ended(&mut command);
    assert_eq!(dry.status, 2, "a status of its own: {}", dry.complaint);
    for line in [
        "~ product `Weather`\n    description: \"Forecasts\" -> \"Better forecasts\"",
        "    acl.allow: null -> [\"guests\"]",
        "    ttl: {\"value\":30,\"unit\":\"days\"} -> null",
        "0 would be added, 3 changed, 0 removed",
    ] {
        assert!(dry.out.contains(line), "{line}\nis not in\n{}", dry.out);
    }
    assert_eq!(portal.export(), before, "nothing has changed");
    portal.apply(&other, &[]);
    let path = portal.file(&other);
    done(
        &mut portal
            .registry
            .called(&arguments(&path, &["--dry-run"]))
            .unwrap(),
    );
}

#[test]
fn only_what_the_file_lists_is_pruned_and_only_when_asked() {
    let portal = Portal::on(&Database::Sqlite);
    portal.apply(WHOLE, &[]);
    let admin = portal.registry.admin().unwrap();
    admin.create_product("By hand").unwrap();
    admin.create_strategy("by-hand", &["key"]).unwrap();
    let some = WHOLE.replace("      - name: v2\n", "");
    assert_eq!(portal.apply(&some, &[]), "nothing to change\n");
    let without_strategies = some
        .split_once("strategies:")
        .map(|(before, rest)| {
            let (_, after) = rest.split_once("applications:").unwrap();
            format!("{before}applications:{after}")
        })
        .unwrap();
    let said = portal.apply(&without_strategies, &["--prune"]);
    assert!(said.contains("- product `By hand`"), "{said}");
    assert!(said.contains("- version `Weather` `v2`"), "{said}");
    assert!(said.contains("2 removed"), "no strategy was: {said}");
    let said = portal.apply(&some, &["--prune"]);
    assert!(said.contains("- strategy `by-hand`"), "{said}");
}

#[test]
fn a_file_with_a_mistake_is_refused_whole_and_the_field_is_named() {
    let portal = Portal::on(&Database::Sqlite);
    let before = portal.export();
    let path = portal.file(&WHOLE.replace("name: weather-v1", "name: Weather V1"));
    let complaint = refused(&mut portal.registry.called(&arguments(&path, &[])).unwrap());
    assert!(
        complaint.contains("portal.yaml`: `products[0].versions[0].service.name`: must be"),
        "{complaint}"
    );
    assert_eq!(portal.export(), before);
}

#[test]
fn a_step_that_fails_says_what_was_done_and_what_was_not() {
    let portal = Portal::on(&Database::Sqlite);
    portal.apply(WHOLE, &[]);
    // The name of a published service is for good, which only the registry knows.
    let other = WHOLE
        .replace("name: weather-v1", "name: weather-one")
        .replace("Forecasts", "Better forecasts");
    let path = portal.file(&other);
    let stopped = ended(&mut portal.registry.called(&arguments(&path, &[])).unwrap());
    assert_eq!(stopped.status, 1);
    assert!(stopped.out.contains("~ product `Weather`"), "{stopped:?}");
    for part in [
        "stopped at service `Weather` `v1`",
        "1 of the steps above were done, 1 not",
        "cannot change while the product version is published",
    ] {
        assert!(stopped.complaint.contains(part), "{part}: {stopped:?}");
    }
}

#[test]
fn an_export_holds_no_developers_and_no_secrets() {
    let portal = Portal::on(&Database::Sqlite);
    portal.apply(WHOLE, &[]);
    let admin = portal.registry.admin().unwrap();
    let developer = json!({"email": "ada@example.com", "full_name": "Ada"});
    let answer = admin.caller().post("/admin/v1/developers", &developer);
    answer.unwrap().expect(201).unwrap();
    let application = admin.create_application("Umbrella", "umbrella-1").unwrap();
    let key = admin.issue_key(application, "of a test").unwrap();
    let exported = portal.export();
    assert!(
        exported.contains("umbrella-1"),
        "applications of nobody's are declared"
    );
    for secret in [
        "ada@example.com",
        key.key.as_str(),
        portal.registry.admin_token(),
        &key.id.to_string(),
    ] {
        assert!(!exported.contains(secret), "{exported}");
    }
}

#[test]
fn a_token_that_may_not_or_a_registry_that_is_not_there_is_said() {
    let portal = Portal::on(&Database::Sqlite);
    let path = portal.file(WHOLE);
    let mut command = portal.registry.called(&arguments(&path, &[])).unwrap();
    command.env("KEYSTILE_TOKEN", portal.registry.gateway_token());
    let complaint = refused(&mut command);
    assert!(complaint.contains("403"), "{complaint}");
    assert!(!complaint.contains(portal.registry.gateway_token()));
    let mut command = portal.registry.called(&arguments(&path, &[])).unwrap();
    command.env("KEYSTILE_URL", "http://127.0.0.1:9");
    let complaint = refused(&mut command);
    assert!(
        complaint.contains("cannot reach the registry at `http://127.0.0.1:9/`"),
        "{complaint}"
    );
}

#[test]
fn the_published_schema_is_the_programs() {
    let portal = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/declaration.schema.json");
    let registry = stage::places::registry().unwrap();
    let printed = done(std::process::Command::new(registry).arg("schema"));
    let kept = fs::read_to_string(portal).unwrap_or_default();
    assert_eq!(
        kept, printed,
        "`keystile-registry schema > docs/declaration.schema.json` brings it up to date"
    );
}
