//! Who hears of what by mail, from the request to the mailbox.

use std::net::SocketAddr;

use keystile_registry::clock::Clock;
use serde_json::json;
use stage::api::{Admin, Publication, Version};
use stage::client::Request;
use stage::mail::MailServer;
use stage::postgres::PostgreSql;
use stage::registry::{ADMIN, Database, Listeners, Registry};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// A registry that mails, with an approved developer.
fn portal(server: &MailServer, database: &Database) -> Registry {
    let registry = Registry::prepare(database, Listeners::free().unwrap()).unwrap();
    let mut registry = registry
        .with("--smtp-host", "127.0.0.1")
        .with("--smtp-port", &server.port().to_string())
        .with("--smtp-security", "none")
        .with("--mail-from", "portal@keystile.test");
    registry.start_again().unwrap();
    let admin = registry.admin().unwrap();
    let change = json!({"is_public": false, "auto_approve_developers": true});
    admin.change_portal(&change).unwrap();
    registry.visitor().sign_up(ADA, "Ada Lovelace").unwrap();
    let token = server.mail(ADA, "Confirm").unwrap();
    let token = token.token().unwrap();
    registry.visitor().set_password(token, PASSWORD).unwrap();
    registry
}

/// Sets the administrator's password on the page that the link leads to, as a browser would.
fn welcome(registry: &Registry) {
    let link = registry.welcome_link();
    let (_, path) = link.split_once("/welcome").unwrap();
    let path = format!("/welcome{path}");
    let admin: SocketAddr = registry.listeners().admin;
    let page = Request::get(path.clone()).send(admin).unwrap();
    assert_eq!(page.status, 200, "{}", page.text());
    let cookie = page.header("set-cookie").unwrap().into_owned();
    let text = page.text().into_owned();
    let hidden = |name: &str| {
        let (_, rest) = text
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("form_token", &hidden("form_token"));
    form.append_pair("token", &hidden("token"));
    form.append_pair("password", PASSWORD);
    let answer = Request::post("/welcome")
        .header("host", format!("localhost:{}", admin.port()))
        .header("origin", format!("http://localhost:{}", admin.port()))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie.split(';').next().unwrap())
        .body(form.finish());
    let answer = answer.send(admin).unwrap();
    assert!((300..400).contains(&answer.status), "{}", answer.text());
}

/// A version whose registrations wait for an administrator.
fn version(admin: &Admin) -> Version {
    let product = admin.create_product("Weather").unwrap();
    let version = admin.create_version(&product, "v1").unwrap();
    let strategy = admin.create_strategy("keys", &["apikey"]).unwrap();
    let publication = Publication {
        strategy: strategy.clone(),
        auto_approve: false,
    };
    admin.publish(version.id, &publication).unwrap();
    let default = json!({"default_application_auth_strategy_id": strategy});
    admin.change_portal(&default).unwrap();
    version
}

#[test]
fn a_request_reaches_the_administrators_and_its_answers_the_developer() {
    let server = MailServer::start().unwrap();
    let registry = portal(&server, &Database::Sqlite);
    let admin = registry.admin().unwrap();
    welcome(&registry);
    let version = version(&admin);
    let ada = registry.visitor().log_in(ADA, PASSWORD).unwrap();
    let application = ada.create_application("Umbrella", "umbrella").unwrap();
    let registration = ada.request_access(application, version.id).unwrap();
    let waiting = server.mail(ADMIN, "asks for").unwrap();
    assert!(waiting.text.contains("/requests"), "{}", waiting.text);
    for said in ["Umbrella", "Weather", "v1"] {
        assert!(waiting.text.contains(said), "{}", waiting.text);
    }
    admin.approve(application, &registration.id).unwrap();
    let approved = server.mail(ADA, "may call").unwrap();
    let page = format!("/applications/{application}");
    assert!(approved.text.contains(&page), "{}", approved.text);
    assert!(approved.html.contains("Weather"), "{}", approved.html);
    let before = server.taken().len();
    admin.revoke(application, &registration.id).unwrap();
    let revoked = server.mail(ADA, "may no longer").unwrap();
    assert_eq!(server.taken().len(), before + 1, "one for each decision");
    assert!(revoked.text.contains("Umbrella"), "{}", revoked.text);
}

#[test]
fn a_developer_hears_once_of_a_key_that_has_ended_on_sqlite() {
    hears_once_of_the_end(&Database::Sqlite);
}

#[test]
fn a_developer_hears_once_of_a_key_that_has_ended_on_postgres() {
    let server = PostgreSql::start().unwrap();
    hears_once_of_the_end(&Database::Url(server.url()));
}

fn hears_once_of_the_end(database: &Database) {
    let server = MailServer::start().unwrap();
    let mut registry = portal(&server, database);
    let admin = registry.admin().unwrap();
    version(&admin);
    let ada = registry.visitor().log_in(ADA, PASSWORD).unwrap();
    let application = ada.create_application("Umbrella", "umbrella").unwrap();
    // A registry looks when it starts and every ten minutes.
    let an_hour_ago = Clock::System.now().plus_ms(-60 * 60 * 1000);
    let end = an_hour_ago.to_string();
    admin.issue_key_until(application, &end).unwrap();
    registry.start_again().unwrap();
    let ended = server.mail(ADA, "ended").unwrap();
    assert!(ended.text.contains("Umbrella"), "{}", ended.text);
    registry.start_again().unwrap();
    registry
        .visitor()
        .sign_up("bob@example.com", "Bob")
        .unwrap();
    server.mail("bob@example.com", "Confirm").unwrap();
    let taken = server.taken();
    let told = taken
        .iter()
        .filter(|mail| mail.subject() == ended.subject());
    assert_eq!(told.count(), 1, "once, however often the registry starts");
}
