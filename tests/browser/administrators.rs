//! Every screen of an administrator: empty, filled, and refusing what is wrong.

use serde_json::json;
use stage::error::StageError;

use crate::world::{PASSWORD, World};

const SPECIFICATION: &str = "openapi: 3.1.0\ninfo:\n  title: Weather\n  version: v1\npaths:\n  /now:\n    get:\n      summary: The weather now\n      responses:\n        '200':\n          description: It is\n";

#[test]
fn an_administrator_finds_what_to_do_on_every_empty_page() {
    let mut world = World::begin("administrators-empty").unwrap();
    world.enter();
    for (path, name) in [
        ("/", "overview"),
        ("/requests", "requests"),
        ("/products", "products"),
        ("/services", "services"),
        ("/strategies", "strategies"),
        ("/settings", "settings"),
        ("/developers", "developers"),
        ("/applications", "applications"),
        ("/outbox", "outbox"),
        ("/gateways", "gateways"),
        ("/refusals", "refusals"),
        ("/audit", "audit"),
        ("/tokens", "tokens"),
        ("/strategies/new", "strategy-form"),
        ("/services/new", "service-form"),
        ("/applications/new", "application-form"),
        ("/nowhere", "not-found"),
    ] {
        world.browser.open(&world.admin(path));
        world.look(name);
    }
    world.survey.end();
}

#[test]
fn an_administrator_looks_after_people_and_keys() {
    let mut world = World::begin("administrators").unwrap();
    furnish(&world).unwrap();
    world.enter();
    invite(&mut world);
    look_after_an_application(&mut world);
    decide(&mut world);
    describe(&mut world);
    hand_out_a_token(&mut world);
    bring_a_colleague_in(&mut world);
    read_the_logs(&mut world);
    world.survey.end();
}

/// A product version that is approved by hand, and two requests for it.
fn furnish(world: &World) -> Result<(), StageError> {
    let admin = world.scene.registry.admin()?;
    let strategy = admin.create_strategy("key-auth", &["apikey"])?;
    admin.change_portal(&json!({
        "is_public": false,
        "auto_approve_developers": true,
        "default_application_auth_strategy_id": strategy,
    }))?;
    let product = admin.create_product("Weather")?;
    let version = admin.create_version(&product, "v1")?;
    admin.publish(
        version.id,
        &stage::api::Publication {
            strategy,
            auto_approve: false,
        },
    )?;
    let visitor = world.scene.registry.visitor();
    visitor.sign_up("ada@example.test", "Ada Example")?;
    let token = admin.mailed_token("ada@example.test")?;
    visitor.set_password(&token, "correct horse battery staple")?;
    let developer = visitor.log_in("ada@example.test", "correct horse battery staple")?;
    for name in ["Umbrella", "Raincoat"] {
        let application = developer.create_application(name, &name.to_lowercase())?;
        developer.request_access(application, version.id)?;
        developer.issue_key(application, "production")?;
    }
    Ok(())
}

/// Developers: an invitation, and one that is refused at its field.
fn invite(world: &mut World) {
    let browser = &world.browser;
    world.go("Developers");
    browser.follow("Invite developer");
    browser.fill("Full name", "Grace Example");
    browser.fill("E-mail address", "ada@example.test");
    browser.press("Invite");
    browser.sees("Is taken already");
    assert_eq!(
        browser.value("Full name"),
        "Grace Example",
        "what was typed is kept"
    );
    world.look_at_answer("developer-refused");
    let browser = &world.browser;
    browser.fill("E-mail address", "grace@example.test");
    browser.press("Invite");
    browser.is_at("Grace Example");
    browser.press("Revoke");
    browser.sees("Revoked");
    world.look("developer");
    world.go("Developers");
    world.look("developers");
    let browser = &world.browser;
    world.go("Outbox");
    browser.part("grace@example.test").press("Copy link");
    world.look("outbox");
}

/// An application: groups, a suspended key, a deleted one, the application itself.
fn look_after_an_application(world: &mut World) {
    let browser = &world.browser;
    world.go("Applications");
    browser.follow("Raincoat");
    browser.fill("Group names", "gold\npartners");
    browser.press("Save groups");
    browser.sees("The groups are saved.");
    browser.part("production").press("Suspend");
    browser.sees("The key is suspended");
    world.look("application");
    let browser = &world.browser;
    browser.part("production").follow("Delete");
    browser.is_at("Delete the credential?");
    world.look("confirm");
    let browser = &world.browser;
    browser.press("Delete credential");
    browser.sees("It has no key yet");
    world.go("Applications");
    browser.sees("gold, partners");
    world.look("applications");
}

/// Two requests: both rejected at once, with a reason.
fn decide(world: &mut World) {
    let browser = &world.browser;
    world.go("Requests");
    browser.is_at("Requests for access");
    browser.fill("Reason", "Say what it is for");
    browser.press("Reject");
    browser.sees("Tick the requests to decide about first.");
    assert_eq!(browser.value("Reason"), "Say what it is for", "it is kept");
    browser.tick("Umbrella for Weather v1");
    browser.tick("Raincoat for Weather v1");
    world.look_at_answer("requests");
    let browser = &world.browser;
    browser.press("Reject");
    browser.sees("2 requests rejected.");
    browser.follow("Rejected");
    browser.sees("Say what it is for");
    browser.tick("Umbrella for Weather v1");
    browser.press("Approve");
    browser.sees("1 request approved.");
    world.look("requests-rejected");
}

/// A document and a specification, and what is wrong with another.
fn describe(world: &mut World) {
    world.go("API products");
    let browser = &world.browser;
    browser.follow("Weather");
    browser.follow("Documents");
    browser.is_at("Documents");
    browser.follow("New document");
    browser.fill("Title", "Getting started");
    browser.fill("Slug", "Getting started");
    browser.fill("Text", "# Hello\n\nAsk for a *key* first.");
    browser.press("Create document");
    browser.sees("Not sent yet");
    world.look_at_answer("document-refused");
    let browser = &world.browser;
    browser.fill("Slug", "getting-started");
    browser.press("Create document");
    browser.sees("The document is created.");
    world.look("documents");
    let browser = &world.browser;
    browser.follow("Weather");
    browser.follow("v1");
    browser.follow("Specification");
    browser.fill("OpenAPI document", "paths: [");
    browser.press("Save specification");
    browser.sees("Not sent yet");
    world.look_at_answer("specification-refused");
    let browser = &world.browser;
    browser.fill("OpenAPI document", SPECIFICATION);
    browser.press("Save specification");
    browser.sees("The specification is saved.");
}

/// An invitation of another administrator, who may do less.
fn bring_a_colleague_in(world: &mut World) {
    world.go("Administrators");
    world.look("administrators");
    let browser = &world.browser;
    browser.follow("Invite administrator");
    browser.fill("E-mail address", "grace@keystile.test");
    browser.press("Invite");
    browser.is_at("Invitation");
    let link = browser.text_of("#link");
    world.look_at_answer("invitation");
    let browser = &world.browser;
    browser.press("Log out");
    browser.is_at("Log in");
    browser.open(&link);
    browser.fill("New password", "password");
    browser.press("Set password");
    browser.sees("Must not be one of the most common passwords");
    browser.fill("New password", PASSWORD);
    browser.press("Set password");
    browser.is_at("Log in");
    browser.open(&link);
    browser.is_at("This is gone");
    browser.open(&world.admin("/login"));
    browser.fill("E-mail address", "grace@keystile.test");
    browser.fill("Password", "not this one");
    browser.press("Log in");
    browser.sees("The e-mail address or the password is wrong.");
    world.look_at_answer("log-in-refused");
    let browser = &world.browser;
    browser.fill("Password", PASSWORD);
    browser.press("Log in");
    browser.is_at("Overview");
    world.go("Portal settings");
    world.browser.press("Save settings");
    world.browser.is_at("That is not allowed");
    world.browser.open(&world.admin("/"));
}

/// A token, shown once.
fn hand_out_a_token(world: &mut World) {
    let browser = &world.browser;
    world.go("Access tokens");
    browser.follow("New token");
    browser.fill("Name", "envoy in Utrecht");
    browser.press("Create token");
    browser.sees("Tick at least one.");
    world.look_at_answer("token-refused");
    let browser = &world.browser;
    browser.tick("gateway");
    browser.press("Create token");
    browser.is_at("envoy in Utrecht");
    let secret = browser.text_of("#secret");
    assert!(secret.starts_with("kst_"), "the token is shown");
    world.look_at_answer("token");
    let browser = &world.browser;
    browser.reload();
    browser.is_at("The token was already shown");
    browser.follow("To the access tokens");
    browser.sees_no(&secret);
    browser.part("envoy in Utrecht").follow("Revoke");
    browser.press("Revoke token");
    browser.part("envoy in Utrecht");
    browser.sees("Revoked");
    world.look("tokens");
}

/// The audit log, narrowed.
fn read_the_logs(world: &mut World) {
    let browser = &world.browser;
    world.go("Audit log");
    browser.fill("Action", "token");
    browser.press("Filter");
    browser.sees("token.revoke");
    browser.sees_no("registration.decide");
    world.look("audit");
    world.go("Gateways");
    world.browser.sees("of 1 gateway");
    world.look("gateways");
    world.go("Overview");
    world.look("overview");
}
