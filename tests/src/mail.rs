//! A real mail server (aiosmtpd) that remembers what it took.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use crate::error::StageError;
use crate::port::Port;
use crate::process::Process;
use crate::{places, wait};

const PROGRAM: &str = include_str!("mail/server.py");

/// Python needs a moment to begin; a busy machine may need many.
const START: Duration = Duration::from_mins(1);

/// How long a mail may take from a request to here.
const DELIVERY: Duration = Duration::from_secs(30);

/// A running mail server; it ends when it is dropped.
#[derive(Debug)]
pub struct MailServer {
    process: Process,
    port: Port,
    taken: PathBuf,
    // Dropped last: the mails are in it.
    _folder: TempDir,
}

/// What a mail server wants of whoever sends.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// Its certificate and key, and whether TLS begins with a command (`starttls`) or at once (`tls`).
    pub tls: Option<(&'static str, PathBuf, PathBuf)>,
    /// Whom it takes mails from.
    pub login: Option<(&'static str, &'static str)>,
}

/// A mail, as it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mail {
    /// Whom it is for.
    pub recipients: Vec<String>,
    /// Its header lines.
    pub headers: Vec<(String, String)>,
    /// Its text.
    pub text: String,
    /// Its page.
    pub html: String,
    /// Whether nobody could read along.
    pub is_encrypted: bool,
    /// Whether its sender had shown a password.
    pub is_known: bool,
}

// === impl MailServer ===

impl MailServer {
    /// Starts a server that takes mails from anybody.
    pub fn start() -> Result<Self, StageError> {
        Self::demanding(&Demands::default())
    }

    /// Starts a server that wants something.
    pub fn demanding(demands: &Demands) -> Result<Self, StageError> {
        let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
        let port = Port::claim().map_err(StageError::io("no free port"))?;
        let taken = folder.path().join("taken");
        let (security, certificate, key) = match &demands.tls {
            Some((how, certificate, key)) => (*how, certificate.clone(), key.clone()),
            None => ("none", PathBuf::new(), PathBuf::new()),
        };
        let (name, password) = demands.login.unwrap_or_default();
        let mut command = Command::new("python3");
        command
            .env("PYTHONPATH", places::aiosmtpd()?)
            .args(["-c", PROGRAM, &port.number().to_string()])
            .args([&taken, &PathBuf::from(security), &certificate, &key])
            .args([name, password]);
        let log = folder.path().join("log");
        let mut process = Process::spawn("the mail server", &mut command, &log)?;
        wait::until("readiness of the mail server", START, || {
            if let Err(ended) = process.still_runs() {
                return Ok(Err(ended));
            }
            let connected = TcpStream::connect(port.address());
            connected.map(|_| Ok(())).map_err(|error| error.to_string())
        })??;
        Ok(Self {
            process,
            port,
            taken,
            _folder: folder,
        })
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Returns everything it has written.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Returns what it took.
    pub fn taken(&self) -> Vec<Mail> {
        let text = std::fs::read_to_string(&self.taken).unwrap_or_default();
        // The last line may be in the middle of being written.
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Waits for a mail to somebody whose subject has a word in it.
    pub fn mail(&self, recipient: &str, word: &str) -> Result<Mail, StageError> {
        wait::until("mail", DELIVERY, || {
            let taken = self.taken();
            let is_it =
                |mail: &&Mail| mail.recipients == [recipient] && mail.subject().contains(word);
            let found = taken.iter().rev().find(is_it);
            found.cloned().ok_or_else(|| {
                let subjects: Vec<_> = taken
                    .iter()
                    .map(|mail| (&mail.recipients, mail.subject()))
                    .collect();
                format!("{subjects:?}; {}", self.log())
            })
        })
    }
}

// === impl Mail ===

impl Mail {
    /// Returns the first value of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.headers.iter();
        let found = lines.find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// Returns the subject.
    pub fn subject(&self) -> &str {
        self.header("subject")
    }

    /// Returns the secret of the link in it.
    pub fn token(&self) -> Option<&str> {
        let (_, rest) = self.text.split_once("token=")?;
        rest.split_whitespace().next()
    }
}
