//! One of everything there is a page about.

use serde_json::{Value, json};
use stage::api::{Admin, Developer, Publication, Version};
use stage::error::StageError;
use stage::story::application::{EMAIL, PASSWORD};

use crate::history;
use crate::world::World;

/// A specification with something of everything its page shows.
const SPECIFICATION: &str = include_str!("specification.json");

/// A document with something of everything its page shows.
const DOCUMENT: &str = include_str!("document.md");

/// What there is to look at: what stands in the place of a path's braces.
pub(crate) struct Papers {
    names: Vec<(&'static str, String)>,
    /// What the document is called in the portal's paths.
    pub(crate) slug: &'static str,
    /// The token of a link that sets a new password.
    pub(crate) reset: String,
    /// The token of a link that proves another address.
    pub(crate) address: String,
}

// === impl Papers ===

impl Papers {
    /// Offers a version with a document and a specification; a developer has a key for it, and used it.
    pub(crate) fn file(world: &World) -> Result<Self, StageError> {
        let registry = &world.scene.registry;
        let admin = registry.admin()?;
        let mut names = Vec::new();
        let version = offer(&admin, &mut names)?;
        let visitor = registry.visitor();
        visitor.sign_up(EMAIL, "Ada Example")?;
        visitor.set_password(&admin.mailed_token(EMAIL)?, PASSWORD)?;
        let ada = visitor.log_in(EMAIL, PASSWORD)?;
        let application = ada.create_application("Umbrella", "umbrella-1")?;
        let registration = ada.request_access(application, version.id)?.id;
        let key = ada.issue_key(application, "production")?;
        history::use_keys(registry);
        let (reset, address) = mailed(&admin, &ada)?;
        let developers = format!("/v2/portals/{}/developers", admin.portal());
        names.extend([
            ("developer", first(&admin, &developers)?),
            ("token", first(&admin, "/admin/v1/tokens")?),
            ("admin", invite(&admin)?),
            ("application", application.to_string()),
            ("registration", registration),
            ("credential", key.id.to_string()),
        ]);
        Ok(Self {
            names,
            slug: "getting-started",
            reset,
            address,
        })
    }

    /// Fills a path in.
    #[track_caller]
    pub(crate) fn fill(&self, path: &str) -> String {
        let filled = self
            .names
            .iter()
            .fold(path.to_owned(), |path, (name, value)| {
                path.replace(&format!("{{{name}}}"), value)
            });
        assert!(!filled.contains('{'), "there is nothing for {filled}");
        filled
    }
}

/// Offers a version, described, that approves at once; adds what there is to the names.
fn offer(admin: &Admin, names: &mut Vec<(&'static str, String)>) -> Result<Version, StageError> {
    let strategy = admin.create_strategy("key-auth", &["apikey"])?;
    admin.change_portal(&json!({
        "is_public": false,
        "auto_approve_developers": true,
        "default_application_auth_strategy_id": strategy,
    }))?;
    let product = admin.create_product("Weather")?;
    let version = admin.create_version(&product, "v1")?;
    let publication = Publication {
        strategy: strategy.clone(),
        auto_approve: true,
    };
    admin.publish(version.id, &publication)?;
    names.extend([
        (
            "document",
            describe(admin, &product, &version.id.to_string())?,
        ),
        ("product", product),
        ("version", version.id.to_string()),
        ("service", version.service.to_string()),
        ("strategy", strategy),
    ]);
    Ok(version)
}

/// Has links mailed that set a new password and prove another address; returns their tokens.
fn mailed(admin: &Admin, ada: &Developer) -> Result<(String, String), StageError> {
    let caller = ada.caller();
    let forgotten = json!({"email": EMAIL});
    caller
        .post("/api/v2/developer/forgot-password", &forgotten)?
        .expect(200)?;
    let reset = admin.mailed_token(EMAIL)?;
    let other = json!({"email": "ada@elsewhere.test", "current_password": PASSWORD});
    caller
        .put("/api/ext/v1/account/email", &other)?
        .expect(204)?;
    Ok((reset, admin.mailed_token("ada@elsewhere.test")?))
}

/// Adds a specification and a document below another; returns the latter's id.
fn describe(admin: &Admin, product: &str, version: &str) -> Result<String, StageError> {
    let caller = admin.caller();
    let product = format!("/v2/api-products/{product}");
    let specification = json!({"name": "weather.json", "content": encoded(SPECIFICATION)});
    let specifications = format!("{product}/product-versions/{version}/specifications");
    caller.post(&specifications, &specification)?.expect(201)?;
    let documents = format!("{product}/documents");
    let document = |body: &Value| caller.post(&documents, body)?.expect(201)?.parse("/id");
    let above: String = document(&json!({
        "slug": "getting-started", "title": "Getting started", "status": "published",
        "content": DOCUMENT,
    }))?;
    let _: String = document(&json!({
        "slug": "limits", "title": "Limits and quotas", "status": "published",
        "content": "Be kind.", "parent_document_id": above,
    }))?;
    Ok(above)
}

/// Invites another administrator; returns who that is.
fn invite(admin: &Admin) -> Result<String, StageError> {
    let path = "/admin/v1/administrators";
    let invited = json!({"email": "grace@keystile.test", "role": "operator"});
    admin.caller().post(path, &invited)?.expect(201)?;
    let answer = admin.caller().get(path)?.expect(200)?;
    let is_invited = |one: &&Value| one["email"] == "grace@keystile.test";
    let found = answer.list()?.iter().find(is_invited);
    let id = found.and_then(|one| one["id"].as_str());
    id.map(str::to_owned).ok_or_else(|| answer.unexpected())
}

fn first(admin: &Admin, path: &str) -> Result<String, StageError> {
    admin.caller().get(path)?.expect(200)?.parse("/data/0/id")
}

fn encoded(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
