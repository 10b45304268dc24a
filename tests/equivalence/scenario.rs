//! The table of scenarios, as `scenarios/*.yaml` has them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use stage::places;

/// What a filter does, and what is sent through it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// A sentence.
    pub(crate) name: String,
    /// What the scripted filter does; see `tests/harness/filters/scripted`.
    pub(crate) script: String,
    #[serde(default)]
    pub(crate) plugin: Settings,
    /// Requests, one after the other.
    #[serde(default)]
    pub(crate) exchanges: Vec<Exchange>,
    /// Another script that the running filter is given then, and requests after that.
    #[serde(default)]
    pub(crate) update: Option<Update>,
    /// All requests are sent before any answer is waited for.
    #[serde(default)]
    pub(crate) together: bool,
    /// Lines of several machines come in no particular order.
    #[serde(default)]
    pub(crate) any_order: bool,
}

/// Another configuration, and what is sent once it was taken or refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    pub(crate) script: String,
    #[serde(default)]
    pub(crate) exchanges: Vec<Exchange>,
}

/// How the filter is loaded, where that differs from Envoy's defaults.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) allow_on_headers_stop_iteration: bool,
    pub(crate) buffer_limit: Option<u32>,
    pub(crate) failure_policy: Policy,
    /// The machine's id, for scenarios that are about what is shared; else it has its own.
    pub(crate) vm_id: Option<String>,
    pub(crate) vm_configuration: String,
    /// The names of the imports and exports that are allowed; all unless told.
    pub(crate) capabilities: Option<Vec<String>>,
}

/// Envoy's `failure_policy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Policy {
    #[default]
    Closed,
    Open,
    Reload,
}

/// A request and what the upstream answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    pub(crate) path: String,
    /// `name: value`
    pub(crate) headers: Vec<String>,
    pub(crate) body: Option<String>,
    pub(crate) chunks: Vec<String>,
    pub(crate) trailers: Vec<String>,
    pub(crate) answer: Answer,
}

/// What the upstream answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
    pub(crate) trailers: Vec<String>,
}

// === impl Scenario ===

impl Scenario {
    /// Reads every scenario, in the order of the files' names.
    pub(crate) fn all() -> Vec<Self> {
        let folder = places::repository("tests/equivalence/scenarios");
        let files = fs::read_dir(&folder).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        let read = |file: PathBuf| {
            let text = fs::read_to_string(&file).unwrap();
            let scenarios: Vec<Self> = serde_saphyr::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            scenarios
        };
        files.into_iter().flat_map(read).collect()
    }
}

impl Scenario {
    /// Returns the names of the metrics the script defines.
    pub(crate) fn metrics(&self) -> BTreeSet<&str> {
        let steps = self.script.lines().map(str::trim);
        let defined = steps.filter_map(|step| step.strip_prefix("define "));
        defined.filter_map(|step| step.split(' ').nth(1)).collect()
    }
}

impl Scenario {
    /// Returns every exchange, those after the update too.
    pub(crate) fn all_exchanges(&self) -> impl Iterator<Item = &Exchange> {
        let later = self.update.iter().flat_map(|update| &update.exchanges);
        self.exchanges.iter().chain(later)
    }

    /// Returns the scenario as it is once the update was taken.
    pub(crate) fn updated(&self) -> Option<Self> {
        let update = self.update.as_ref()?;
        Some(Self {
            script: update.script.clone(),
            ..self.clone()
        })
    }
}

// === impl Exchange ===

impl Exchange {
    /// Returns headers as names and values.
    pub(crate) fn pairs(lines: &[String]) -> impl Iterator<Item = (&str, &str)> {
        lines.iter().map(|line| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name, value.trim())
        })
    }
}

impl Default for Exchange {
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            headers: Vec::new(),
            body: None,
            chunks: Vec::new(),
            trailers: Vec::new(),
            answer: Answer::default(),
        }
    }
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: String::new(),
            trailers: Vec::new(),
        }
    }
}
