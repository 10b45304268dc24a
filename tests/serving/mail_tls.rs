//! Mail servers that have to prove who they are before a mail or a password goes there.

use std::time::Duration;

use serde_json::Value;
use stage::mail::{Demands, MailServer};
use stage::registry::{Database, Listeners, Registry};
use tempfile::TempDir;

use crate::authority::Authority;

const ADA: &str = "ada@example.com";
const LOGIN: (&str, &str) = ("keystile", "a long password");

/// A registry that trusts one authority and sends mails to a server.
fn mailing(server: &MailServer, security: &str, authority: &str) -> Registry {
    let registry = Registry::prepare(&Database::Sqlite, Listeners::free().unwrap()).unwrap();
    let mut registry = registry
        .with("--smtp-host", "localhost")
        .with("--smtp-port", &server.port().to_string())
        .with("--smtp-security", security)
        .with("--smtp-username", LOGIN.0)
        .with("--smtp-password", LOGIN.1)
        .with("--smtp-timeout-s", "5")
        .with("--mail-from", "portal@keystile.test");
    let mut command = registry.serving().unwrap();
    // Whom the system trusts, for this process.
    command.env("SSL_CERT_FILE", authority);
    registry.start_as(&mut command).unwrap();
    registry.visitor().sign_up(ADA, "Ada").unwrap();
    registry
}

/// Waits until a mail was refused, and returns why.
fn why_refused(registry: &Registry) -> String {
    stage::wait::until("refused mail", Duration::from_secs(30), || {
        let admin = registry.admin().unwrap();
        let answer = admin.caller().get("/admin/v1/outbox").unwrap();
        let mail = answer.expect(200).unwrap().list().unwrap()[0].clone();
        let error = mail.get("last_error").and_then(Value::as_str);
        error.map(str::to_owned).ok_or_else(|| mail.to_string())
    })
    .unwrap()
}

#[test]
fn a_mail_goes_encrypted_to_a_server_that_proves_who_it_is() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let (certificate, key) = authority.certify().write(folder.path());
    for security in ["starttls", "tls"] {
        let demands = Demands {
            tls: Some((security, certificate.clone(), key.clone())),
            login: Some(LOGIN),
        };
        let server = MailServer::demanding(&demands).unwrap();
        let _registry = mailing(&server, security, &authority.file(folder.path()));
        let mail = server.mail(ADA, "Confirm").unwrap();
        assert!(mail.is_encrypted && mail.is_known, "{security}: {mail:?}");
    }
}

#[test]
fn a_mail_server_that_cannot_prove_who_it_is_gets_no_mail_and_no_password() {
    let folder = TempDir::new().unwrap();
    let (trusted, stranger) = (Authority::new(), Authority::new());
    let trust = trusted.file(folder.path());
    let certificates = [
        stranger.certify().write(folder.path()),
        trusted
            .certify_for(&["mail.example.com"])
            .write(TempDir::new_in(folder.path()).unwrap().keep().as_path()),
    ];
    for (certificate, key) in certificates {
        for security in ["starttls", "tls"] {
            let demands = Demands {
                tls: Some((security, certificate.clone(), key.clone())),
                login: Some(LOGIN),
            };
            let server = MailServer::demanding(&demands).unwrap();
            let registry = mailing(&server, security, &trust);
            let error = why_refused(&registry);
            assert!(error.contains("certificate"), "{security}: {error}");
            assert!(server.taken().is_empty(), "{security}");
        }
    }
}

#[test]
fn a_mail_server_without_encryption_gets_nothing_where_it_is_wanted() {
    let folder = TempDir::new().unwrap();
    let trust = Authority::new().file(folder.path());
    let demands = Demands {
        tls: None,
        login: Some(LOGIN),
    };
    let server = MailServer::demanding(&demands).unwrap();
    for security in ["starttls", "tls"] {
        let registry = mailing(&server, security, &trust);
        let error = why_refused(&registry);
        assert!(!error.is_empty());
        assert!(
            server.taken().is_empty(),
            "{security}: no fall-back to plain text"
        );
    }
}
