//! Flow B, step by step: Key Authentication for a service, and an approval by hand,
//! after Kong Gateway 3.3's "Enable Key Authentication for Application Registration".

use serde_json::json;
use stage::client::Request;
use stage::error::StageError;
use stage::story::application::{EMAIL, PASSWORD};

use crate::world::World;

#[test]
fn a_service_takes_keys_where_its_form_says_once_an_administrator_approves() {
    let mut world = World::begin("flow-b").unwrap();
    world.enter();
    describe_the_service(&mut world);
    fill_in_key_authentication(&mut world);
    let key = request(&mut world);
    let call = Request::get("/billing").header("apikey", key.as_str());
    world.calls(&call, 403);
    approve(&mut world);
    world.calls(&call, 200);
    world.calls(&Request::get(format!("/billing?apikey={key}")), 200);
    let form = Request::post("/billing")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("apikey={key}"));
    world.calls(&form, 200);
    revoke(&mut world);
    world.calls(&call, 403);
    world.survey.end();
}

/// Step 1: a service, its Envoy snippet, and its plugins.
fn describe_the_service(world: &mut World) {
    let browser = &world.browser;
    world.go("API products");
    browser.follow("New API product");
    browser.fill("Name", "Billing");
    browser.press("Create product");
    browser.follow("New version");
    browser.fill("Name", "v1");
    let url = format!("http://{}/billing", world.scene.envoy.address());
    browser.fill("Proxy URL", &url);
    browser.press("Create version");
    browser.follow("Enable app registration");
    browser.press("Enable");
    world.go("Services");
    world.look("services");
    let browser = &world.browser;
    browser.follow("billing-v1");
    browser.sees("service: billing-v1");
    for plugin in [
        "application-registration Enabled",
        "key-auth Enabled",
        "acl Enabled",
    ] {
        browser.sees(plugin);
    }
    world.look("service");
}

/// Step 2: every parameter of the form, checked at its field.
fn fill_in_key_authentication(world: &mut World) {
    world.browser.follow("Edit Key Authentication");
    world.browser.is_at("Key Authentication");
    world.look("key-auth");
    let browser = &world.browser;
    browser.fill("Key Names", "api key");
    browser.fill("Realm", "billing");
    browser.tick("Key in Body");
    browser.press("Save Key Authentication");
    browser.sees("Must be names of 1 to 256");
    assert_eq!(browser.value("Realm"), "billing", "what was typed is kept");
    world.look_at_answer("key-auth-refused");
    let browser = &world.browser;
    browser.fill("Key Names", "apikey");
    browser.press("Save Key Authentication");
    browser.is_at("billing-v1");
    browser.sees("Key Authentication is saved.");
    world.look("service-with-body");
    world.browser.follow("Edit ACL");
    world.look("acl");
}

/// Steps 3 and 4, as the developer: a request that waits, a key, and where it may be sent (step 5).
fn request(world: &mut World) -> String {
    join(world).unwrap();
    let browser = &world.browser;
    browser.open(&world.portal("/login"));
    browser.fill("E-mail address", EMAIL);
    browser.fill("Password", "not this one");
    browser.press("Log in");
    browser.sees("password is wrong");
    world.look_at_answer("log-in-refused");
    let browser = &world.browser;
    browser.fill("Password", PASSWORD);
    browser.press("Log in");
    browser.is_at("Catalog");
    browser.follow("Billing");
    browser.follow("Register for v1");
    browser.is_at("Register for Billing v1");
    browser.fill("Name of the new application", "Ledger");
    browser.fill("A message to the administrator", "For the monthly bill.");
    world.look("register");
    let browser = &world.browser;
    browser.press("Request access");
    browser.is_at("Ledger");
    browser.sees("Pending");
    world.look("application-pending");
    let application = world.browser.url();
    let browser = &world.browser;
    browser.open(&format!("{application}/credentials/new"));
    browser.press("Generate");
    browser.is_at("Your new key");
    let key = browser.text_of("#key");
    browser.open(&application);
    browser.follow("How to call it : Billing v1");
    for place in [
        "-H 'apikey: {API_KEY}'",
        "curl -i -G",
        "-d 'apikey={API_KEY}'",
    ] {
        browser.sees(place);
    }
    world.look("guide");
    key
}

/// A developer's account; how one signs up is told in flow A.
fn join(world: &World) -> Result<(), StageError> {
    let registry = &world.scene.registry;
    let admin = registry.admin()?;
    admin.change_portal(&json!({"is_public": false, "auto_approve_developers": true}))?;
    let visitor = registry.visitor();
    visitor.sign_up(EMAIL, "Ada Example")?;
    visitor.set_password(&admin.mailed_token(EMAIL)?, PASSWORD)
}

/// Step 3, as the administrator: the request is approved.
fn approve(world: &mut World) {
    let browser = &world.browser;
    browser.open(&world.admin("/"));
    browser.follow("Ledger wants Billing v1");
    browser.is_at("Requests for access");
    browser.sees("For the monthly bill.");
    world.look("requests");
    world.browser.press("Approve");
    world.browser.sees("1 request approved.");
}

/// Step 3: access is taken back.
fn revoke(world: &mut World) {
    let browser = &world.browser;
    browser.follow("Approved");
    browser.sees("Ledger");
    browser.press("Revoke");
    browser.sees("1 request revoked.");
}
