//! A child process that writes to a file and ends when it is dropped.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::StageError;

/// How much of a log an error shows.
const LAST_LINES: usize = 30;

/// A running program.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

// === impl Process ===

impl Process {
    /// Starts a program; what it writes is appended to a file.
    pub fn spawn(name: &str, command: &mut Command, log: &Path) -> Result<Self, StageError> {
        let cannot = || StageError::io(format!("cannot start {name}"));
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(cannot())?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone().map_err(cannot())?)
            .stderr(output)
            .spawn()
            .map_err(cannot())?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
        })
    }

    /// Returns everything it has written.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// Returns its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) -> Result<(), StageError> {
        // A shell has it built in, whether the machine has the program or not.
        let id = self.id().to_string();
        let mut shell = Command::new("sh");
        run("kill", shell.args(["-c", "kill -$0 $1", name, &id])).map(drop)
    }

    /// Says why it ended if it has.
    pub fn still_runs(&mut self) -> Result<(), StageError> {
        let status = self
            .child
            .try_wait()
            .map_err(StageError::io(format!("cannot watch {}", self.name)))?;
        match status {
            None => Ok(()),
            Some(status) => Err(StageError::Ended {
                what: self.name.clone(),
                status: status.to_string(),
                log: last_lines(&self.log()),
            }),
        }
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        // It may have ended already, and the one who drops it has no use for an error.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a program to its end and returns what it printed.
pub fn run(name: &str, command: &mut Command) -> Result<String, StageError> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(StageError::io(format!("cannot start {name}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(StageError::Ended {
        what: name.to_owned(),
        status: output.status.to_string(),
        log: last_lines(&String::from_utf8_lossy(&output.stderr)),
    })
}

fn read(log: &Path) -> String {
    fs::read(log).map_or_else(
        |error| format!("no log: {error}"),
        |bytes| String::from_utf8_lossy(&bytes).into_owned(),
    )
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let skipped = lines.len().saturating_sub(LAST_LINES);
    lines.get(skipped..).unwrap_or_default().join("\n")
}
