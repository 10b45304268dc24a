//! How far long work has come: a bar at a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::Outcome;

/// How far work has come.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Begins, with so much to do.
    pub(crate) fn begin(length: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len}, {eta} left");
        // A template that is none leaves the bar as it is by itself.
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    /// Notes that more is done.
    pub(crate) fn advance(&self, done: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(done);
        }
    }

    /// Prints a line on the standard output, above the bar.
    pub(crate) fn say(&self, line: &str) -> Outcome {
        let mut out = std::io::stdout();
        match &self.0 {
            Some(bar) => bar.suspend(|| writeln!(out, "{line}"))?,
            None => writeln!(out, "{line}")?,
        }
        Ok(())
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
