//! What holds in the end: each setting's value, and where it came from.

use std::fmt;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::config::ConfigError;
use crate::config::file::{self, File};
use crate::config::secret::{is_left_open, masked};

/// A setting as it holds; printed, it is a line of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Its name in the file.
    pub name: String,
    /// Its values, secrets masked; none if it is not set.
    pub values: Vec<String>,
    /// Where they came from.
    pub source: Source,
}

/// Where a value came from, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag,
    /// A variable.
    Environment,
    /// The configuration file.
    File,
    /// Nobody said anything.
    Default,
}

// === impl Effective ===

impl fmt::Display for Effective {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.values.as_slice() {
            [] => write!(out, "# {name} is not set"),
            [value] => write!(out, "{name} = {}  # {}", literal(value), self.source),
            values => {
                let all: Vec<String> = values.iter().map(|value| literal(value)).collect();
                write!(out, "{name} = [{}]  # {}", all.join(", "), self.source)
            }
        }
    }
}

// === impl Source ===

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::File => "file",
            Self::Default => "default",
        })
    }
}

/// Lists the settings a command was given, in the order they are declared; none if it takes none.
pub(super) fn list(matches: &ArgMatches, file: &File) -> Vec<Effective> {
    file::settings()
        .filter_map(|setting| {
            let name = setting.get_id().as_str();
            let raw = matches.try_get_raw(name).ok()?;
            let shown = |value: &std::ffi::OsStr| {
                let text = value.to_string_lossy();
                if setting.is_hide_env_values_set() {
                    masked(&text)
                } else {
                    text.into_owned()
                }
            };
            Some(Effective {
                name: name.to_owned(),
                values: raw.into_iter().flatten().map(shown).collect(),
                source: match matches.value_source(name) {
                    Some(ValueSource::CommandLine) => Source::Flag,
                    Some(ValueSource::EnvVariable) => Source::Environment,
                    _ if file.says(name) => Source::File,
                    _ => Source::Default,
                },
            })
        })
        .collect()
}

/// Writes a value as TOML: switches and numbers bare, all else quoted.
fn literal(value: &str) -> String {
    let is_bare = matches!(value, "true" | "false") || value.parse::<i64>().is_ok();
    if is_bare {
        value.to_owned()
    } else {
        format!("\"{}\"", value.escape_default())
    }
}

/// Refuses secrets that nobody chose.
pub(super) fn check_secrets(matches: &ArgMatches) -> Result<(), ConfigError> {
    for setting in file::settings().filter(clap::Arg::is_hide_env_values_set) {
        let name = setting.get_id().as_str();
        let raw = matches.try_get_raw(name).ok().flatten();
        if raw
            .into_iter()
            .flatten()
            .any(|value| is_left_open(&value.to_string_lossy()))
        {
            let setting = name.to_owned();
            return Err(ConfigError::Placeholder { setting });
        }
    }
    Ok(())
}
