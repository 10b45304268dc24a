//! Flow A, step by step: from an empty database to an application that calls, after
//! Konnect's "Register an Application to a Service".

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
    join(&mut world);
    create_an_application(&mut world);
    register(&mut world);
    let key = generate_a_key(&mut world);
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

/// Step 3: a developer's account, by signing up; it has nothing to do with administrators'.
fn join(world: &mut World) {
    let browser = &world.browser;
    browser.open(&world.portal("/"));
    world.look("portal");
    let browser = &world.browser;
    browser.part("Portal").follow("Sign up");
    browser.is_at("Sign up");
    world.look("sign-up");
    let browser = &world.browser;
    browser.fill("Full name", "Ada Example");
    browser.fill("E-mail address", EMAIL);
    browser.press("Sign up");
    browser.is_at("Your link is waiting");
    world.look_at_answer("signed-up");
    let browser = &world.browser;
    browser.open(&world.admin("/outbox"));
    browser.open(&browser.text_of(".copyable code"));
    browser.is_at("Choose a password");
    world.look("welcome");
    world.browser.fill("Password", PASSWORD);
    world.browser.press("Confirm and log in");
    world.browser.is_at("Catalog");
    world.look("catalog");
}

/// Step 4: an application, with a reference id of its own.
fn create_an_application(world: &mut World) {
    let browser = &world.browser;
    browser.part("Portal").follow("My apps");
    browser.is_at("My apps");
    world.look("my-apps-empty");
    let browser = &world.browser;
    browser.open(&world.portal("/applications/new"));
    browser.fill("Name", "Umbrella");
    browser.fill("Reference ID", "umbrella-1");
    browser.fill("Description", "Says when to take one.");
    world.look("new-app");
    world.browser.press("Create");
    world.browser.is_at("Umbrella");
    world.look("application-empty");
}

/// Step 5: from the catalogue's tile to access, approved at once.
fn register(world: &mut World) {
    let browser = &world.browser;
    browser.part("Portal").follow("Catalog");
    browser.follow("Weather");
    world.look("product-page");
    let browser = &world.browser;
    browser.follow("v1");
    browser.is_at("Weather v1");
    world.look("version-page");
    let browser = &world.browser;
    browser.follow("Register");
    browser.is_at("Register for Weather v1");
    browser.tick("Umbrella umbrella-1");
    world.look("register");
    world.browser.press("Request access");
    world.browser.is_at("Umbrella");
    world.browser.sees("Approved");
    world.look("application-approved");
}

/// Step 6: a key, shown once, with the command that uses it.
fn generate_a_key(world: &mut World) -> String {
    let browser = &world.browser;
    browser.follow("Generate credential");
    browser.is_at("Generate a credential");
    browser.fill("Display name", "first");
    world.look("generate");
    world.browser.press("Generate");
    world.browser.is_at("Your new key");
    let key = world.browser.text_of("#key");
    world.look_at_answer("key");
    let browser = &world.browser;
    browser.reload();
    browser.sees_no(&key);
    browser.sees("shown");
    world.look_at_answer("already-shown");
    let browser = &world.browser;
    browser.part("Portal").follow("My apps");
    browser.follow("Umbrella");
    browser.sees_no(&key);
    browser.sees("first");
    world.look("application");
    world.browser.follow("How to call it : Weather v1");
    world.browser.is_at("How to call Weather v1");
    world.look("guide");
    key
}
