//! Schemathesis against a registry: whatever a document allows or forbids is answered as it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use stage::api::{Admin, Publication};
use stage::error::StageError;
use stage::places;
use stage::registry::{Database, Registry};
use tempfile::TempDir;

/// For how long requests are made up.
const SECONDS: &str = "40";

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance,negative_data_rejection";

const NOBODY: &str = "5f9fd312-a987-4628-b4c5-bb4f4fddd5f7";

#[test]
#[ignore = "takes most of a minute"]
fn the_admin_api_keeps_to_its_document() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let folder = TempDir::new().unwrap();
    let configuration = folder.path().join("schemathesis.toml");
    let ids = things(&registry.admin().unwrap()).unwrap();
    std::fs::write(&configuration, configured(&ids)).unwrap();
    let document = format!("http://{}/openapi.json", registry.listeners().admin);
    keeps_to(&document, registry.admin_token(), &configuration);
    assert!(!registry.log().contains("ERROR"), "{}", registry.log());
}

fn keeps_to(document: &str, token: &str, configuration: &Path) {
    let program: PathBuf = places::schemathesis().unwrap();
    let output = Command::new(program)
        .arg("--config-file")
        .arg(configuration)
        .args(["run", document, "--checks", CHECKS, "--max-time", SECONDS])
        .args(["--phases", "coverage,fuzzing", "--generation-deterministic"])
        .args(["--warnings", "off", "--header"])
        .arg(format!("authorization: Bearer {token}"))
        // What it remembers of earlier runs would be left in the repository.
        .current_dir(configuration.parent().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout).replace(token, "..");
    assert!(output.status.success(), "{report}");
}

/// Makes one of each, so that requests find something; returns their ids by their names in paths.
fn things(admin: &Admin) -> Result<Vec<(&'static str, Value)>, StageError> {
    let caller = admin.caller();
    let made = |path: &str, body: Value| -> Result<Value, StageError> {
        let id: String = caller.post(path, &body)?.expect(201)?.parse("/id")?;
        Ok(Value::from(id))
    };
    let strategy = admin.create_strategy("key", &["apikey"])?;
    let product = admin.create_product("Weather")?;
    let version = admin.create_version(&product, "v1")?;
    let publication = Publication {
        strategy: strategy.clone(),
        auto_approve: false,
    };
    admin.publish(version.id, &publication)?;
    let person = json!({"email": "ada@example.test", "full_name": "Ada"});
    let developer = made("/admin/v1/developers", person)?;
    let umbrella =
        json!({"name": "Umbrella", "developer_id": developer, "auth_strategy_id": strategy});
    let application = made("/admin/v1/applications", umbrella)?;
    let of = application.as_str().unwrap_or_default();
    let wish = json!({"application_id": application, "product_version_id": version.id});
    let registration = made("/admin/v1/registrations", wish)?;
    let credentials = format!("/admin/v1/applications/{of}/credentials");
    let credential = made(&credentials, json!({"display_name": "key"}))?;
    let documents = format!("/v2/api-products/{product}/documents");
    let document = made(&documents, json!({"slug": "start", "title": "Start"}))?;
    let portals = caller.get("/v2/portals")?.expect(200)?;
    let portal: String = portals.parse("/data/0/id")?;
    Ok(vec![
        ("credential", credential),
        ("document", document),
        ("service", json!(version.service)),
        ("version", json!(version.id)),
        ("product", product.into()),
        ("strategy", strategy.into()),
        ("portal", portal.into()),
        ("developer", developer),
        ("application", application),
        ("registration", registration),
    ])
}

/// Ids for paths; what is removed is never there, so that the rest stays to be asked about.
fn configured(ids: &[(&str, Value)]) -> String {
    let line = |(name, id): &(&str, Value)| format!("\"path.{name}\" = {id}\n");
    let known: String = ids.iter().map(line).collect();
    let nobody = |(name, _): &(&str, Value)| format!("\"path.{name}\" = \"{NOBODY}\"\n");
    let unknown: String = ids.iter().map(nobody).collect();
    format!(
        // What is too large is refused as such, before it is read.
        "[checks.negative_data_rejection]\n\
         expected-statuses = [\"4xx\"]\n\n[parameters]\n{known}\n[[operations]]\ninclude-method = \"DELETE\"\n\n\
         [operations.parameters]\n{unknown}"
    )
}
