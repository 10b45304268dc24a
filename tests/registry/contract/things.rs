//! One of each thing there is, so that requests find something.

use serde_json::{Value, json};
use stage::api::{Admin, Publication};
use stage::client;
use stage::error::StageError;
use stage::registry::Registry;

const ADA: &str = "ada@example.test";
const PASSWORD: &str = "correct horse battery";

/// What nothing has.
const NOBODY: &str = "5f9fd312-a987-4628-b4c5-bb4f4fddd5f7";

/// What there is.
pub(super) struct Things {
    /// Ids, by their names in paths.
    ids: Vec<(&'static str, Value)>,
    /// What the developer's program shows.
    pub(super) session: String,
}

impl Things {
    /// Makes one of each.
    pub(super) fn make(registry: &Registry) -> Result<Self, StageError> {
        let admin = registry.admin()?;
        let mut ids = offer(&admin)?;
        ids.append(&mut take(&admin, &ids)?);
        let session = log_in(registry, &admin)?;
        Ok(Self { ids, session })
    }

    /// Returns Schemathesis' configuration: ids for paths. What is removed is never there, so that the
    /// rest stays to be asked about.
    pub(super) fn configuration(&self) -> String {
        let line = |(name, id): &(&str, Value)| format!("\"path.{name}\" = {id}\n");
        let known: String = self.ids.iter().map(line).collect();
        let nobody = |(name, _): &(&str, Value)| format!("\"path.{name}\" = \"{NOBODY}\"\n");
        let unknown: String = self.ids.iter().map(nobody).collect();
        format!(
            // What is too large is refused as such, before it is read.
            "[checks.negative_data_rejection]\n\
             expected-statuses = [\"4xx\"]\n\n[parameters]\n{known}\n[[operations]]\ninclude-method = \"DELETE\"\n\n\
             [operations.parameters]\n{unknown}"
        )
    }
}

fn made(admin: &Admin, path: &str, body: &Value) -> Result<Value, StageError> {
    let answer = admin.caller().post(path, body)?.expect(201)?;
    Ok(Value::from(answer.parse::<String>("/id")?))
}

/// What product owners make.
fn offer(admin: &Admin) -> Result<Vec<(&'static str, Value)>, StageError> {
    let strategy = admin.create_strategy("key", &["apikey"])?;
    let product = admin.create_product("Weather")?;
    let version = admin.create_version(&product, "v1")?;
    let publication = Publication {
        strategy: strategy.clone(),
        auto_approve: false,
    };
    admin.publish(version.id, &publication)?;
    let path = format!("/v2/api-products/{product}/documents");
    let document = made(admin, &path, &json!({"slug": "start", "title": "Start"}))?;
    Ok(vec![
        ("document", document),
        ("service", json!(version.service)),
        ("version", json!(version.id)),
        ("product", product.into()),
        ("strategy", strategy.into()),
        ("portal", admin.portal().into()),
    ])
}

/// What a developer has.
fn take(
    admin: &Admin,
    offered: &[(&'static str, Value)],
) -> Result<Vec<(&'static str, Value)>, StageError> {
    let find = |wanted| offered.iter().find(|(name, _)| *name == wanted);
    let offered = |wanted| find(wanted).map(|(_, id)| id.clone());
    let person = json!({"email": ADA, "full_name": "Ada"});
    let developer = made(admin, "/admin/v1/developers", &person)?;
    let umbrella = json!({"name": "Umbrella", "developer_id": developer,
                          "auth_strategy_id": offered("strategy")});
    let application = made(admin, "/admin/v1/applications", &umbrella)?;
    let wish = json!({"application_id": application, "product_version_id": offered("version")});
    let registration = made(admin, "/admin/v1/registrations", &wish)?;
    let of = application.as_str().unwrap_or_default();
    let path = format!("/admin/v1/applications/{of}/credentials");
    let credential = made(admin, &path, &json!({"display_name": "key"}))?;
    Ok(vec![
        ("developer", developer),
        ("application", application),
        ("registration", registration),
        ("credential", credential),
        ("session", NOBODY.into()),
    ])
}

/// Follows the developer's invitation; returns the secret of a log-in.
fn log_in(registry: &Registry, admin: &Admin) -> Result<String, StageError> {
    let token = admin.mailed_token(ADA)?;
    registry.visitor().set_password(&token, PASSWORD)?;
    let body = json!({"username": ADA, "password": PASSWORD}).to_string();
    let answer = client::Request::post("/api/v2/developer/authenticate")
        .header("content-type", "application/json")
        .body(body)
        .send(registry.listeners().portal)?;
    let cookies = answer.head.values("set-cookie");
    let session = cookies
        .into_iter()
        .filter_map(|cookie| str::from_utf8(cookie).ok())
        .find_map(|cookie| cookie.strip_prefix("portalaccesstoken="))
        .and_then(|rest| rest.split(';').next());
    session
        .map(str::to_owned)
        .ok_or_else(|| StageError::unexpected("session", &answer.status))
}
