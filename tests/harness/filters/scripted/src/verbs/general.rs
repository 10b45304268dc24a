//! Logs, time, properties, foreign functions, and what goes wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proxy_wasm::hostcalls;
use proxy_wasm::types::LogLevel;

use super::{bytes, ended, found, number, told};
use crate::plugin::Place;

/// Neither a real clock nor a made-up one is before 2020.
const YEAR_2020: Duration = Duration::from_hours(438_288);

pub(super) fn perform(place: Place<'_>, words: &[&str]) -> Option<String> {
    Some(match *words {
        ["log", level, text] => ended(hostcalls::log(log_level(level), text)),
        ["log-level"] => told(hostcalls::get_log_level(), |level| format!("{level:?}")),
        ["time"] => told(hostcalls::get_current_time(), is_plausible),
        ["tick", period] => ended(hostcalls::set_tick_period(Duration::from_millis(number(
            period,
        )))),
        ["told"] => format!("{:?}", place.told),
        ["property", path] => found(hostcalls::get_property(path.split('.').collect())),
        ["set-property", path, value] => ended(hostcalls::set_property(
            path.split('.').collect(),
            Some(&bytes(value)),
        )),
        ["foreign", name] => found(hostcalls::call_foreign_function(name, None)),
        ["foreign", name, arguments] => {
            let arguments = bytes(arguments);
            found(hostcalls::call_foreign_function(name, Some(&arguments)))
        }
        ["compress-uncompress", text] => {
            let small = hostcalls::call_foreign_function("compress", Some(text.as_bytes()));
            let small = small.ok().flatten();
            found(hostcalls::call_foreign_function(
                "uncompress",
                small.as_deref(),
            ))
        }
        // Compiled, this is the instruction that traps.
        ["trap"] => std::process::abort(),
        _ => return None,
    })
}

fn log_level(word: &str) -> LogLevel {
    match word {
        "debug" => LogLevel::Debug,
        "warn" => LogLevel::Warn,
        "error" => LogLevel::Error,
        "critical" => LogLevel::Critical,
        _ => LogLevel::Info,
    }
}

fn is_plausible(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    if since > YEAR_2020 { "now" } else { "long ago" }.to_owned()
}
