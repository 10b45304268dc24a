//! The outbox where there is a mail server: how the sending of each mail goes.

use stage::mail::MailServer;
use stage::registry::Registry;

use crate::world::World;

#[test]
fn the_outbox_says_how_the_sending_of_each_mail_goes() {
    let server = MailServer::start().unwrap();
    let port = server.port().to_string();
    let mut world = World::begin_with("outbox", |registry| mailing(registry, &port)).unwrap();
    sign_up(&world, "ada@example.test");
    world.look_at_answer("look-into-your-mail");
    server.mail("ada@example.test", "Confirm").unwrap();
    drop(server);
    sign_up(&world, "grace@example.test");
    world.enter();
    world.go("Outbox");
    let browser = &world.browser;
    browser.sees(&format!("Mails go out through 127.0.0.1:{port}"));
    browser.sees("Sent");
    browser.comes_to_see("Trying again");
    browser.sees("1 attempt failed; the next is");
    browser.sees("Last error:");
    browser.sees_no("token=");
    world.look("outbox");
    world.survey.end();
}

/// Has mails sent by a server on this machine, which speaks without encryption.
fn mailing(registry: Registry, port: &str) -> Registry {
    registry
        .with("--smtp-host", "127.0.0.1")
        .with("--smtp-port", port)
        .with("--smtp-security", "none")
        .with("--mail-from", "Example APIs <portal@keystile.test>")
}

fn sign_up(world: &World, email: &str) {
    let browser = &world.browser;
    browser.open(&world.portal("/sign-up"));
    browser.fill("Full name", "Somebody");
    browser.fill("E-mail address", email);
    browser.press("Sign up");
    browser.is_at("Look into your mail");
}
