//! Clocks of programs that are stepped while they run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use stage::error::StageError;
use stage::places;
use stage::process::run;

/// The wall clock of programs that are started with [`SteppedClock::environment`].
#[derive(Debug)]
pub(crate) struct SteppedClock {
    library: PathBuf,
    offset: PathBuf,
}

// === impl SteppedClock ===

impl SteppedClock {
    /// Makes a clock that is right; its files are in a folder that has to outlive it.
    pub(crate) fn make(folder: &Path, name: &str) -> Result<Self, StageError> {
        let clock = Self {
            library: folder.join("clock.so"),
            offset: folder.join(name),
        };
        if !clock.library.exists() {
            // The compiler that links this program; Envoy does not start under libfaketime.
            let mut compiler = Command::new("cc");
            compiler
                .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
                .arg(&clock.library)
                .arg(places::repository("tests/drill/clock.c"));
            run("cc", &mut compiler)?;
        }
        clock.step_to(0)?;
        Ok(clock)
    }

    /// Sets it so many seconds ahead of the machine's, or back behind it, from now on.
    pub(crate) fn step_to(&self, seconds_ahead: i64) -> Result<(), StageError> {
        let written = write_in_place(&self.offset, &seconds_ahead.to_ne_bytes());
        written.map_err(StageError::io("cannot step a clock"))
    }

    /// Returns the variables that put a program under this clock.
    pub(crate) fn environment(&self) -> [(String, String); 2] {
        let text = |path: &Path| path.display().to_string();
        [
            ("LD_PRELOAD".to_owned(), text(&self.library)),
            ("DRILL_CLOCK".to_owned(), text(&self.offset)),
        ]
    }
}

/// Programs have the file mapped: it must neither be replaced nor be empty for a moment.
fn write_in_place(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(file)?
        .write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_goes_by_the_stepped_clock() {
        let folder = tempfile::tempdir().unwrap();
        let clock = SteppedClock::make(folder.path(), "clock").unwrap();
        let year = || {
            let mut date = Command::new("date");
            run("date", date.arg("+%Y").envs(clock.environment())).unwrap()
        };
        let now: i64 = year().parse().unwrap();
        clock.step_to(-20 * 366 * 86_400).unwrap();
        let then: i64 = year().parse().unwrap();
        assert!((now - 21..=now - 20).contains(&then), "{now} {then}");
    }
}
