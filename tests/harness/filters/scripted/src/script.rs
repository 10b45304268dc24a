//! What a configuration says is to be done in which callback.
//!
//! ```text
//! on request_headers
//!   set request t-seen yes
//!   pause
//! on request_body end
//!   body request 0 100
//! ```

use crate::plugin::{Part, Place};

/// A configuration taken apart.
#[derive(Debug, Default)]
pub(crate) struct Script(Vec<Section>);

/// What is done in one callback.
#[derive(Debug)]
struct Section {
    callback: String,
    steps: Vec<Step>,
}

/// One thing to do: a verb and what it needs.
#[derive(Clone, Debug)]
pub(crate) struct Step(Vec<String>);

// === impl Script ===

impl Script {
    /// Takes a configuration apart; lines before the first section are nobody's.
    pub(crate) fn parse(text: &str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(callback) = line.strip_prefix("on ") {
                sections.push(Section {
                    callback: callback.to_owned(),
                    steps: Vec::new(),
                });
            } else if let Some(section) = sections.last_mut() {
                section.steps.push(Step::parse(line));
            }
        }
        Self(sections)
    }

    /// Returns what is to be done in a callback: what is said for this path, else for the end of a
    /// stream if it is one, else for the callback.
    pub(crate) fn steps(&self, place: Place<'_>) -> Vec<Step> {
        let callback = place.callback;
        let for_path = format!("{callback} {}", place.path);
        let for_end = format!("{callback} end");
        let end = place.part == Part::Last;
        let find = |name: &str| self.0.iter().find(|section| section.callback == name);
        let section = find(&for_path)
            .or_else(|| find(&for_end).filter(|_| end))
            .or_else(|| find(callback));
        section.map_or_else(Vec::new, |section| section.steps.clone())
    }
}

// === impl Step ===

impl Step {
    fn parse(line: &str) -> Self {
        Self(line.split_whitespace().map(str::to_owned).collect())
    }

    pub(crate) fn words(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    pub(crate) fn text(&self) -> String {
        self.0.join(" ")
    }
}
