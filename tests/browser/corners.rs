//! The pages that no journey leads through: what is rarely needed has to be as good.

use serde_json::json;
use stage::api::Publication;
use stage::error::StageError;
use stage::story::application::{EMAIL, PASSWORD};

use crate::world::World;

/// A specification with something of everything its page shows.
const SPECIFICATION: &str = include_str!("specification.json");

/// What there is to look at, by path.
struct Papers {
    product: String,
    version: String,
    service: String,
    strategy: String,
    application: String,
    credential: String,
}

#[test]
fn the_rarely_seen_pages_of_a_developer_are_as_good() {
    let mut world = World::begin("corners-portal").unwrap();
    let papers = Papers::file(&world).unwrap();
    for (path, name) in [
        ("/forgot-password", "forgot-password"),
        (
            "/login?token=0191d8a4-7c5f-7c43-9a55-2b8b7d3c1f00",
            "link-gone",
        ),
    ] {
        world.browser.open(&world.portal(path));
        world.look(name);
    }
    world.come_in(EMAIL, PASSWORD);
    world.browser.is_at("Catalog");
    let Papers {
        product,
        version,
        application,
        credential,
        ..
    } = &papers;
    let key = format!("{application}/credentials/{credential}");
    for (path, name) in [
        (product.clone(), "product"),
        (format!("{product}/documents/getting-started"), "document"),
        (version.clone(), "version"),
        ("/account".to_owned(), "account"),
        ("/account/delete".to_owned(), "delete-account"),
        (format!("{application}/edit"), "edit-application"),
        (format!("{application}/delete"), "delete-application"),
        (format!("{key}/rotate"), "rotate"),
        ("/confirm-password".to_owned(), "confirm-password"),
    ] {
        world.browser.open(&world.portal(&path));
        world.look(name);
    }
    world.survey.end();
}

#[test]
fn the_rarely_seen_pages_of_an_administrator_are_as_good() {
    let mut world = World::begin("corners-admin").unwrap();
    let papers = Papers::file(&world).unwrap();
    world.enter();
    let Papers {
        product,
        version,
        service,
        strategy,
        ..
    } = &papers;
    for (path, name) in [
        (format!("{product}/edit"), "edit-product"),
        (format!("{product}/documents"), "documents"),
        (format!("{version}/edit"), "edit-version"),
        (format!("{version}/specification"), "specification"),
        (format!("{service}/edit"), "edit-service"),
        (strategy.clone(), "edit-strategy"),
        ("/developers/new".to_owned(), "invite-developer"),
        ("/administrators/new".to_owned(), "invite-administrator"),
        ("/password".to_owned(), "password"),
    ] {
        world.browser.open(&world.admin(&path));
        world.look(name);
    }
    world.survey.end();
}

// === impl Papers ===

impl Papers {
    /// Offers a version with a document and a specification; a developer has a key for it.
    fn file(world: &World) -> Result<Self, StageError> {
        let admin = world.scene.registry.admin()?;
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
        let path = format!("/v2/api-products/{product}");
        let caller = admin.caller();
        let document = json!({
            "slug": "getting-started", "title": "Getting started", "status": "published",
            "content": "# Hello\n\nAsk for a *key* first.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        });
        caller
            .post(&format!("{path}/documents"), &document)?
            .expect(201)?;
        let specifications = format!("{path}/product-versions/{}/specifications", version.id);
        let specification = json!({"name": "weather.json", "content": encoded(SPECIFICATION)});
        caller.post(&specifications, &specification)?.expect(201)?;
        let visitor = world.scene.registry.visitor();
        visitor.sign_up(EMAIL, "Ada Example")?;
        visitor.set_password(&admin.mailed_token(EMAIL)?, PASSWORD)?;
        let developer = visitor.log_in(EMAIL, PASSWORD)?;
        let application = developer.create_application("Umbrella", "umbrella-1")?;
        let credential = developer.issue_key(application, "production")?.id;
        Ok(Self {
            version: format!("/products/{product}/versions/{}", version.id),
            product: format!("/products/{product}"),
            service: format!("/services/{}", version.service),
            strategy: format!("/strategies/{strategy}"),
            application: format!("/applications/{application}"),
            credential: credential.to_string(),
        })
    }
}

fn encoded(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
