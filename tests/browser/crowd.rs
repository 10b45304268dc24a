//! What pages become when there is a lot, and when it has long names.

use serde_json::json;
use stage::api::{Admin, Developer, Publication};
use stage::error::StageError;
use stage::story::application::{EMAIL, PASSWORD};

use crate::history;
use crate::world::World;

/// Without a place to break it.
const LONG: &str = "Binnenvaartschippersvergunningsaanvraagformulierenverwerkingssysteem";

const SENTENCE: &str = "An application whose name somebody made a whole sentence of, since nothing said \
    that it should not be one";

/// How many there are of what fills pages: more than one page shows, and hundreds of applications.
const SOME: usize = 23;
const MANY: usize = 205;

#[test]
fn a_developer_finds_their_way_among_many_long_names() {
    let mut world = World::begin("crowd-portal").unwrap();
    let (product, application) = fill(&world).unwrap();
    history::use_keys(&world.scene.registry);
    world.come_in(EMAIL, PASSWORD);
    world.browser.is_at("Catalog");
    world.look("catalog");
    let browser = &world.browser;
    browser.follow("Next");
    browser.sees("Page 2 of");
    world.look("catalog-end");
    for (path, name) in [
        (format!("/products/{product}"), "product"),
        ("/applications".to_owned(), "my-apps"),
        (format!("/applications/{application}"), "application"),
    ] {
        world.browser.open(&world.portal(&path));
        world.look(name);
    }
    let browser = &world.browser;
    browser.open(&world.portal("/"));
    browser.fill("Search the catalog", "number 7");
    browser.press("Search");
    browser.sees("API number 7");
    browser.sees_no("API number 8");
    browser.fill("Search the catalog", "no such thing");
    browser.press("Search");
    browser.sees("Nothing is called like");
    world.look("nothing-found");
    world.survey.end();
}

#[test]
fn an_administrator_finds_their_way_among_many_long_names() {
    let mut world = World::begin("crowd-admin").unwrap();
    let (product, application) = fill(&world).unwrap();
    world.enter();
    for (path, name) in [
        ("/".to_owned(), "overview"),
        ("/requests".to_owned(), "requests"),
        ("/requests?status=all".to_owned(), "requests-all"),
        ("/products".to_owned(), "products"),
        (format!("/products/{product}"), "product"),
        ("/services".to_owned(), "services"),
        ("/developers".to_owned(), "developers"),
        ("/applications".to_owned(), "applications"),
        (format!("/applications/{application}"), "application"),
        ("/outbox".to_owned(), "outbox"),
        ("/audit".to_owned(), "audit"),
    ] {
        world.browser.open(&world.admin(&path));
        world.look(name);
    }
    let browser = &world.browser;
    world.go("Applications");
    let last = (MANY + SOME).div_ceil(20);
    browser.open(&world.admin(&format!("/applications?page={}", last - 1)));
    browser.sees(&format!("Page {} of {last}", last - 1));
    browser.follow("Next");
    browser.sees(&format!("Page {last} of {last}"));
    world.look("applications-end");
    let browser = &world.browser;
    browser.fill("Search applications", "number 117");
    browser.press("Search");
    browser.sees("application-117");
    browser.sees_no("application-118");
    world.survey.end();
}

/// Fills a portal; returns a product with many versions and an application with many keys.
fn fill(world: &World) -> Result<(String, String), StageError> {
    let registry = &world.scene.registry;
    let admin = registry.admin()?;
    let strategy = admin.create_strategy("key-auth", &["apikey"])?;
    admin.change_portal(&json!({
        "name": format!("{LONG} of the Example Corporation"),
        "is_public": false,
        "auto_approve_developers": true,
        "default_application_auth_strategy_id": strategy,
    }))?;
    for number in 0..MANY {
        let name = format!("Application number {number}");
        admin.create_application(&name, &format!("application-{number}"))?;
    }
    let visitor = registry.visitor();
    visitor.sign_up(EMAIL, &format!("Ada {LONG}"))?;
    visitor.set_password(&admin.mailed_token(EMAIL)?, PASSWORD)?;
    let ada = visitor.log_in(EMAIL, PASSWORD)?;
    for number in 0..SOME {
        let email = format!(
            "somebody.with.a.long.address.{number}@{}.example",
            &LONG[..60]
        );
        let visitor = registry.visitor();
        visitor.sign_up(&email, &format!("Somebody {LONG} {number}"))?;
    }
    let product = offer(&admin, &strategy)?;
    let application = ask(&admin, &ada, &product)?;
    Ok((product, application))
}

/// Publishes many products, the last with many versions.
fn offer(admin: &Admin, strategy: &str) -> Result<String, StageError> {
    let publication = Publication {
        strategy: strategy.to_owned(),
        auto_approve: false,
    };
    let description = json!({"description": format!("{SENTENCE}. {SENTENCE}: {LONG}.")});
    let caller = admin.caller();
    for number in 0..SOME {
        let product = admin.create_product(&format!("API number {number}"))?;
        let path = format!("/v2/api-products/{product}");
        caller.patch(&path, &description)?.expect(200)?;
        let version = admin.create_version(&product, "v1")?;
        admin.publish(version.id, &publication)?;
    }
    let product = admin.create_product(&format!("{LONG}, in short"))?;
    let path = format!("/v2/api-products/{product}");
    caller.patch(&path, &description)?.expect(200)?;
    for number in 0..SOME {
        let version = admin.create_version(&product, &format!("2026-11-{number}-beta"))?;
        admin.publish(version.id, &publication)?;
    }
    Ok(product)
}

/// Has a developer ask for access with many applications; returns the one with many keys.
fn ask(admin: &Admin, ada: &Developer, product: &str) -> Result<String, StageError> {
    let caller = ada.caller();
    let path = format!("/api/v2/products/{product}/versions?page%5Bsize%5D=100");
    let versions: Vec<String> = caller.get(&path)?.expect(200)?.ids()?;
    let reason = json!({"status": "rejected", "reason": SENTENCE});
    let mut last = None;
    for (number, version) in versions.iter().enumerate() {
        let name = format!("{LONG} {number} {SENTENCE}");
        let application = ada.create_application(&name, &format!("{LONG}-{number}"))?;
        let asked = json!({"product_version_id": version, "message": format!("{SENTENCE} {LONG}")});
        let path = format!("/api/ext/v1/applications/{application}/registrations");
        caller.post(&path, &asked)?.expect(201)?;
        last = Some(application);
    }
    let application = last.ok_or_else(|| StageError::unexpected("a version", &versions))?;
    for version in &versions[..5] {
        ada.request_access(application, version.parse().expect("an id"))?;
    }
    let mut ids = admin.registrations("pending")?;
    ids.truncate(2);
    let decision = json!({"ids": ids, "status": reason["status"], "reason": reason["reason"]});
    let decisions = "/admin/v1/registrations/decisions";
    admin.caller().post(decisions, &decision)?.expect(200)?;
    for number in 0..20 {
        let name = if number % 3 == 0 { SENTENCE } else { LONG };
        ada.issue_key(application, &name[..60.min(name.len())])?;
    }
    Ok(application.to_string())
}
