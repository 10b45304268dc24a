//! `backup` and `restore`, with gateways that were fed before.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;
use stage::api::{Admin, IssuedKey};
use stage::client::Request;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use tempfile::TempDir;

use crate::commands::{done, refused};

/// How long a gateway may take to see what was restored.
const PATIENCE: Duration = Duration::from_secs(30);

const SERVICE: &str = "weather-v1";

fn backup(registry: &Registry, folder: &TempDir) -> (PathBuf, String) {
    let path = folder.path().join("backup.gz");
    let said = done(&mut registry.operated(&["backup", text(&path)]).unwrap());
    (path, said)
}

fn restore(registry: &Registry, flags: &[&str], file: &Path) -> String {
    let arguments = [&["restore", text(file)], flags].concat();
    done(&mut registry.operated(&arguments).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn key(admin: &Admin, name: &str) -> IssuedKey {
    let application = admin.create_application(name, name).unwrap();
    admin.issue_key(application, name).unwrap()
}

fn expect(scene: &Scene, status: u16, key: &IssuedKey) {
    let request = Request::get("/").header("apikey", key.key.as_str());
    scene.envoy.send_until(status, PATIENCE, &request).unwrap();
}

fn revoke(admin: &Admin, key: &IssuedKey) {
    let portal = admin.portal();
    let path = format!("/v2/portals/{portal}/applications?page[size]=100");
    for application in admin.caller().get(&path).unwrap().ids().unwrap() {
        let _ = admin.delete_credential(application, key.id);
    }
}

/// A gateway fed before the restore ends with the restored truth, and what was revoked stays so.
fn gateways_read_anew(database: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = Scene::set(Registry::start(database).unwrap(), Ok).unwrap();
    let admin = scene.registry.admin().unwrap();
    admin.create_service(SERVICE, &json!({})).unwrap();
    let (lasting, revoked) = (key(&admin, "lasting"), key(&admin, "revoked"));
    expect(&scene, 200, &lasting);
    expect(&scene, 200, &revoked);
    let (file, _) = backup(&scene.registry, &folder);

    let later = key(&admin, "later");
    revoke(&admin, &revoked);
    expect(&scene, 200, &later);
    expect(&scene, 401, &revoked);

    scene.registry.kill();
    let complaint = refused(&mut scene.registry.operated(&["restore", text(&file)]).unwrap());
    assert!(complaint.contains("--replace"), "{complaint}");
    let said = restore(&scene.registry, &["--replace"], &file);
    let listed = format!("kept from coming back: revoked key {}", revoked.id);
    assert!(said.contains(&listed), "{said}");
    scene.registry.start_again().unwrap();

    expect(&scene, 401, &later);
    expect(&scene, 200, &lasting);
    expect(&scene, 401, &revoked);
    let fresh = key(&scene.registry.admin().unwrap(), "fresh");
    expect(&scene, 200, &fresh);
    expect(&scene, 401, &revoked);
    never_comes_back(&scene.registry.admin().unwrap(), &revoked);
}

/// Fails if a revoked key can be taken in again.
fn never_comes_back(admin: &Admin, revoked: &IssuedKey) {
    let application = admin.create_application("thief", "thief").unwrap();
    let path = format!("/admin/v1/applications/{application}/credentials");
    let answer = admin.caller().post(&path, &json!({"key": revoked.key}));
    let status = answer.unwrap().call.status;
    assert_eq!(status, 409, "its value never comes back");
}

#[test]
fn a_restored_sqlite_is_read_anew_and_revoked_keys_stay_so() {
    gateways_read_anew(&Database::Sqlite);
}

#[test]
fn a_restored_postgres_is_read_anew_and_revoked_keys_stay_so() {
    let server = PostgreSql::start().unwrap();
    gateways_read_anew(&Database::Url(server.url()));
}

#[test]
fn what_would_come_back_is_told_when_the_past_is_wanted_or_nobody_can_say() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let admin = registry.admin().unwrap();
    admin.create_service(SERVICE, &json!({})).unwrap();
    let revoked = key(&admin, "revoked");
    let (file, _) = backup(&registry, &folder);
    revoke(&admin, &revoked);

    let elsewhere = Registry::prepare(
        &Database::Url(format!("sqlite:{}", text(&folder.path().join("other.db")))),
        stage::registry::Listeners::free().unwrap(),
    )
    .unwrap();
    let (own, other) = (registry.database(), elsewhere.database());
    let said = restore(&elsewhere, &["--replace", "--compare-with", own], &file);
    assert!(
        said.contains("kept from coming back: revoked key"),
        "{said}"
    );
    let flags = ["--replace", "--compare-with", own, "--revive-revoked"];
    let said = restore(&elsewhere, &flags, &file);
    let listed = format!("WORKS AGAIN: revoked key {}", revoked.id);
    assert!(said.contains(&listed), "{said}");

    let new = other.replace("other.db", "new.db");
    let mut command = elsewhere.operated(&["restore", text(&file), "--database", &new]);
    let said = done(command.as_mut().unwrap());
    assert!(
        said.contains("WARNING") && said.contains("WORK AGAIN"),
        "{said}"
    );
}

/// Backups taken while four clients write: each restored one holds exactly what a reader of the
/// revision it names would have seen.
fn is_of_one_revision(database: &Database, copy: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::start(database).unwrap();
    let stop = AtomicBool::new(false);
    let file = thread::scope(|scope| {
        for writer in 0..4 {
            let (admin, stop) = (registry.admin().unwrap(), &stop);
            scope.spawn(move || {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) {
                    key(&admin, &format!("{writer}-{number}"));
                    number += 1;
                }
            });
        }
        thread::sleep(Duration::from_millis(300));
        let (file, said) = backup(&registry, &folder);
        stop.store(true, Ordering::Relaxed);
        assert!(said.contains("everything up to revision"), "{said}");
        file
    });
    let mut other = Registry::prepare(copy, stage::registry::Listeners::free().unwrap()).unwrap();
    restore(&other, &["--replace"], &file);
    other.start_again().unwrap();
    assert!(is_consistent(&other, &folder) >= 4, "writers were at work");
}

/// Backs the restored registry up again and checks the parts against each other; returns how many
/// applications there are.
fn is_consistent(registry: &Registry, folder: &TempDir) -> usize {
    let (again, _) = backup(registry, folder);
    let printed = done(std::process::Command::new("gzip").args(["-dc", text(&again)]));
    let mut table = String::new();
    let mut counts = std::collections::BTreeMap::<String, Vec<Vec<serde_json::Value>>>::new();
    for line in printed.lines().skip(1) {
        match serde_json::from_str(line).unwrap() {
            serde_json::Value::Array(row) => counts.entry(table.clone()).or_default().push(row),
            line => line["table"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut table),
        }
    }
    let rows = |table: &str| counts.get(table).map_or(0, Vec::len);
    let (applications, credentials) = (rows("application"), rows("credential"));
    assert!(
        applications - credentials <= 4,
        "each writer is at most one step ahead"
    );
    assert_eq!(
        rows("change"),
        applications + credentials,
        "the feed knows them all"
    );
    applications
}

#[test]
fn a_backup_under_writes_is_of_one_revision_and_goes_from_sqlite_to_postgres() {
    let server = PostgreSql::start().unwrap();
    is_of_one_revision(&Database::Sqlite, &Database::Url(server.url()));
}

#[test]
fn a_backup_under_writes_is_of_one_revision_and_goes_from_postgres_to_sqlite() {
    let server = PostgreSql::start().unwrap();
    is_of_one_revision(&Database::Url(server.url()), &Database::Sqlite);
}

#[test]
fn half_a_backup_and_what_is_none_are_refused_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let admin = registry.admin().unwrap();
    key(&admin, "lasting");
    let (file, _) = backup(&registry, &folder);
    drop(admin);
    let mut registry = registry;
    registry.kill();
    let whole = fs::read(&file).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "only its owner reads it");
    for bytes in [
        &whole[..whole.len() / 2],
        &whole[..whole.len() - 9],
        b"no backup",
        b"",
    ] {
        let broken = folder.path().join("broken.gz");
        fs::write(&broken, bytes).unwrap();
        let arguments = ["restore", "--replace", text(&broken)];
        let complaint = refused(&mut registry.operated(&arguments).unwrap());
        assert!(complaint.contains("is not a whole backup"), "{complaint}");
    }
    registry.start_again().unwrap();
    let applications = registry.admin().unwrap();
    let path = format!("/v2/portals/{}/applications", applications.portal());
    let list = applications.caller().get(&path).unwrap();
    assert_eq!(list.list().unwrap().len(), 1, "all is as it was");
}

#[test]
fn nothing_is_restored_beneath_a_registry_that_serves() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let (file, _) = backup(&registry, &folder);
    let arguments = ["restore", "--replace", text(&file)];
    let complaint = refused(&mut registry.operated(&arguments).unwrap());
    assert!(complaint.contains("already serves"), "{complaint}");
}
