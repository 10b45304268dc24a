//! What `serve` says when it cannot start, and `check-config` before that.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use stage::registry::{Database, Listeners, Registry};
use tempfile::TempDir;

use crate::commands::{done, ended, refused};
use crate::sqlite;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(stage::places::registry().unwrap());
    command.args(arguments);
    command
}

fn database(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("keystile.db").display())
}

/// A registry that was made and does not run.
fn prepared() -> Registry {
    Registry::prepare(&Database::Sqlite, Listeners::free().unwrap()).unwrap()
}

fn file(registry: &Registry) -> &Path {
    Path::new(registry.database().strip_prefix("sqlite:").unwrap())
}

#[test]
fn a_port_that_somebody_has_is_named() {
    let registry = prepared();
    let _taken = TcpListener::bind(registry.listeners().gateway).unwrap();
    let complaint = refused(&mut registry.serving().unwrap());
    let address = registry.listeners().gateway;
    let said = format!("cannot listen on {address} for the gateways: Address already in use");
    assert!(complaint.contains(&said), "{complaint}");
}

#[test]
fn a_second_registry_on_the_same_file_is_refused() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let others = ["--portal-listen", "--admin-listen", "--gateway-listen"];
    let mut command = registry.operated(&["serve"]).unwrap();
    for listener in others {
        command.args([listener, "127.0.0.1:0"]);
    }
    let complaint = refused(&mut command);
    assert!(
        complaint.contains("another keystile-registry already serves"),
        "{complaint}"
    );
}

#[test]
fn a_schema_that_is_newer_than_the_program_is_refused_and_left_alone() {
    let registry = prepared();
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, \
                 execution_time) values (9999, 'of tomorrow', 1, x'00', 0)";
    sqlite::execute(file(&registry), newer);
    let before = fs::read(file(&registry)).unwrap();
    for command in [
        &mut registry.serving().unwrap(),
        &mut registry.operated(&["migrate"]).unwrap(),
        &mut registry.operated(&["check-config"]).unwrap(),
    ] {
        let complaint = refused(command);
        let said =
            "the database was used by a newer keystile-registry (its schema has version 9999)";
        assert!(complaint.contains(said), "{complaint}");
    }
    assert_eq!(fs::read(file(&registry)).unwrap(), before);
}

#[test]
fn a_copy_of_the_file_alone_is_detected_and_can_be_taken_all_the_same() {
    let mut registry = Registry::start(&Database::Sqlite).unwrap();
    let admin = registry.admin().unwrap();
    admin.create_application("Umbrella", "umbrella-1").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("keystile.db");
    fs::copy(file(&registry), &copy).unwrap();
    let copied = database(&folder);
    let check = |command: &str| program(&[command, "--database", &copied]);
    let complaint = refused(&mut check("serve"));
    assert!(
        complaint.contains("lacks what was written last"),
        "{complaint}"
    );
    assert!(complaint.contains("restore a `backup`"), "{complaint}");
    done(program(&["migrate", "--accept-partial"]).args(["--database", &copied]));
    done(&mut check("migrate"));

    registry.kill();
    registry.start_again().unwrap();
    registry.kill();
    done(&mut registry.operated(&["token", "list"]).unwrap());
    registry.start_again().unwrap();
    let integrity = sqlite::ask(file(&registry), "pragma integrity_check");
    assert_eq!(integrity, "ok", "a killed registry is no copy");
}

#[test]
fn a_file_that_cannot_be_made_or_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let in_a_file = folder.path().join("file");
    fs::write(&in_a_file, "no folder").unwrap();
    let place = format!("sqlite:{}", in_a_file.join("keystile.db").display());
    let complaint = refused(&mut program(&["migrate", "--database", &place]));
    assert!(complaint.contains("cannot open `"), "{complaint}");
    let place = format!("sqlite:{}", in_a_file.display());
    let complaint = refused(&mut program(&["migrate", "--database", &place]));
    assert!(complaint.contains("file is not a database"), "{complaint}");
}

#[test]
fn check_config_shows_what_holds_and_where_it_came_from() {
    let registry = prepared();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keystile.toml");
    fs::write(&path, "portal_listen = '127.0.0.1:1234'\n").unwrap();
    let mut command = registry
        .operated(&["check-config", "--insecure-http"])
        .unwrap();
    command.env("KEYSTILE_CONFIG", &path);
    let said = done(&mut command);
    for line in [
        "portal_listen = \"127.0.0.1:1234\"  # file",
        "admin_listen = \"127.0.0.1:8001\"  # default",
        "insecure_http = true  # flag",
        "# public_url is not set",
        "# the database answers, and its schema is this program's",
    ] {
        assert!(
            said.lines().any(|one| one == line),
            "{line}\nis not in\n{said}"
        );
    }
    assert!(said.contains("registry.db\"  # environment"), "{said}");
}

#[test]
fn check_config_hides_passwords_and_says_what_is_wrong() {
    let secret = "postgres://keystile:hunter2@127.0.0.1:9/keystile";
    let checked = ended(&mut program(&["check-config", "--database", secret]));
    assert_eq!(checked.status, 1);
    assert!(
        checked.out.contains("postgres://keystile:***@127.0.0.1:9"),
        "{checked:?}"
    );
    assert!(
        checked.complaint.contains("Connection refused"),
        "{checked:?}"
    );
    assert!(!format!("{checked:?}").contains("hunter2"));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keystile.toml");
    fs::write(&path, "\nportal_listn = '127.0.0.1:1234'\n").unwrap();
    let config = path.to_str().unwrap();
    let complaint = refused(&mut program(&["check-config", "--config", config]));
    assert!(
        complaint
            .contains("line 2: there is no setting `portal_listn`; did you mean `portal_listen`?"),
        "{complaint}"
    );
    let left_open = "postgres://keystile:changeme@127.0.0.1:9/keystile";
    let complaint = refused(&mut program(&["serve", "--database", left_open]));
    assert!(
        complaint.contains("`database` holds a placeholder"),
        "{complaint}"
    );
}

#[test]
fn check_config_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let said = done(&mut program(&[
        "check-config",
        "--database",
        &database(&folder),
    ]));
    assert!(said.contains("not there yet"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_crash_leaves_no_core_file_with_keys_in_it() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let process = registry.process_id().unwrap();
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(words, ["Max", "core", "file", "size", "0", "0", "bytes"]);
}
