//! Keys that clients have already, brought from elsewhere in a file.
//!
//! [`read`](mod@read) understands the file, whatever its [`Format`], line by line; [`send`] has the
//! admin API judge keys or take them in. A key is never shown: a mistake names its line and member.

mod csv;
mod json_lines;
mod kong;
pub mod read;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::declaration::client::{Client, ClientError};
use crate::domain::credential::{ImportedKey, WeakKeys};
use crate::domain::name::named;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::domain::wish::Wish;

pub use crate::administration::imports::MOST_KEYS;

/// Where keys are judged and taken in.
const PATH: &str = "/admin/v1/credentials/imports";

named! {
    /// How a file of keys is written.
    Format {
        /// Comma-separated values, with a head that names the columns.
        Csv = "csv",
        /// A JSON object in each line.
        JsonLines = "jsonl",
        /// Kong's declarative configuration, as decK exports it: its consumers with their keys.
        Kong = "kong",
    }
}

/// A key that was read, and whose it is.
#[derive(Clone)]
pub struct Row {
    /// The line it begins in, from 1.
    pub line: u64,
    application: Line<255>,
    display_name: Option<Line<255>>,
    key: String,
    expires_at: Wish<Timestamp>,
}

/// A key on its way to the registry.
#[derive(Serialize)]
struct Sent<'a> {
    application: &'a Line<255>,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a Line<255>>,
    /// Null is no end; missing, the strategy says.
    #[serde(skip_serializing_if = "Wish::is_to_keep")]
    expires_at: &'a Wish<Timestamp>,
}

/// What is wrong in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: u64,
    /// The member, if it is about one.
    pub field: Option<&'static str>,
    /// What.
    pub reason: String,
}

/// The members of a key as somebody wrote them.
struct Written {
    line: u64,
    application: String,
    display_name: Option<String>,
    key: String,
    expires_at: Wish<String>,
}

/// What the registry is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Say what it would do.
    Judgement,
    /// Take the keys in, all or none.
    Keys,
}

/// What became of some keys, or would become.
#[derive(Debug, Deserialize)]
pub struct Outcome {
    /// How many were taken in.
    pub added: usize,
    /// How many were there already.
    pub present: usize,
    refused: Vec<Refused>,
}

/// A key that the registry refuses.
#[derive(Debug, Deserialize)]
struct Refused {
    index: usize,
    field: String,
    reason: String,
}

// === impl Row ===

impl fmt::Debug for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Row(line {})", self.line)
    }
}

impl Row {
    fn sent(&self) -> Sent<'_> {
        Sent {
            application: &self.application,
            key: &self.key,
            display_name: self.display_name.as_ref(),
            expires_at: &self.expires_at,
        }
    }
}

// === impl Mistake ===

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: ", self.line)?;
        if let Some(field) = self.field {
            write!(out, "`{field}` ")?;
        }
        out.write_str(&self.reason)
    }
}

// === impl Written ===

impl Written {
    /// Returns the key, or what is wrong with it as far as that can be seen without the registry.
    fn parse(self) -> Result<Row, Mistake> {
        let line = self.line;
        let wrong = |field, reason: &dyn fmt::Display| Mistake {
            line,
            field: Some(field),
            reason: reason.to_string(),
        };
        let application = Line::parse(&self.application);
        let display_name = self.display_name.map(|name| Line::parse(&name));
        // Whether weak keys are taken is the registry's to say.
        let key = ImportedKey::parse(&self.key, WeakKeys::Allowed);
        key.map_err(|error| wrong("key", &error))?;
        Ok(Row {
            line,
            application: application.map_err(|error| wrong("application", &error))?,
            display_name: display_name
                .transpose()
                .map_err(|error| wrong("display_name", &error))?,
            key: self.key,
            expires_at: match self.expires_at {
                Wish::Keep => Wish::Keep,
                Wish::Clear => Wish::Clear,
                Wish::Set(text) => {
                    let end = text.parse();
                    Wish::Set(end.map_err(|error| wrong("expires_at", &format!("is {error}")))?)
                }
            },
        })
    }
}

// === impl Outcome ===

impl Outcome {
    /// Divides what was sent into what the registry does not mind and what it refuses.
    pub fn divide(&self, sent: Vec<Row>) -> (Vec<Row>, Vec<Mistake>) {
        let mut left = Vec::new();
        let mut refused = Vec::new();
        for (index, row) in sent.into_iter().enumerate() {
            match self.refused.iter().find(|one| one.index == index) {
                None => left.push(row),
                Some(one) => refused.push(Mistake {
                    line: row.line,
                    field: None,
                    reason: format!("`{}` {}", one.field, one.reason),
                }),
            }
        }
        (left, refused)
    }
}

/// Has the registry judge keys or take them in, [`MOST_KEYS`] at most.
pub fn send(client: &Client, rows: &[Row], wanted: Wanted) -> Result<Outcome, ClientError> {
    let credentials: Vec<Sent<'_>> = rows.iter().map(Row::sent).collect();
    let is_judgement = wanted == Wanted::Judgement;
    let body = json!({"credentials": credentials, "dry_run": is_judgement});
    let answer = client.post(PATH, &body)?;
    serde_json::from_value(answer).map_err(|_| client.stranger())
}
