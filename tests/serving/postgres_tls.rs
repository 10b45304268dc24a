//! A PostgreSQL that has to prove who it is.

use std::process::Command;

use stage::places;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};
use tempfile::TempDir;

use crate::authority::Authority;

/// How a database is named that has to prove that it is a host, to those who trust an authority.
fn url(server: &PostgreSql, host: &str, authority: &str) -> String {
    format!(
        "postgres://keystile@{host}:{}/postgres?sslmode=verify-full&sslrootcert={authority}",
        server.port()
    )
}

/// Why the registry does not use a database.
fn refused(url: &str) -> String {
    let mut command = Command::new(places::registry().unwrap());
    let output = command.args(["migrate", "--database", url]).output();
    let output = output.unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "84: {url}: {complaint}");
    complaint
}

#[test]
fn a_database_that_proves_who_it_is_is_used_and_no_other_one() {
    let folder = TempDir::new().unwrap();
    let (authority, stranger) = (Authority::new(), Authority::new());
    let trusted = authority.file(folder.path());
    let of_this_machine = authority.certify();
    let server = PostgreSql::encrypted(&of_this_machine.certificate, &of_this_machine.key).unwrap();
    let registry = Registry::start(&Database::Url(url(&server, "localhost", &trusted))).unwrap();
    let admin = registry.admin().unwrap();
    admin.create_application("Acme", "acme").unwrap();
    drop(registry);

    let plain = format!("{}?sslmode=disable", server.url());
    refused(&plain);
    let other = TempDir::new().unwrap();
    let complaint = refused(&url(&server, "localhost", &stranger.file(other.path())));
    assert!(complaint.contains("certificate"), "84: {complaint}");

    let of_another = authority.certify_for(&["database.example.com"]);
    let server = PostgreSql::encrypted(&of_another.certificate, &of_another.key).unwrap();
    let complaint = refused(&url(&server, "localhost", &trusted));
    assert!(complaint.contains("certificate"), "84: {complaint}");

    let unencrypted = PostgreSql::start().unwrap();
    let complaint = refused(&url(&unencrypted, "localhost", &trusted));
    assert!(complaint.to_lowercase().contains("tls"), "84: {complaint}");
}

#[test]
fn a_database_elsewhere_that_nobody_vouches_for_is_refused_before_it_is_called() {
    for url in [
        "postgres://keystile@192.0.2.1/postgres",
        "postgres://keystile@192.0.2.1/postgres?sslmode=require",
        "postgres://keystile@localhost/postgres?host=192.0.2.1",
        "postgres://keystile@192.0.2.1/postgres?sslmode=verify-full&sslmode=prefer",
    ] {
        let mut command = Command::new(places::registry().unwrap());
        let output = command.args(["migrate", "--database", url]).output();
        let output = output.unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "84: {url}");
        assert!(
            complaint.contains("sslmode=verify-full"),
            "84: {url}: {complaint}"
        );
    }
}
