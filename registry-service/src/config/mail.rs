//! How mails are sent.

use std::net::IpAddr;
use std::time::Duration;

use clap::Args;

use crate::mail::server::{MailLogin, MailServer, Security, Sender};

/// How mails are sent; without a host they wait for administrators to pass their links on.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Mail")]
pub struct MailSettings {
    /// The mail server's name; without one, administrators pass links on from the outbox.
    #[arg(long, env = "KEYSTILE_SMTP_HOST", value_name = "NAME")]
    pub smtp_host: Option<String>,
    /// Its port [default: 587, or 465 with tls, 25 with none].
    #[arg(long, env = "KEYSTILE_SMTP_PORT", value_name = "PORT")]
    pub smtp_port: Option<u16>,
    /// Whether the way there is encrypted: starttls, tls or none.
    #[arg(
        long,
        env = "KEYSTILE_SMTP_SECURITY",
        value_name = "HOW",
        default_value = "starttls"
    )]
    pub smtp_security: Security,
    /// Who we are there.
    #[arg(long, env = "KEYSTILE_SMTP_USERNAME", value_name = "NAME")]
    pub smtp_username: Option<String>,
    /// The password there.
    #[arg(
        long,
        env = "KEYSTILE_SMTP_PASSWORD",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub smtp_password: Option<String>,
    /// How many seconds the mail server may take for each answer.
    #[arg(
        long,
        env = "KEYSTILE_SMTP_TIMEOUT_S",
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=60)
    )]
    pub smtp_timeout_s: u64,
    /// Whom mails are from: `portal@example.com` or `Portal <portal@example.com>`.
    #[arg(long, env = "KEYSTILE_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<Sender>,
}

/// Why mails would not be sent as they should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMailSettings {
    /// Nobody would know whom mails are from.
    #[error("`smtp_host` is set, so `mail_from` has to say whom mails are from")]
    NoSender,
    /// A name without a password, or the other way round.
    #[error("`smtp_username` and `smtp_password` belong together")]
    HalfLogin,
    /// The password would travel in the clear.
    #[error("`smtp_password` would travel in the clear: set `smtp_security` to starttls or tls")]
    PasswordInTheClear,
}

// === impl MailSettings ===

impl MailSettings {
    /// Returns the mail server, if there is one.
    pub fn server(&self) -> Result<Option<MailServer>, InvalidMailSettings> {
        let Some(host) = &self.smtp_host else {
            return Ok(None);
        };
        let login = self.login()?;
        if login.is_some() && self.smtp_security == Security::None && !is_local(host) {
            return Err(InvalidMailSettings::PasswordInTheClear);
        }
        let usual_port = match self.smtp_security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        Ok(Some(MailServer {
            host: host.clone(),
            port: self.smtp_port.unwrap_or(usual_port),
            security: self.smtp_security,
            login,
            from: self
                .mail_from
                .clone()
                .ok_or(InvalidMailSettings::NoSender)?,
            timeout: Duration::from_secs(self.smtp_timeout_s),
        }))
    }

    fn login(&self) -> Result<Option<MailLogin>, InvalidMailSettings> {
        match (&self.smtp_username, &self.smtp_password) {
            (None, None) => Ok(None),
            (Some(name), Some(password)) => Ok(Some(MailLogin {
                name: name.clone(),
                password: password.clone(),
            })),
            _ => Err(InvalidMailSettings::HalfLogin),
        }
    }
}

fn is_local(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
