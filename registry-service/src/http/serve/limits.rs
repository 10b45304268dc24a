//! How much each listener takes on: connections, requests at a time, waiting for slow clients; and that
//! a crash leaves no core file.
//!
//! The figures keep the process within the files it may open, and a flood on one listener away from
//! the others: gateways go on following the feed while the portal is under attack.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are not connections: the database's, logs, and some to spare.
const OTHER_FILES: usize = 128;

/// How many files a process may open if nobody says.
const FEWEST_FILES: usize = 1024;

/// How much a listener takes on.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Limits {
    /// Connections at a time; more wait in the operating system's queue until there is a place.
    pub(super) connections: usize,
    /// Connections of one address at a time; more are closed at once.
    pub(super) of_one_address: usize,
    /// How long the head of a request may take, and the next request on an HTTP/1 connection.
    pub(super) head: Duration,
    /// How long a connection may be open without anything to answer on it.
    pub(super) idle: Duration,
}

/// Which listeners there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Audience {
    Portal,
    Admin,
    Gateways,
}

// === impl Audience ===

impl Audience {
    /// Returns its name in logs and figures.
    pub(in crate::http) const fn name(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Admin => "admin",
            Self::Gateways => "gateway",
        }
    }

    /// Returns how many requests are answered at a time; more are told to come again.
    pub(in crate::http) const fn requests(self) -> usize {
        match self {
            Self::Portal => 512,
            Self::Admin => 128,
            // Most of them wait for news.
            Self::Gateways => 16_384,
        }
    }
}

// === impl Limits ===

impl Limits {
    /// Returns what a listener takes on in a process that may open so many files.
    pub(in crate::http) fn of(audience: Audience, files: usize) -> Self {
        let connections = files.saturating_sub(OTHER_FILES).max(8);
        match audience {
            Audience::Portal => Self {
                connections: (connections / 4).min(2048),
                of_one_address: 128,
                head: Duration::from_secs(10),
                idle: Duration::from_secs(30),
            },
            Audience::Admin => Self {
                connections: (connections / 8).min(512),
                of_one_address: 256,
                head: Duration::from_secs(10),
                idle: Duration::from_secs(30),
            },
            // Each virtual machine of each Envoy waits in a request, on a connection of its own if it
            // speaks HTTP/1, and reports once a minute on another, which may be kept that long.
            Audience::Gateways => Self {
                connections: (connections / 2).min(16_384),
                of_one_address: usize::MAX,
                head: Duration::from_secs(75),
                idle: Duration::from_secs(75),
            },
        }
    }
}

/// Asks for as many open files as the operating system allows, and returns how many that are.
pub(in crate::http) fn open_files() -> usize {
    let allowed = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: allowed.maximum,
        maximum: allowed.maximum,
    };
    // What cannot be raised is what there is.
    let files = if setrlimit(Resource::Nofile, wanted).is_ok() {
        wanted.current
    } else {
        allowed.current
    };
    let files = files.and_then(|files| usize::try_from(files).ok());
    files.unwrap_or(FEWEST_FILES)
}

/// Has the operating system write no core file when the process crashes: keys would be in it, at the
/// moment they are made or sent.
pub(in crate::http) fn leave_no_core_file() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Lowering a limit is always allowed.
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "a crash may leave a core file");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_listeners_together_stay_within_the_files_there_are() {
        for files in [FEWEST_FILES, 4096, 65_536, 1 << 20] {
            let all = [Audience::Portal, Audience::Admin, Audience::Gateways];
            let connections = all.map(|audience| Limits::of(audience, files).connections);
            let sum: usize = connections.iter().sum();
            assert!(sum + OTHER_FILES <= files, "{connections:?} of {files}");
        }
    }

    #[test]
    fn a_thousand_machines_of_gateways_find_a_place_where_files_allow_it() {
        let limits = Limits::of(Audience::Gateways, 4096);
        assert!(limits.connections >= 1000, "{limits:?}");
    }
}
