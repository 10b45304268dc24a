//! Mails on their way: to a real mail server, and to ones that are gone, slow or say no.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stage::mail::{Demands, MailServer};
use stage::port::Port;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Listeners, Registry};
use stage::server::Server;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// What a request may take whose mail goes nowhere.
const PROMPT: Duration = Duration::from_secs(2);

#[test]
fn a_developer_signs_up_by_the_mailed_link_and_hears_how_the_account_stands() {
    let server = MailServer::start().unwrap();
    let registry = mailing(&Database::Sqlite, server.port());
    registry
        .visitor()
        .sign_up(ADA, "Ada <script>alert(1)</script>")
        .unwrap();
    let mail = server.mail(ADA, "Confirm").unwrap();
    assert_eq!(mail.header("auto-submitted"), "auto-generated");
    assert!(
        mail.header("from").contains("portal@keystile.test"),
        "{:?}",
        mail.headers
    );
    let token = mail.token().unwrap().to_owned();
    assert!(mail.html.contains(&token), "both forms have the link");
    registry.visitor().set_password(&token, PASSWORD).unwrap();
    decide(&registry, "approved");
    let approved = server.mail(ADA, "approved").unwrap();
    assert!(!approved.html.contains("<script"), "{}", approved.html);
    registry.visitor().log_in(ADA, PASSWORD).unwrap();
    decide(&registry, "revoked");
    server.mail(ADA, "closed").unwrap();
    assert!(!registry.log().contains(&token), "links are in mails alone");
    let outbox = outbox(&registry);
    assert!(
        !outbox.to_string().contains(&token),
        "nor does an administrator see them: {outbox}"
    );
}

#[test]
fn a_mail_server_is_spoken_to_as_it_demands() {
    let login = Some(("keystile", "a long password"));
    let demands = Demands { tls: None, login };
    let server = MailServer::demanding(&demands).unwrap();
    let registry = mailing_with(&Database::Sqlite, server.port(), |registry| {
        let registry = registry.with("--smtp-username", "keystile");
        registry.with("--smtp-password", "a long password")
    });
    registry.visitor().sign_up(ADA, "Ada").unwrap();
    assert!(server.mail(ADA, "Confirm").unwrap().is_known);
    assert!(!registry.log().contains("a long password"));
}

#[test]
fn a_mail_server_that_is_gone_or_slow_holds_nobody_up_and_shows_in_the_outbox() {
    let gone = Port::claim().unwrap();
    let tarpit = Server::start("a tarpit", |stream: TcpStream| {
        let mut byte = [0];
        // It never says anything, and hangs up when the other side does.
        while std::io::Read::read(&mut &stream, &mut byte).is_ok_and(|count| count > 0) {}
    });
    let tarpit = tarpit.unwrap();
    for port in [gone.number(), tarpit.address().port()] {
        let registry = mailing_with(&Database::Sqlite, port, |registry| {
            registry.with("--smtp-timeout-s", "1")
        });
        let began = Instant::now();
        registry.visitor().sign_up(ADA, "Ada").unwrap();
        assert!(began.elapsed() < PROMPT, "122: {:?}", began.elapsed());
        let mail = wait_in_outbox(&registry, |mail| mail["last_error"].is_string());
        assert!(
            mail["next_attempt_at"].is_string(),
            "122: it is tried again: {mail}"
        );
        assert!(
            mail["sent_at"].is_null() && mail["given_up_at"].is_null(),
            "{mail}"
        );
        assert!(
            mail.pointer("/content/link").is_none(),
            "its link is not shown: {mail}"
        );
        let began = Instant::now();
        registry
            .visitor()
            .sign_up("bob@example.com", "Bob")
            .unwrap();
        assert!(began.elapsed() < PROMPT, "122: {:?}", began.elapsed());
    }
}

#[test]
fn a_mail_that_nobody_takes_is_given_up_and_the_others_are_sent() {
    let server = MailServer::start().unwrap();
    let registry = mailing(&Database::Sqlite, server.port());
    registry
        .visitor()
        .sign_up("nobody@example.com", "Nobody")
        .unwrap();
    registry.visitor().sign_up(ADA, "Ada").unwrap();
    server.mail(ADA, "Confirm").unwrap();
    let mail = wait_in_outbox(&registry, |mail| mail["given_up_at"].is_string());
    assert_eq!(mail["recipient"], "nobody@example.com");
    assert!(
        mail["last_error"]
            .as_str()
            .unwrap()
            .contains("no such mailbox"),
        "{mail}"
    );
}

#[test]
fn two_replicas_send_each_mail_once() {
    const DEVELOPERS: usize = 25;
    let server = MailServer::start().unwrap();
    let database = PostgreSql::start().unwrap();
    let one = mailing(&Database::Url(database.url()), server.port());
    let other = one.replica().unwrap();
    for number in 0..DEVELOPERS {
        let registry = if number % 2 == 0 { &one } else { &other };
        registry
            .visitor()
            .sign_up(&format!("d{number}@example.com"), "Ada")
            .unwrap();
    }
    for number in 0..DEVELOPERS {
        server
            .mail(&format!("d{number}@example.com"), "Confirm")
            .unwrap();
    }
    wait_in_outbox(&one, |_| true);
    stage::wait::until("settled mails", Duration::from_secs(20), || {
        let outbox = outbox(&one);
        let unsent = outbox
            .as_array()
            .unwrap()
            .iter()
            .filter(|mail| mail["sent_at"].is_null());
        match unsent.count() {
            0 => Ok(()),
            count => Err(format!("{count} are not settled")),
        }
    })
    .unwrap();
    assert_eq!(server.taken().len(), DEVELOPERS, "each is sent once");
}

fn mailing(database: &Database, port: u16) -> Registry {
    mailing_with(database, port, |registry| registry)
}

fn mailing_with(
    database: &Database,
    port: u16,
    settle: impl FnOnce(Registry) -> Registry,
) -> Registry {
    let registry = Registry::prepare(database, Listeners::free().unwrap()).unwrap();
    let registry = registry
        .with("--smtp-host", "127.0.0.1")
        .with("--smtp-port", &port.to_string())
        .with("--smtp-security", "none")
        .with("--mail-from", "Keystile <portal@keystile.test>");
    let mut registry = settle(registry);
    registry.start_again().unwrap();
    registry
}

/// Decides about the only developer.
fn decide(registry: &Registry, status: &str) {
    let admin = registry.admin().unwrap();
    let portals = admin
        .caller()
        .get("/v2/portals")
        .unwrap()
        .expect(200)
        .unwrap();
    let portal: String = portals.parse("/data/0/id").unwrap();
    let path = format!("/v2/portals/{portal}/developers");
    let listed = admin.caller().get(&path).unwrap().expect(200).unwrap();
    let id: String = listed.parse("/data/0/id").unwrap();
    let body = json!({"status": status});
    admin
        .caller()
        .patch(&format!("{path}/{id}"), &body)
        .unwrap()
        .expect(200)
        .unwrap();
}

fn outbox(registry: &Registry) -> Value {
    let admin = registry.admin().unwrap();
    let answer = admin
        .caller()
        .get("/admin/v1/outbox?page[size]=100")
        .unwrap();
    Value::Array(answer.expect(200).unwrap().list().unwrap().to_vec())
}

fn wait_in_outbox(registry: &Registry, is_it: impl Fn(&Value) -> bool) -> Value {
    stage::wait::until("mail in the outbox", Duration::from_secs(30), || {
        let outbox = outbox(registry);
        let found = outbox.as_array().unwrap().iter().find(|mail| is_it(mail));
        found.cloned().ok_or_else(|| outbox.to_string())
    })
    .unwrap()
}
