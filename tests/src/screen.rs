//! What is printed: aligned columns, colours only on a terminal.

use std::io::{self, IsTerminal, Stdout, Write};

use crate::api::Call;
use crate::error::StageError;
use crate::story::{Outcome, Step};

/// Wide enough for the longest description of a step.
const WHAT: usize = 53;

/// Prints steps and counts them.
#[derive(Debug)]
pub struct Screen {
    out: Stdout,
    passed: usize,
    failed: usize,
}

// === impl Screen ===

impl Screen {
    /// Prints to standard output.
    pub fn open() -> Self {
        Self {
            out: io::stdout(),
            passed: 0,
            failed: 0,
        }
    }

    /// Whether every step so far answered as documented.
    pub fn is_clean(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    /// Prints a line.
    pub fn say(&self, line: &str) {
        // A reader who has gone away is no reason to stop half-way.
        let _ = writeln!(&self.out, "{line}");
    }

    /// Prints the title of a part.
    pub fn title(&self, title: &str) {
        self.say(&format!("\n{}", self.painted("1", title)));
    }

    /// Prints a name and a value.
    pub fn field(&self, name: &str, value: &str) {
        self.say(&format!("  {name:<18}{value}"));
    }

    /// Prints a step: what the person does, then each request and the status of its answer.
    pub fn step(&mut self, step: &Step<'_>) {
        let mark = match step.outcome {
            Outcome::Documented => {
                self.passed += 1;
                self.painted("32", "OK    ")
            }
            Outcome::Failed(_) => {
                self.failed += 1;
                self.painted("31", "FAILED")
            }
        };
        let mut calls = step.calls.iter().map(shown);
        let first = calls.next().unwrap_or_default();
        self.say(format!("  {mark}  {:<WHAT$}{first}", step.what).trim_end());
        for call in calls {
            self.say(&format!("{:width$}{call}", "", width = WHAT + 10));
        }
        if let Outcome::Failed(error) = step.outcome {
            self.error(error);
        }
    }

    /// Prints why something is not as documented.
    pub fn error(&self, error: &StageError) {
        self.say(&format!("          {error}"));
    }

    /// Prints how it went.
    pub fn summary(&self) {
        self.say(&format!(
            "\n{} steps as documented, {} not",
            self.passed, self.failed
        ));
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.out.is_terminal() {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

fn shown(call: &Call) -> String {
    let Call {
        method,
        url,
        status,
        took,
    } = call;
    let milliseconds = took.as_millis();
    format!(
        "{status} {milliseconds:>4} ms  {method:<6}  {}",
        abridged(url)
    )
}

/// Returns a URL with its ids shortened to their first 8 digits, so that a line stays a line.
fn abridged(url: &str) -> String {
    let part = |part: &str| match uuid::Uuid::try_parse(part) {
        Ok(_) => part.chars().take(8).chain("…".chars()).collect(),
        Err(_) => part.to_owned(),
    };
    url.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_abridged_and_nothing_else() {
        let url =
            "http://127.0.0.1:8003/api/v2/applications/018f3a52-7c1e-7000-8000-0123456789ab/x";
        assert_eq!(
            abridged(url),
            "http://127.0.0.1:8003/api/v2/applications/018f3a52…/x"
        );
    }
}
