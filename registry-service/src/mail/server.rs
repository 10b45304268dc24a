//! The mail server: where it is, and handing a mail over to it. The one place that knows SMTP.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::domain::name::named;
use crate::domain::text::{Email, Line};
use crate::domain::timestamp::Timestamp;
use crate::mail::look::Look;

/// How much of what a server said is kept.
const LONGEST_ERROR: usize = 200;

/// Statuses that say of this mail that no other attempt will do better (RFC 5321, section 4.2.3); others
/// that begin with 5 may be about us, such as a password that is wrong for now.
const HOPELESS: [u16; 5] = [550, 551, 552, 553, 554];

named! {
    /// Whether the way to the mail server is encrypted.
    Security {
        /// It is not.
        None = "none",
        /// It is from the second command on, or nothing is sent (RFC 3207).
        StartTls = "starttls",
        /// It is from the start (RFC 8314).
        Tls = "tls",
    }
}

/// Where the mail server is, and how to talk to it.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// Its name, which its certificate has to have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the way there is encrypted.
    pub security: Security,
    /// Who we are there.
    pub login: Option<MailLogin>,
    /// Whom mails are from.
    pub from: Sender,
    /// How long it may take to answer each command.
    pub timeout: Duration,
}

/// Who we are at the mail server.
#[derive(Clone)]
pub struct MailLogin {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Whom mails are from: an address, or a name and an address in `<>`.
#[derive(Debug, Clone)]
pub struct Sender(Mailbox);

/// The text names nobody mails can be from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address, or a name and an address in `<>`")]
pub struct InvalidSender;

/// The server as it is used; connections are kept for the next mail.
#[derive(Debug)]
pub(super) struct Postman {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

/// What is handed over.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// What it is called; the same again if it is sent twice.
    pub(super) id: String,
    pub(super) recipient: &'a str,
    pub(super) look: Look,
    pub(super) written_at: Timestamp,
}

/// Why the server did not take a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It may take it another time.
    ForNow(String),
    /// It never will.
    ForGood(String),
}

// === impl MailLogin ===

impl fmt::Debug for MailLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MailLogin")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

// === impl Sender ===

impl std::str::FromStr for Sender {
    type Err = InvalidSender;

    fn from_str(text: &str) -> Result<Self, InvalidSender> {
        let (name, address) = match text
            .trim()
            .strip_suffix('>')
            .and_then(|t| t.split_once('<'))
        {
            Some((name, address)) => (Some(name.trim_matches(' ').trim_matches('"')), address),
            None => (None, text),
        };
        let email = Email::parse(address.trim()).map_err(|_| InvalidSender)?;
        let address: Address = email.as_str().parse().map_err(|_| InvalidSender)?;
        let name = name.filter(|name| !name.is_empty()).map(Line::<255>::parse);
        let name = name.transpose().map_err(|_| InvalidSender)?;
        let name = name.map(|name| name.as_str().to_owned());
        Ok(Self(Mailbox::new(name, address)))
    }
}

// === impl Postman ===

impl Postman {
    /// Returns the way to a server; nothing is sent yet.
    pub(super) fn for_server(server: &MailServer) -> Result<Self, Failure> {
        let tls = || TlsParameters::new(server.host.clone()).map_err(|error| for_now(&error));
        let tls = match server.security {
            Security::None => Tls::None,
            Security::StartTls => Tls::Required(tls()?),
            Security::Tls => Tls::Wrapper(tls()?),
        };
        // "Dangerous" is that it does not encrypt by itself; what is wanted was spelled out.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(server.timeout));
        if let Some(MailLogin { name, password }) = &server.login {
            builder = builder.credentials(Credentials::new(name.clone(), password.clone()));
        }
        Ok(Self {
            transport: builder.build(),
            from: server.from.0.clone(),
            timeout: server.timeout,
        })
    }

    /// Hands a mail over.
    pub(super) async fn deliver(&self, envelope: Envelope<'_>) -> Result<(), Failure> {
        let message = self.message(envelope)?;
        // A server that answers each command in time, but byte by byte, is not waited for either.
        let delivery = tokio::time::timeout(4 * self.timeout, self.transport.send(message));
        match delivery.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let status = error.status().map(u16::from);
                if status.is_some_and(|status| HOPELESS.contains(&status)) {
                    return Err(for_good(&error));
                }
                Err(for_now(&error))
            }
            Err(_) => Err(Failure::ForNow("the mail server is too slow".to_owned())),
        }
    }

    fn message(&self, envelope: Envelope<'_>) -> Result<Message, Failure> {
        let recipient: Address = envelope
            .recipient
            .parse()
            .map_err(|error| for_good(&error))?;
        let Look {
            subject,
            text,
            html,
        } = envelope.look;
        let id = format!("<{}@{}>", envelope.id, self.from.email.domain());
        // RFC 3834: no answering machine answers it.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient))
            .subject(subject)
            .date(system_time(envelope.written_at))
            .message_id(Some(id))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|error| for_good(&error))
    }
}

fn for_now(error: &dyn std::error::Error) -> Failure {
    Failure::ForNow(said(error))
}

fn for_good(error: &dyn std::error::Error) -> Failure {
    Failure::ForGood(said(error))
}

/// Returns an error in one line: a server may say anything.
fn said(error: &dyn std::error::Error) -> String {
    let printable = error.to_string();
    let printable = printable.chars().map(|character| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    });
    printable.take(LONGEST_ERROR).collect()
}

fn system_time(moment: Timestamp) -> SystemTime {
    let since = u64::try_from(moment.0).unwrap_or_default();
    UNIX_EPOCH + Duration::from_millis(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (text, expected) in [
            ("portal@example.com", "portal@example.com"),
            (
                "Weather <portal@example.com>",
                "Weather <portal@example.com>",
            ),
            (
                "\"Weather, Ltd\" <portal@example.com>",
                "\"Weather, Ltd\" <portal@example.com>",
            ),
        ] {
            assert_eq!(text.parse::<Sender>().unwrap().0.to_string(), expected);
        }
        for text in [
            "",
            "portal",
            "a@b.c\r\nBcc: d@e.f",
            "x\n <a@b.c>",
            "<a@b.c> x",
        ] {
            assert!(text.parse::<Sender>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_password_never_prints() {
        let login = MailLogin {
            name: "keystile".to_owned(),
            password: "secret".to_owned(),
        };
        assert!(!format!("{login:?}").contains("secret"));
    }
}
