//! Flow B, step by step: Key Authentication for a service, and an approval by hand,
//! after Kong Gateway 3.3's "Enable Key Authentication for Application Registration".

use std::process::Command;

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
    hand_out_default_credentials(&mut world);
    let key = request(&mut world);
    let call = Request::get("/billing").header("apikey", key.as_str());
    world.calls(&call, 403);
    approve(&mut world);
    world.calls(&call, 200);
    call_as_the_guide_says(&mut world, &key);
    let second = generate_another(&mut world);
    delete(&mut world, "Default");
    world.calls(&call, 401);
    let call = Request::get("/billing").header("apikey", second.as_str());
    world.calls(&call, 200);
    revoke(&mut world);
    world.calls(&call, 403);
    find_out_why(&mut world, &key, &second);
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

/// Step 4, as the administrator: applications get their first key when they are made.
fn hand_out_default_credentials(world: &mut World) {
    world.go("Auth strategies");
    world.browser.follow("key-auth");
    world.browser.is_at("Edit strategy");
    world.browser.tick("Default credential");
    world.look("strategy");
    world.browser.press("Save strategy");
    world.browser.is_at("Auth strategies");
}

/// Steps 3 and 4, as the developer: a request that waits, and the key that came with its application,
/// shown on the page that answers and never again.
fn request(world: &mut World) -> String {
    join(world).unwrap();
    world.come_in(EMAIL, PASSWORD);
    let browser = &world.browser;
    browser.is_at("Catalog");
    browser.follow("Billing");
    browser.follow("Register for v1");
    browser.is_at("Register for Billing v1");
    browser.fill("Name of the new application", "Ledger");
    browser.fill("A message to the administrator", "For the monthly bill.");
    world.look("register");
    let browser = &world.browser;
    browser.press("Request access");
    browser.is_at("Your new key");
    let key = browser.text_of("#key");
    world.look_at_answer("default-credential");
    let browser = &world.browser;
    browser.follow("I have kept it: go on");
    browser.is_at("Ledger");
    browser.sees("Pending");
    browser.sees("Default");
    browser.sees_no(&key);
    world.look("application-pending");
    key
}

/// Steps 5 and 6: the i page has a command for each place, and each of them works as it is printed.
fn call_as_the_guide_says(world: &mut World, key: &str) {
    open_the_application(world);
    world.browser.follow("How to call it : Billing v1");
    world.look("guide");
    for place in ["header", "query", "body"] {
        let command = world.browser.text_of(&format!("#call-{place}"));
        let answer = run(&command.replace("{API_KEY}", key));
        assert!(answer.starts_with("HTTP/1.1 200"), "{command}: {answer}");
    }
}

/// Step 4: one more key, by its name.
fn generate_another(world: &mut World) -> String {
    open_the_application(world);
    let browser = &world.browser;
    browser.follow("Generate credential");
    browser.fill("Display name", "second");
    browser.press("Generate");
    browser.is_at("Your new key");
    browser.text_of("#key")
}

/// Step 4: a key is deleted, once it is confirmed.
fn delete(world: &mut World, name: &str) {
    open_the_application(world);
    world.browser.follow(&format!("Delete {name}"));
    world.look("delete-credential");
    let browser = &world.browser;
    browser.press("Delete the key");
    browser.is_at("Ledger");
    browser.sees("The key is deleted.");
    browser.sees("Live on");
    world.look("application-after-deletion");
}

fn open_the_application(world: &World) {
    world.browser.open(&world.portal("/applications"));
    world.browser.follow("Ledger");
    world.browser.is_at("Ledger");
}

/// Runs a command as a shell reads it.
fn run(command: &str) -> String {
    let output = Command::new("sh").arg("-c").arg(command).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An administrator finds out why: by how the key ends, and by the whole key, which is shown nowhere.
fn find_out_why(world: &mut World, deleted: &str, revoked: &str) {
    world.go("Refused requests");
    world.browser.is_at("Refused requests");
    let end = revoked.get(revoked.len() - 4..).unwrap();
    look_up(world, end);
    let browser = &world.browser;
    browser.sees("Refused with 403: the key is known, and may not.");
    browser.sees("Its registration is revoked");
    world.look_at_answer("refused");
    look_up(world, deleted);
    world.browser.sees("This key was deleted");
    world.browser.sees_no(deleted);
    world.look_at_answer("refused-deleted");
}

fn look_up(world: &World, sought: &str) {
    let browser = &world.browser;
    browser.fill("Key, application or number", sought);
    browser.choose("Service", "billing-v1");
    browser.press("Look up");
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
    browser.open(&world.admin("/requests?status=approved"));
    browser.sees("Ledger");
    browser.press("Revoke");
    browser.sees("1 request revoked.");
}
