//! What the figures were taken on.

use std::fs;
use std::process::Command;
use std::thread;

use serde::Serialize;
use stage::places;

/// What the figures were taken on.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) processor: String,
    /// How many cores there are.
    pub(crate) cores: usize,
    /// How much memory, in gigabytes.
    pub(crate) memory_gb: u64,
    /// The kernel.
    pub(crate) kernel: String,
    /// The Envoy.
    pub(crate) envoy: String,
    /// How many programs wanted a core before the run began, on average of a minute.
    pub(crate) load: f64,
}

// === impl Machine ===

impl Machine {
    /// Looks around; what cannot be found out is empty.
    pub(crate) fn look() -> Self {
        let kilobytes = field("/proc/meminfo", "MemTotal").and_then(|text| {
            let number = text.trim_end_matches("kB").trim();
            number.parse::<u64>().ok()
        });
        let load = read("/proc/loadavg");
        let load = load.split(' ').next().and_then(|text| text.parse().ok());
        Self {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_default(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_gb: kilobytes.unwrap_or_default() / 1_000_000,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            envoy: envoy().unwrap_or_default(),
            load: load.unwrap_or_default(),
        }
    }

    /// Whether other programs took so much of it that the figures say little.
    pub(crate) fn is_busy(&self) -> bool {
        self.load > 0.5 * crate::statistics::real(self.cores)
    }
}

/// The number in `envoy  version: HASH/1.40.0/Clean/RELEASE/BoringSSL`.
fn envoy() -> Option<String> {
    let output = Command::new(places::envoy().ok()?)
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (_, version) = text.split_once("version: ")?;
    version.split('/').nth(1).map(str::to_owned)
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = read(file);
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(field, _)| field.trim() == name)?;
    Some(value.trim().to_owned())
}

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_default()
}
