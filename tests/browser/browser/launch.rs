//! How a browser is started, and when its driver is ready.

use std::net::SocketAddr;

use stage::client::Request;
use stage::error::StageError;
use stage::process::Process;
use stage::wait;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;

use super::PATIENCE;
use crate::tools;

/// Returns what a browser with a profile in a folder is asked for.
pub(super) fn capabilities(profile: &str) -> WebDriverResult<Capabilities> {
    let mut options = DesiredCapabilities::chrome();
    let binary = tools::program("CHROMIUM", "chromium");
    if binary.is_absolute() {
        options.set_binary(&binary.display().to_string())?;
    }
    for argument in [
        "--headless=new",
        // Its sandbox refuses to run as root, as in containers; it sees our own pages only.
        "--no-sandbox",
        // Containers have a small /dev/shm.
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
    ] {
        options.add_arg(argument)?;
    }
    options.add_arg(&format!("--user-data-dir={profile}"))?;
    options.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    Ok(options.into())
}

/// Waits until a driver takes orders.
pub(super) fn await_ready(process: &mut Process, address: SocketAddr) -> Result<(), StageError> {
    wait::until("readiness of chromedriver", PATIENCE, || {
        if let Err(ended) = process.still_runs() {
            return Ok(Err(ended));
        }
        let status = Request::get("/status").header("host", "localhost");
        match status.send(address).map_err(|error| error.to_string())? {
            response if response.status == 200 => Ok(Ok(())),
            response => Err(format!("{} {}", response.status, response.text())),
        }
    })?
}
