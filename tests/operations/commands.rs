//! Commands of the program, run to their end.

use std::process::{Command, Output, Stdio};

/// What became of a command.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its status.
    pub(crate) status: i32,
    /// What it printed.
    pub(crate) out: String,
    /// What it complained.
    pub(crate) complaint: String,
}

/// Runs a command to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let Output {
        status,
        stdout,
        stderr,
    } = command.stdin(Stdio::null()).output().unwrap();
    Ended {
        status: status.code().unwrap_or(-1),
        out: String::from_utf8(stdout).unwrap(),
        complaint: String::from_utf8(stderr).unwrap(),
    }
}

/// Runs a command that is to succeed; returns what it printed.
pub(crate) fn done(command: &mut Command) -> String {
    let ended = ended(command);
    assert_eq!(ended.status, 0, "{command:?}: {}", ended.complaint);
    ended.out
}

/// Runs a command that is to be refused; returns its complaint.
pub(crate) fn refused(command: &mut Command) -> String {
    let ended = ended(command);
    assert_eq!(ended.status, 1, "{command:?}: {ended:?}");
    assert!(!ended.complaint.contains("panicked"), "{}", ended.complaint);
    ended.complaint
}
