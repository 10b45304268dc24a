//! Everything works without scripts: from the log-in to a key that calls.

use serde_json::json;
use stage::client::Request;
use stage::story::application::{EMAIL, PASSWORD};

use crate::world::World;

#[test]
fn without_scripts_a_developer_gets_a_key_that_calls() {
    let world = World::begin("scriptless").unwrap();
    offer(&world);
    let browser = &world.browser;
    browser.refuse_scripts();
    world.come_in(EMAIL, PASSWORD);
    browser.is_at("Catalog");
    browser.follow("Weather");
    browser.follow("Register for v1");
    browser.fill("Name of the new application", "Umbrella");
    browser.press("Request access");
    browser.is_at("Umbrella");
    browser.follow("Generate credential");
    browser.press("Generate");
    browser.is_at("Your new key");
    let copies = browser.ask(
        "return document.querySelectorAll('.copy:not([hidden])').length",
        vec![],
    );
    assert_eq!(
        copies.unwrap(),
        0,
        "a button that copies needs a script, and hides without one"
    );
    let key = browser.text_of("#key");
    world.calls(&Request::get("/mock").header("apikey", key), 200);
    browser.follow("I have kept it: go on");
    browser.follow("Delete API key");
    browser.press("Delete the key");
    browser.sees("The key is deleted.");
}

/// A version that approves at once, and a developer.
fn offer(world: &World) {
    let registry = &world.scene.registry;
    let admin = registry.admin().unwrap();
    let strategy = admin.create_strategy("key-auth", &["apikey"]).unwrap();
    let settings = json!({
        "is_public": false,
        "auto_approve_developers": true,
        "default_application_auth_strategy_id": strategy,
    });
    admin.change_portal(&settings).unwrap();
    let product = admin.create_product("Weather").unwrap();
    let version = admin.create_version(&product, "v1").unwrap();
    let publication = stage::api::Publication {
        strategy,
        auto_approve: true,
    };
    admin.publish(version.id, &publication).unwrap();
    let visitor = registry.visitor();
    visitor.sign_up(EMAIL, "Ada Example").unwrap();
    let token = admin.mailed_token(EMAIL).unwrap();
    visitor.set_password(&token, PASSWORD).unwrap();
}
