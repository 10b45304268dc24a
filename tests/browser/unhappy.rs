//! What goes wrong for a developer: each page says so, says what to do, and keeps what there was.

use serde_json::{Value, json};
use stage::api::{Admin, Publication};
use stage::error::StageError;
use stage::story::application::{EMAIL, PASSWORD};

use crate::world::World;

/// A version that is approved by hand, and who decides about it.
struct Desk {
    admin: Admin,
    product: String,
    version: String,
    developer: String,
}

#[test]
fn whoever_is_not_let_in_is_told_why() {
    let mut world = World::begin("not-let-in").unwrap();
    let desk = Desk::furnish(&world).unwrap();
    be_taken_for_a_stranger(&mut world);
    wait_for_approval(&mut world, &desk);
    find_a_public_portal(&mut world, &desk);
    world.survey.end();
}

#[test]
fn a_developer_who_is_refused_keeps_what_was_typed_and_where_it_was() {
    let mut world = World::begin("refused").unwrap();
    let desk = Desk::furnish(&world).unwrap();
    desk.decide("approved").unwrap();
    world.come_in(EMAIL, PASSWORD);
    world.browser.is_at("Catalog");
    choose_a_reference_that_is_taken(&mut world, &desk);
    come_back_after_the_log_in_is_over(&mut world, &desk);
    be_rejected(&mut world, &desk);
    find_registration_off(&mut world, &desk);
    world.survey.end();
}

/// A password that is wrong, however right the rest is.
fn be_taken_for_a_stranger(world: &mut World) {
    let browser = &world.browser;
    browser.open(&world.portal("/login"));
    browser.fill("E-mail address", EMAIL);
    browser.fill("Password", "not this one");
    browser.press("Log in");
    browser.sees("The e-mail address or the password is wrong");
    assert_eq!(browser.value("E-mail address"), EMAIL, "it is kept");
    assert_eq!(browser.value("Password"), "", "it is not");
    world.look_at_answer("wrong-password");
}

/// An account that an administrator has not looked at.
fn wait_for_approval(world: &mut World, desk: &Desk) {
    world.browser.fill("Password", PASSWORD);
    world.browser.press("Log in");
    world.browser.is_at("Waiting for approval");
    world.look_at_answer("waiting");
    desk.decide("approved").unwrap();
    world.browser.follow("Try again");
    world.give_password(EMAIL, PASSWORD);
    world.browser.is_at("Catalog");
}

/// A portal that becomes public has no accounts: not even for who was logged in.
fn find_a_public_portal(world: &mut World, desk: &Desk) {
    let public = json!({"is_public": true});
    desk.admin.change_portal(&public).unwrap();
    let browser = &world.browser;
    browser.open(&world.portal(&desk.version_page()));
    browser.is_at("Weather v1");
    browser.sees("This portal is public: anyone may read it, and nobody registers here.");
    browser.sees_no("Register");
    browser.sees_no("My apps");
    world.look("public-version");
    let browser = &world.browser;
    browser.follow("Weather");
    browser.sees("No registration");
    world.look("public-product");
    let browser = &world.browser;
    browser.open(&world.portal(&desk.register_page()));
    browser.sees("This portal is public: nobody needs an account to read it.");
}

/// A reference id of another application: on the form of an application, and on that of a request.
fn choose_a_reference_that_is_taken(world: &mut World, desk: &Desk) {
    desk.admin
        .create_application("Other", "umbrella-1")
        .unwrap();
    let browser = &world.browser;
    browser.open(&world.portal("/applications/new"));
    browser.fill("Name", "Umbrella");
    browser.fill("Reference ID", "umbrella-1");
    browser.fill("Description", "Says when to take one.");
    browser.press("Create");
    browser.sees("Another application has this reference id already");
    assert_eq!(browser.value("Name"), "Umbrella");
    assert_eq!(browser.value("Description"), "Says when to take one.");
    world.look_at_answer("reference-taken");
    let browser = &world.browser;
    browser.open(&world.portal(&desk.register_page()));
    browser.fill("Name of the new application", "Umbrella");
    browser.fill("Reference ID", "umbrella-1");
    browser.fill("A message to the administrator", "For the rain");
    browser.press("Request access");
    browser.sees("Another application has this reference id already");
    assert_eq!(browser.value("Name of the new application"), "Umbrella");
    assert_eq!(
        browser.value("A message to the administrator"),
        "For the rain"
    );
    world.look_at_answer("reference-taken-at-register");
}

/// A log-in that ends while a form is open, and while a page is.
fn come_back_after_the_log_in_is_over(world: &mut World, desk: &Desk) {
    desk.end_log_ins().unwrap();
    let browser = &world.browser;
    browser.press("Request access");
    browser
        .sees("Your log-in is over. Log in again to go on where you were. What you typed is kept.");
    world.look_at_answer("log-in-over");
    world.give_password(EMAIL, PASSWORD);
    let browser = &world.browser;
    browser.is_at("Register for Weather v1");
    browser.sees("What you typed is here, and not sent yet.");
    assert_eq!(browser.value("Name of the new application"), "Umbrella");
    assert_eq!(
        browser.value("A message to the administrator"),
        "For the rain"
    );
    browser.fill("Reference ID", "umbrella-2");
    world.look("what-was-typed");
    let browser = &world.browser;
    browser.press("Request access");
    browser.is_at("Umbrella");
    browser.sees("Pending");
    let here = browser.url();
    desk.end_log_ins().unwrap();
    browser.reload();
    world.give_password(EMAIL, PASSWORD);
    world.browser.is_at("Umbrella");
    assert_eq!(world.browser.url(), here);
    let current = world.browser.text_of(".menu [aria-current]");
    assert_eq!(current, "My apps", "the menu knows where it is");
}

/// A request that an administrator turns down.
fn be_rejected(world: &mut World, desk: &Desk) {
    desk.reject("Say what it is for").unwrap();
    let browser = &world.browser;
    browser.reload();
    browser.sees("Rejected");
    browser.sees("Reason: Say what it is for");
    world.look("rejected");
}

/// A version that takes no registrations any more.
fn find_registration_off(world: &mut World, desk: &Desk) {
    let closed = json!({"application_registration_enabled": false});
    desk.change("product-versions", &desk.version, &closed)
        .unwrap();
    let browser = &world.browser;
    browser.open(&world.portal(&desk.version_page()));
    browser.sees("This version takes no registrations at the moment.");
    browser.sees_no("Register");
    world.look("registration-off");
    let browser = &world.browser;
    browser.open(&world.portal(&desk.register_page()));
    browser.is_at("Weather v1");
}

// === impl Desk ===

impl Desk {
    /// A version, and a developer who has a password and waits.
    fn furnish(world: &World) -> Result<Self, StageError> {
        let admin = world.scene.registry.admin()?;
        let strategy = admin.create_strategy("key-auth", &["apikey"])?;
        admin.change_portal(&json!({
            "is_public": false,
            "auto_approve_developers": false,
            "default_application_auth_strategy_id": strategy,
        }))?;
        let product = admin.create_product("Weather")?;
        let version = admin.create_version(&product, "v1")?.id;
        let publication = Publication {
            strategy,
            auto_approve: false,
        };
        admin.publish(version, &publication)?;
        let visitor = world.scene.registry.visitor();
        visitor.sign_up(EMAIL, "Ada Example")?;
        visitor.set_password(&admin.mailed_token(EMAIL)?, PASSWORD)?;
        let path = format!("/v2/portals/{}/developers", admin.portal());
        let developer = admin.caller().get(&path)?.expect(200)?;
        Ok(Self {
            developer: developer.parse("/data/0/id")?,
            admin,
            product,
            version: version.to_string(),
        })
    }

    fn version_page(&self) -> String {
        format!("/products/{}/versions/{}", self.product, self.version)
    }

    fn register_page(&self) -> String {
        format!("{}/register", self.version_page())
    }

    /// Decides about the developer.
    fn decide(&self, status: &str) -> Result<(), StageError> {
        self.change("developers", &self.developer, &json!({"status": status}))
    }

    /// Ends the developer's log-ins: whoever is revoked is logged out, and comes back without them.
    fn end_log_ins(&self) -> Result<(), StageError> {
        self.decide("revoked")?;
        self.decide("approved")
    }

    /// Turns down whatever was asked for.
    fn reject(&self, reason: &str) -> Result<(), StageError> {
        let ids = self.admin.registrations("pending")?;
        let decision = json!({"ids": ids, "status": "rejected", "reason": reason});
        let path = "/admin/v1/registrations/decisions";
        let answer = self.admin.caller().post(path, &decision)?;
        answer.expect(200).map(drop)
    }

    fn change(&self, kind: &str, id: &str, change: &Value) -> Result<(), StageError> {
        let path = format!("/v2/portals/{}/{kind}/{id}", self.admin.portal());
        let answer = self.admin.caller().patch(&path, change)?;
        answer.expect(200).map(drop)
    }
}
