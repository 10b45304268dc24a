//! How far long work has come: a bar at a terminal, plain lines elsewhere.

use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::Outcome;

/// How many lines tell of work that is counted.
const LINES: u64 = 10;

/// How far work has come.
pub(crate) enum Progress {
    /// A bar, on the standard error.
    Bar(ProgressBar),
    /// A line whenever another part is done, on the standard error.
    Lines(Count),
    /// Nothing: the work prints a line for each thing it does.
    Told,
}

/// What is counted where there is no bar.
pub(crate) struct Count {
    what: &'static str,
    length: u64,
    done: Cell<u64>,
}

impl Progress {
    /// Begins work that prints a line for each thing it does.
    pub(crate) fn begin(length: u64) -> Self {
        bar(length).map_or(Self::Told, Self::Bar)
    }

    /// Begins work that says nothing by itself; `what` is what the things become, such as "checked".
    pub(crate) fn begin_counting(what: &'static str, length: u64) -> Self {
        let done = Cell::new(0);
        let lines = || Self::Lines(Count { what, length, done });
        bar(length).map_or_else(lines, |bar| Self::Bar(bar.with_message(what)))
    }

    /// Notes that more is done.
    pub(crate) fn advance(&self, more: u64) -> Outcome {
        match self {
            Self::Bar(bar) => bar.inc(more),
            Self::Lines(count) => count.advance(more)?,
            Self::Told => {}
        }
        Ok(())
    }

    /// Prints a line on the standard output, above the bar.
    pub(crate) fn say(&self, line: &str) -> Outcome {
        let mut out = std::io::stdout();
        match self {
            Self::Bar(bar) => bar.suspend(|| writeln!(out, "{line}"))?,
            Self::Lines(_) | Self::Told => writeln!(out, "{line}")?,
        }
        Ok(())
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Count {
    fn advance(&self, more: u64) -> Outcome {
        let Self { what, length, .. } = self;
        let parts = |done: u64| done * LINES / (*length).max(1);
        let before = self.done.get();
        let done = before + more;
        self.done.set(done);
        if parts(before) < parts(done) {
            writeln!(std::io::stderr(), "{what}: {done} of {length}")?;
        }
        Ok(())
    }
}

/// Returns a bar, if somebody sits there.
fn bar(length: u64) -> Option<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    // A template that is none leaves the bar as it is by itself.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {eta} left") {
        bar.set_style(style);
    }
    Some(bar)
}
