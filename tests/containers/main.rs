//! Walks both documented flows through the containers of `compose.yaml`, then calls the API that is
//! shipped with them, and looks at what is left when everything has been taken down and up again.
//!
//! `./just test-docker` builds the images and runs this.

mod compose;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use stage::api::{Caller, Journal, Visitor};
use stage::client::Request;
use stage::envoy::EnvoyConfig;
use stage::error::StageError;
use stage::screen::Screen;
use stage::story::{self, Setting, Story, application, service};
use stage::upstream::Upstream;
use stage::wait;
use tempfile::TempDir;

use compose::Compose;

/// Whom `docker/first-start` makes the first administrator.
const ADMIN: &str = "admin@example.com";

/// Whom the images run as.
const NOBODY: &str = "65532:65532";

/// Containers start in seconds; a busy machine needs more.
const PATIENCE: Duration = Duration::from_mins(2);

fn main() -> ExitCode {
    let mut screen = Screen::open();
    let walked = Compose::prepare().and_then(|mut compose| journey(&mut compose, &mut screen));
    if let Err(error) = walked {
        screen.error(&error);
        return ExitCode::FAILURE;
    }
    screen.summary();
    if screen.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn journey(compose: &mut Compose, screen: &mut Screen) -> Result<(), StageError> {
    let folder = tempfile::tempdir().map_err(StageError::io("cannot make a folder"))?;
    screen.say("Starting the containers ...");
    // The network is there from now on, and with it an address for the recording API.
    compose.up(&["pod"])?;
    let upstream = Upstream::start_at(compose.gateway()?)?;
    let changes = changes(&folder, &upstream)?;
    compose.change(Some(&changes));
    compose.up(&[])?;
    wait_until_open(compose)?;
    let journal = Journal::default();
    let setting = setting(compose, &journal, &upstream)?;
    let people = flows(&setting, &journal, screen)?;
    screen.title("As shipped, and from what is kept in volumes");
    let mut tell = |step: &story::Step<'_>| screen.step(step);
    let mut story = Story::new(journal, &mut tell);
    afterwards(compose, &people, &mut story)
}

/// Writes what differs from the shipped file: Envoy has the flows' routes, to an API that records.
fn changes(folder: &TempDir, upstream: &Upstream) -> Result<PathBuf, StageError> {
    let config = EnvoyConfig::shipped(upstream.address())?
        .routes(&story::routes())?
        .edit(|root| {
            let address = json!({"address": "0.0.0.0", "port_value": 8000});
            if let Some(place) = root.pointer_mut("/static_resources/listeners/0/address") {
                *place = json!({"socket_address": address});
            }
        });
    let envoy = folder.path().join("envoy.yaml");
    let write = |file: &PathBuf, text: String| {
        fs::write(file, text).map_err(StageError::io("cannot write"))
    };
    write(&envoy, config.document().to_string())?;
    let volume = format!("{}:/etc/keystile/envoy.yaml:ro", envoy.display());
    let changes = folder.path().join("changes.yaml");
    // JSON is YAML.
    let services = json!({"services": {"envoy": {"volumes": [volume]}}});
    write(&changes, services.to_string())?;
    readable(folder)?;
    Ok(changes)
}

/// Lets the containers' account read what is in a folder.
fn readable(folder: &TempDir) -> Result<(), StageError> {
    use std::os::unix::fs::PermissionsExt as _;
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), open).map_err(StageError::io("cannot open a folder"))
}

/// Waits until the registry is ready and Envoy knows its services.
fn wait_until_open(compose: &Compose) -> Result<(), StageError> {
    let status = |address, path: &str| {
        let answer = Request::get(path).send(address);
        answer.map_or_else(|error| error.to_string(), |one| one.status.to_string())
    };
    wait::until("readiness of registry and Envoy", PATIENCE, || {
        let seen = (
            status(compose.admin(), "/readyz"),
            status(compose.proxy(), "/mock"),
        );
        match (seen.0.as_str(), seen.1.as_str()) {
            // Nobody has published the service yet.
            ("204", "403" | "401") => Ok(()),
            _ => Err(format!("{seen:?}")),
        }
    })
}

fn setting<'a>(
    compose: &Compose,
    journal: &Journal,
    upstream: &'a Upstream,
) -> Result<Setting<'a>, StageError> {
    let token = compose.exec(
        "registry",
        &[
            "keystile-registry",
            "token",
            "create",
            "--admin",
            ADMIN,
            "--scope",
            "admin",
            "--name",
            "journey",
        ],
    )?;
    let caller = |address| Caller::new(address, journal.clone());
    Ok(Setting {
        admin: caller(compose.admin()).with_token(&token),
        visitor: Visitor::new(caller(compose.portal())),
        proxy: compose.proxy(),
        upstream,
    })
}

fn flows(
    setting: &Setting<'_>,
    journal: &Journal,
    screen: &mut Screen,
) -> Result<application::Registered, StageError> {
    screen.title("Flow A: register an application to a service");
    let mut tell = |step: &story::Step<'_>| screen.step(step);
    let mut story = Story::new(journal.clone(), &mut tell);
    let people = application::walk(setting, &mut story)?;
    screen.title("Flow B: enable key authentication for application registration");
    let mut tell = |step: &story::Step<'_>| screen.step(step);
    let mut story = Story::new(journal.clone(), &mut tell);
    service::walk(setting, &people, &mut story)?;
    Ok(people)
}

/// What is shipped, unchanged; the same after everything but the volumes is gone.
fn afterwards(
    compose: &mut Compose,
    people: &application::Registered,
    story: &mut Story<'_>,
) -> Result<(), StageError> {
    let key = people.key.key.clone();
    let application = people.application.to_string();
    story.step("Envoy takes the shipped configuration up", |_| {
        compose.change(None);
        compose.up(&[])
    })?;
    story.step("The shipped API hears who calls, and no key", |_| {
        shipped_api_answers(compose, &key, &application)
    })?;
    for service in ["registry", "envoy"] {
        story.step(&format!("The health check of {service} is content"), |_| {
            compose.wait_until_healthy(service)
        })?;
        story.step(&format!("{service} runs as nobody"), |_| {
            match compose.account(service)? {
                account if account == NOBODY => Ok(()),
                account => Err(StageError::unexpected("account of nobody", &account)),
            }
        })?;
    }
    story.step("No log holds the key", |_| {
        if compose.logs()?.contains(&key) {
            return Err(StageError::unexpected("log without keys", &"one with"));
        }
        Ok(())
    })?;
    story.step("Everything is taken down", |_| compose.down())?;
    story.step("Everything is taken up again", |_| compose.up(&[]))?;
    story.step("The key works as before", |_| {
        shipped_api_answers(compose, &key, &application)
    })
}

fn shipped_api_answers(compose: &Compose, key: &str, application: &str) -> Result<(), StageError> {
    let request = Request::get("/shipped").header("apikey", key);
    wait::until("answer of the shipped API", PATIENCE, || {
        let answer = request.send(compose.proxy());
        let answer = answer.map_err(|error| error.to_string())?;
        let echo = answer.json();
        let is_known = echo
            .get("application")
            .is_some_and(|who| who == application);
        let is_hidden = !answer.text().contains(key);
        match (answer.status, is_known, is_hidden) {
            (200, true, true) => Ok(()),
            // Not the body: it might hold the key.
            other => Err(format!("{other:?}")),
        }
    })
}
