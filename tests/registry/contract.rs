//! Schemathesis against a registry: whatever our own documents allow or forbid is answered as they say.
//!
//! What is made up is the same each time: a number of requests for each operation, from one seed, and
//! no end by the clock, which would let a slow machine try less and a quick one find what nobody can
//! repeat.

mod things;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use stage::places;
use stage::registry::{Database, Registry};
use tempfile::TempDir;

use things::Things;

/// How many requests are made up for each operation at random, besides those at the bounds of what its
/// types allow.
const EXAMPLES: &str = "40";

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance,negative_data_rejection,unsupported_method";

/// What is asked, and with which header somebody is let in.
struct Contract {
    document: String,
    credentials: String,
    configuration: String,
}

#[test]
#[ignore = "takes most of a minute"]
fn the_admin_api_keeps_to_its_document() {
    keeps_to(|registry, things| Contract {
        document: format!("http://{}/openapi.json", registry.listeners().admin),
        credentials: format!("authorization: Bearer {}", registry.admin_token()),
        configuration: things.configuration(),
    });
}

#[test]
#[ignore = "takes most of a minute"]
fn the_developers_api_keeps_to_its_document() {
    keeps_to(|registry, things| Contract {
        document: format!(
            "http://{}/api/ext/v1/openapi.json",
            registry.listeners().portal
        ),
        credentials: format!("cookie: portalaccesstoken={}", things.session),
        configuration: things.configuration(),
    });
}

#[test]
#[ignore = "takes most of a minute"]
fn the_gateways_api_keeps_to_its_document() {
    keeps_to(|registry, things| Contract {
        document: format!("http://{}/openapi.json", registry.listeners().gateway),
        credentials: format!("authorization: Bearer {}", registry.gateway_token()),
        configuration: things.configuration(),
    });
}

fn keeps_to(contract: impl FnOnce(&Registry, &Things) -> Contract) {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let things = Things::make(&registry).unwrap();
    let contract = contract(&registry, &things);
    let folder = TempDir::new().unwrap();
    let configuration = folder.path().join("schemathesis.toml");
    std::fs::write(&configuration, &contract.configuration).unwrap();
    run(&contract, &configuration);
    assert!(!registry.log().contains("ERROR"), "{}", registry.log());
}

fn run(contract: &Contract, configuration: &Path) {
    let program: PathBuf = places::schemathesis().unwrap();
    let output = Command::new(program)
        .arg("--config-file")
        .arg(configuration)
        .args(["run", &contract.document, "--checks", CHECKS])
        .args(["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES])
        .args(["--generation-deterministic", "--seed", "1"])
        // Who may ask what is tried elsewhere, by everyone.
        .args(["--generation-with-security-parameters", "false"])
        .args(["--warnings", "off"])
        .args(["--header", &contract.credentials])
        // Gateways speak postcard; the document is about JSON.
        .args(["--header", "accept: application/json"])
        // What it remembers of earlier runs would be left in the repository.
        .current_dir(configuration.parent().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let secret = contract.credentials.rsplit([' ', '=']).next().unwrap();
    let report = [output.stdout, output.stderr].concat();
    let report = String::from_utf8_lossy(&report).replace(secret, "..");
    assert!(output.status.success(), "{report}");
}
