//! The configuration file: its lines stand in the place of the settings' defaults.
//!
//! So a value from the file is read by the very parser that reads the flag, and the file cannot win over
//! a flag or a variable. What it may say is what [`Config`] has fields for.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Args as _, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::{Config, ConfigError};

/// A configuration file; the default one says nothing.
#[derive(Debug, Default)]
pub struct File {
    lines: BTreeMap<String, Vec<String>>,
}

/// A file while it is read.
struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

// === impl File ===

impl File {
    /// Reads a file, and refuses what is no setting and what a setting does not take.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let source = Source { path, text: &text };
        let table = DeTable::parse(&text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            source.refused(start, error.message().to_owned())
        })?;
        let mut lines = BTreeMap::new();
        for (name, value) in table.get_ref() {
            let refused = |why| source.refused(name.span().start, why);
            let values = values(name.get_ref(), value).map_err(refused)?;
            check(name.get_ref(), &values).map_err(refused)?;
            lines.insert(name.get_ref().to_string(), values);
        }
        Ok(Self { lines })
    }

    /// Whether the file says something about a setting.
    pub fn says(&self, setting: &str) -> bool {
        self.lines.contains_key(setting)
    }

    /// Puts the file's lines in the place of defaults, in a command and all beneath it.
    pub fn beneath(&self, command: Command) -> Command {
        if self.lines.is_empty() {
            return command;
        }
        command
            .mut_args(|setting| match self.lines.get(setting.get_id().as_str()) {
                Some(values) => setting.default_values(values.clone()),
                None => setting,
            })
            .mut_subcommands(|inner| self.beneath(inner))
    }
}

// === impl Source ===

impl Source<'_> {
    fn refused(&self, start: usize, why: String) -> ConfigError {
        let before = self.text.get(..start).unwrap_or_default();
        ConfigError::InvalidFile {
            path: PathBuf::from(self.path),
            line: before.matches('\n').count() + 1,
            why,
        }
    }
}

/// Returns what a file may say.
pub(super) fn settings() -> impl Iterator<Item = Arg> {
    let command = Config::augment_args(Command::new("settings"));
    let all: Vec<Arg> = command.get_arguments().cloned().collect();
    all.into_iter()
        .filter(|setting| setting.get_id() != "config")
}

/// Returns the text of a value, as a flag would have it; a list is several.
fn values(name: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
    match value.get_ref() {
        DeValue::Array(values) => values.iter().map(|value| text(name, value)).collect(),
        _ => Ok(vec![text(name, value)?]),
    }
}

fn text(name: &str, value: &Spanned<DeValue<'_>>) -> Result<String, String> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => Ok(number.to_string()),
        DeValue::Float(number) => Ok(number.to_string()),
        DeValue::Boolean(is_so) => Ok(is_so.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => Err(format!(
            "`{name}` is text, a number, true or false, or a list of those"
        )),
    }
}

/// Tries a line out by itself; the answer never shows the value, which may be a secret.
fn check(name: &str, values: &[String]) -> Result<(), String> {
    let Some(setting) = settings().find(|setting| setting.get_id() == name) else {
        return Err(unknown(name));
    };
    if matches!(setting.get_action(), ArgAction::SetTrue) {
        let is_switch = matches!(values, [value] if value == "true" || value == "false");
        let refused = || format!("`{name}` is true or false");
        return is_switch.then_some(()).ok_or_else(refused);
    }
    let flag = |value| format!("--{}={value}", setting.get_long().unwrap_or_default());
    let given: Vec<String> = values.iter().map(flag).collect();
    match alone(setting).try_get_matches_from(given) {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.source() {
            Some(cause) => format!("`{name}`: {cause}"),
            None if error.kind() == ErrorKind::ArgumentConflict => {
                format!("`{name}` takes one value")
            }
            None => format!("`{name}` does not take this"),
        }),
    }
}

fn unknown(name: &str) -> String {
    let all = Command::new("settings")
        .no_binary_name(true)
        .args(settings());
    let given = [format!("--{}", name.replace('_', "-"))];
    let error = all.try_get_matches_from(given).err();
    let nearest = error.and_then(|error| match error.get(ContextKind::SuggestedArg) {
        Some(ContextValue::String(flag)) => Some(flag.trim_start_matches('-').replace('-', "_")),
        _ => None,
    });
    match nearest {
        Some(nearest) => format!("there is no setting `{name}`; did you mean `{nearest}`?"),
        None => format!("there is no setting `{name}`"),
    }
}

/// A command line of one setting, deaf to the environment.
fn alone(setting: Arg) -> Command {
    let setting = setting.env(None::<&'static str>);
    Command::new("setting").no_binary_name(true).arg(setting)
}
