//! One browser, and a person who uses it: by labels, names and headings, never by markup.
//!
//! Whatever the person cannot do ends the test, with what the page shows instead. [`part`] is a part of
//! the page and its controls, [`launch`] how the browser is started.

mod launch;
mod part;

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use stage::error::StageError;
use stage::port::Port;
use stage::process::Process;
use stage::wait;
use tempfile::TempDir;
use thirtyfour::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::tools;

use launch::{await_ready, capabilities};
pub(crate) use part::Part;

/// A busy machine may need many seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser of its own, without a past; it ends when it is dropped.
pub(crate) struct Browser {
    runtime: Runtime,
    // Taken when it ends.
    driver: Option<WebDriver>,
    _driver: Process,
    _port: Port,
    // Dropped last: the browser's profile is in it.
    _folder: TempDir,
}

/// A cookie, and whether scripts and other sites are kept from it.
pub(crate) struct HeldCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) is_guarded: bool,
}

// === impl Browser ===

impl Browser {
    /// Starts one.
    pub(crate) fn start() -> Result<Self, StageError> {
        let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
        let port = Port::claim().map_err(StageError::io("no free port"))?;
        let mut command = Command::new(tools::program("CHROMEDRIVER", "chromedriver"));
        command.arg(format!("--port={}", port.number()));
        let log = folder.path().join("chromedriver.log");
        let mut process = Process::spawn("chromedriver", &mut command, &log)?;
        await_ready(&mut process, port.address())?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(StageError::io("no runtime"))?;
        let profile = folder.path().join("profile");
        let options = capabilities(&profile.display().to_string());
        let address = format!("http://{}", port.address());
        let driver = options
            .and_then(|options| runtime.block_on(async { WebDriver::new(address, options).await }));
        let driver = driver.map_err(|error| StageError::Unexpected {
            what: "browser".to_owned(),
            seen: format!("{error}\n{}", process.log()),
        })?;
        Ok(Self {
            runtime,
            driver: Some(driver),
            _driver: process,
            _port: port,
            _folder: folder,
        })
    }

    /// Opens an address, as if typed.
    #[track_caller]
    pub(crate) fn open(&self, url: &str) {
        self.now("open it", |driver| async move { driver.goto(url).await });
    }

    /// Goes back, as the button does.
    #[track_caller]
    pub(crate) fn go_back(&self) {
        self.now("go back", |driver| async move { driver.back().await });
    }

    /// Loads the page again; a page that answers a form sends the form again, without asking.
    #[track_caller]
    pub(crate) fn reload(&self) {
        self.now("reload", |driver| async move { driver.refresh().await });
    }

    /// Returns the whole page as a part.
    pub(crate) fn page(&self) -> Part<'_> {
        self.part("")
    }

    /// Returns the part that shows a text, such as the row of a table.
    pub(crate) fn part(&self, text: &str) -> Part<'_> {
        Part::new(self, text)
    }

    /// Types into a field, over what it held.
    #[track_caller]
    pub(crate) fn fill(&self, label: &str, text: &str) {
        self.page().fill(label, text);
    }

    /// Chooses an option of a list.
    #[track_caller]
    pub(crate) fn choose(&self, label: &str, option: &str) {
        self.page().choose(label, option);
    }

    /// Clicks a checkbox or a radio button.
    #[track_caller]
    pub(crate) fn tick(&self, label: &str) {
        self.page().tick(label);
    }

    /// Presses a button.
    #[track_caller]
    pub(crate) fn press(&self, name: &str) {
        self.page().press(name);
    }

    /// Follows a link.
    #[track_caller]
    pub(crate) fn follow(&self, name: &str) {
        self.page().follow(name);
    }

    /// Expects the page with this heading.
    #[track_caller]
    pub(crate) fn is_at(&self, heading: &str) {
        let script = "return document.querySelector('h1')?.innerText.trim() || ''";
        self.comes_true(&format!("heading {heading:?}"), || {
            let seen = self
                .ask(script, vec![])
                .map_err(|error| error.to_string())?;
            let is_same = seen.as_str() == Some(heading);
            is_same.then_some(()).ok_or_else(|| seen.to_string())
        });
    }

    /// Expects the page to show a text.
    #[track_caller]
    pub(crate) fn sees(&self, text: &str) {
        self.comes_true(&format!("text {text:?}"), || {
            let seen = self.text();
            seen.contains(text).then_some(()).ok_or(seen)
        });
    }

    /// Expects the page to show a text before long; without a script, only reloading tells.
    #[track_caller]
    pub(crate) fn comes_to_see(&self, text: &str) {
        self.comes_true(&format!("text {text:?} after reloading"), || {
            self.reload();
            let seen = self.text();
            seen.contains(text).then_some(()).ok_or(seen)
        });
    }

    /// Expects the page not to show a text.
    #[track_caller]
    pub(crate) fn sees_no(&self, text: &str) {
        let seen = self.text();
        assert!(!seen.contains(text), "{text:?} is shown: {seen}");
    }

    /// Returns what the page shows, white space folded.
    #[track_caller]
    pub(crate) fn text(&self) -> String {
        let script = "return document.body.innerText.replace(/\\s+/g, ' ')";
        let seen = self.ask(script, vec![]);
        let seen = seen.unwrap_or_else(|error| panic!("no text: {error}"));
        seen.as_str().unwrap_or_default().to_owned()
    }

    /// Returns what a field holds.
    #[track_caller]
    pub(crate) fn value(&self, label: &str) -> String {
        self.page().value(label)
    }

    /// Returns the text of the only element a selector finds, for what has no name: a key.
    #[track_caller]
    pub(crate) fn text_of(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.textContent.trim() ?? null";
        let seen = self.ask(script, vec![json!(selector)]).unwrap();
        let text = seen.as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no {selector} at {}: {}", self.url(), self.text()))
    }

    /// Returns where the browser is.
    pub(crate) fn url(&self) -> String {
        self.block_on(self.driver().current_url())
            .map_or_else(|error| error.to_string(), |url| url.to_string())
    }

    /// Returns the cookies it would send here, as the header has them.
    pub(crate) fn cookies(&self) -> String {
        let cookies = self.block_on(self.driver().get_all_cookies()).unwrap();
        let pairs = cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Returns the cookies it would send here, one by one.
    pub(crate) fn cookie_jar(&self) -> Vec<HeldCookie> {
        let answer = self.command("Network.getCookies", json!({}));
        let held = |cookie: &Value| HeldCookie {
            name: cookie["name"].as_str().unwrap_or_default().to_owned(),
            value: cookie["value"].as_str().unwrap_or_default().to_owned(),
            is_guarded: cookie["secure"] == true
                && cookie["httpOnly"] == true
                && (cookie["sameSite"] == "Lax" || cookie["sameSite"] == "Strict"),
        };
        let cookies = answer["cookies"].as_array().expect("a list");
        cookies.iter().map(held).collect()
    }

    /// Returns what the only element a selector finds holds, for what has no label.
    #[track_caller]
    pub(crate) fn value_of(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.value ?? null";
        let seen = self.ask(script, vec![json!(selector)]).unwrap();
        let value = seen.as_str().map(str::to_owned);
        value.unwrap_or_else(|| panic!("no {selector} at {}", self.url()))
    }

    /// Returns the page as the browser holds it.
    pub(crate) fn source(&self) -> String {
        self.block_on(self.driver().source()).unwrap()
    }

    /// Returns what it complained about since the last time: broken scripts, refused content.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.block_on(self.driver().browser_log()).unwrap();
        let bad = log.into_iter().filter(|entry| entry.level == "SEVERE");
        bad.map(|entry| entry.message).collect()
    }

    /// Runs a script in the page.
    pub(crate) fn ask(&self, script: &str, arguments: Vec<Value>) -> WebDriverResult<Value> {
        let answer = self.block_on(self.driver().execute(script, arguments))?;
        Ok(answer.json().clone())
    }

    /// Runs a script that ends by calling its last argument.
    pub(crate) fn ask_async(&self, script: &str, arguments: Vec<Value>) -> WebDriverResult<Value> {
        let answer = self.block_on(self.driver().execute_async(script, arguments))?;
        Ok(answer.json().clone())
    }

    /// Switches scripts of pages off, as people and policies do.
    pub(crate) fn refuse_scripts(&self) {
        self.command(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": true}),
        );
    }

    /// Gives a command of the Chrome `DevTools` Protocol.
    pub(crate) fn command(&self, name: &str, parameters: Value) -> Value {
        let answer = self.block_on(self.driver().cdp().send_raw(name, parameters));
        answer.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[track_caller]
    fn comes_true<T>(&self, what: &str, probe: impl FnMut() -> Result<T, String>) -> T {
        let result = wait::until(what, PATIENCE, probe);
        result.unwrap_or_else(|error| panic!("at {}: {error}\n{}", self.url(), self.text()))
    }

    #[track_caller]
    fn now<'a, F: Future<Output = WebDriverResult<()>>>(
        &'a self,
        what: &str,
        action: impl FnOnce(&'a WebDriver) -> F,
    ) {
        let result = self.block_on(action(self.driver()));
        result.unwrap_or_else(|error| panic!("cannot {what}: {error}"));
    }

    fn driver(&self) -> &WebDriver {
        self.driver.as_ref().expect("it has not ended")
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            // Whoever drops it has no use for an error, and its process is killed next.
            let _ = self.runtime.block_on(driver.quit());
        }
    }
}
