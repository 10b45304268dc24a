//! Everything a journey needs: an empty registry, Envoy with the routes of both flows, a browser.

use std::time::Duration;

use stage::client::Request;
use stage::error::StageError;
use stage::registry::{ADMIN, Database, Listeners, Registry};
use stage::scene::Scene;
use stage::story;

use crate::browser::Browser;
use crate::survey::Survey;

/// What an administrator logs in with.
pub(crate) const PASSWORD: &str = "seven quiet lanterns";

/// How long a change may take to reach every gateway: what is promised.
const PROPAGATION: Duration = Duration::from_secs(1);

/// What a journey goes through; the browser ends first.
pub(crate) struct World {
    pub(crate) browser: Browser,
    pub(crate) survey: Survey,
    pub(crate) scene: Scene,
}

// === impl World ===

impl World {
    /// Starts everything; nobody has used it yet.
    pub(crate) fn begin(journey: &str) -> Result<Self, StageError> {
        Self::begin_with(journey, |registry| registry)
    }

    /// Starts everything, with other settings of the registry than the shipped.
    pub(crate) fn begin_with(
        journey: &str,
        configure: impl FnOnce(Registry) -> Registry,
    ) -> Result<Self, StageError> {
        let registry = Registry::prepare(&Database::Sqlite, Listeners::free()?)?;
        let mut registry = configure(registry);
        registry.start_again()?;
        Ok(Self {
            scene: Scene::set(registry, |config| config.routes(&story::routes()))?,
            browser: Browser::start()?,
            survey: Survey::begin(journey),
        })
    }

    /// Returns the address of an administrators' page.
    pub(crate) fn admin(&self, path: &str) -> String {
        // Not the number: forms are taken from the address that `admin create` prints.
        let port = self.scene.registry.listeners().admin.port();
        format!("http://localhost:{port}{path}")
    }

    /// Returns the address of a portal page.
    pub(crate) fn portal(&self, path: &str) -> String {
        format!("http://{}{path}", self.scene.registry.listeners().portal)
    }

    /// Sets the administrator's password by the one-time link, and logs in with it.
    #[track_caller]
    pub(crate) fn enter(&self) {
        let browser = &self.browser;
        browser.open(self.scene.registry.welcome_link());
        browser.fill("New password", PASSWORD);
        browser.press("Set password");
        self.log_in();
    }

    /// Logs the administrator in.
    #[track_caller]
    pub(crate) fn log_in(&self) {
        self.give_password(ADMIN, PASSWORD);
        self.browser.is_at("Overview");
    }

    /// Logs a developer in on the portal.
    #[track_caller]
    pub(crate) fn come_in(&self, email: &str, password: &str) {
        self.browser.open(&self.portal("/login"));
        self.give_password(email, password);
    }

    /// Fills in the log-in page that is shown.
    #[track_caller]
    pub(crate) fn give_password(&self, email: &str, password: &str) {
        let browser = &self.browser;
        browser.is_at("Log in");
        browser.fill("E-mail address", email);
        browser.fill("Password", password);
        browser.press("Log in");
    }

    /// Goes to an administrators' screen by the menu.
    #[track_caller]
    pub(crate) fn go(&self, screen: &str) {
        self.browser.part("Administration").follow(screen);
    }

    /// Looks at the page that is shown.
    #[track_caller]
    pub(crate) fn look(&mut self, name: &str) {
        self.survey.look(&self.browser, name);
    }

    /// Looks at the page that answered a form.
    #[track_caller]
    pub(crate) fn look_at_answer(&mut self, name: &str) {
        self.survey.look_at_answer(&self.browser, name);
    }

    /// Expects Envoy to answer with a status, as soon as a change is promised to arrive.
    #[track_caller]
    pub(crate) fn calls(&self, request: &Request, status: u16) {
        let answer = self.scene.envoy.send_until(status, PROPAGATION, request);
        answer.unwrap_or_else(|error| panic!("{error}"));
    }
}
