//! Flow A, step by step: from an empty database to an application that calls (DESIGN.md, section 9).

use stage::client::Request;
use stage::story::application::{EMAIL, PASSWORD};

use crate::world::World;

#[test]
fn an_empty_registry_becomes_an_api_that_an_application_calls() {
    let mut world = World::begin("flow-a").unwrap();
    world.enter();
    offer_a_version(&mut world);
    enable_registration(&mut world);
    set_the_portal_up(&mut world);
    let key = register(&mut world);
    world.calls(&Request::get("/mock").header("apikey", key), 200);
    world.survey.end();
}

/// Step 1: an API product, a version, its service name and proxy URL.
fn offer_a_version(world: &mut World) {
    world.look("overview");
    let browser = &world.browser;
    browser.follow("Create an API product");
    browser.is_at("New API product");
    world.look("product-form");
    let browser = &world.browser;
    browser.fill("Name", "Weather");
    browser.fill("Description", "Rain, wind and sun, by the hour.");
    browser.press("Create product");
    browser.is_at("Weather");
    world.look("product-empty");
    let browser = &world.browser;
    browser.follow("New version");
    browser.fill("Name", "v1");
    browser.fill("Proxy URL", "ftp://example.test/");
    world.browser.press("Create version");
    world.browser.sees("Must be http or https");
    world.look_at_answer("version-refused");
    let url = format!("http://{}/mock", world.scene.envoy.address());
    world.browser.fill("Proxy URL", &url);
    world.browser.press("Create version");
    world.browser.is_at("Weather v1");
    world.browser.sees("weather-v1");
    world.look("version-closed");
}

/// Step 2: App Registration, with the strategy it needs; then read-only acl and key-auth entries.
fn enable_registration(world: &mut World) {
    world.browser.follow("Enable app registration");
    world.browser.is_at("App registration");
    world.browser.sees("openid-connect Not available yet");
    world.browser.tick("Auto Approve");
    world.look("app-registration");
    let browser = &world.browser;
    browser.press("Enable");
    browser.is_at("Weather v1");
    browser.sees("App registration is enabled.");
    browser.press("key-auth Enabled");
    browser.press("acl Enabled");
    browser.sees("applications approved for this version");
    world.look("version-open");
    world.browser.follow("Weather");
    world.look("product");
}

/// Step 1, the portal's side: not public, developers approved at once, and where it is.
fn set_the_portal_up(world: &mut World) {
    let browser = &world.browser;
    world.go("Portal settings");
    browser.sees(&world.portal("/"));
    browser.fill("Name", "Example APIs");
    browser.tick("Auto-approve developers");
    browser.press("Save settings");
    browser.sees("The portal settings are saved.");
    world.look("settings");
}

/// Steps 3 to 6, as the developer: an account, an application, access, a key.
fn register(world: &mut World) -> String {
    let registry = &world.scene.registry;
    let admin = registry.admin().unwrap();
    let visitor = registry.visitor();
    visitor.sign_up(EMAIL, "Ada Example").unwrap();
    let token = admin.mailed_token(EMAIL).unwrap();
    visitor.set_password(&token, PASSWORD).unwrap();
    let developer = visitor.log_in(EMAIL, PASSWORD).unwrap();
    let application = developer
        .create_application("Umbrella", "umbrella-1")
        .unwrap();
    let products = admin.caller().get("/v2/api-products").unwrap();
    let product: String = products.parse("/data/0/id").unwrap();
    let path = format!("/v2/api-products/{product}/product-versions");
    let versions = admin.caller().get(&path).unwrap();
    let version = versions.parse("/data/0/id").unwrap();
    let registration = developer.request_access(application, version).unwrap();
    assert_eq!(registration.status, "approved", "it is auto-approved");
    developer.issue_key(application, "first").unwrap().key
}
