//! Walks both documented flows on real parts and prints each step.
//!
//! `demo` leaves everything running on Kong's ports; `demo --once` takes free ports, ends, and its
//! exit status is 0 only if every step answered as documented.

mod invitation;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver};

use stage::envoy::EnvoyConfig;
use stage::error::StageError;
use stage::registry::{Database, Listeners, Registry};
use stage::scene::Scene;
use stage::screen::Screen;
use stage::story::{self, Setting, Story, application, service};

/// Envoy's ports in `envoy/envoy.yaml`.
const PROXY_PORT: u16 = 8000;
const ADMIN_PORT: u16 = 9901;

enum Mode {
    Once,
    StayOpen,
}

fn main() -> ExitCode {
    let mode = match std::env::args().nth(1).as_deref() {
        None => Mode::StayOpen,
        Some("--once") => Mode::Once,
        Some(_) => {
            // There is nothing to do about a closed stderr.
            let _ = writeln!(io::stderr(), "usage: demo [--once]");
            return ExitCode::from(2);
        }
    };
    let mut screen = Screen::open();
    match run(&mode, &mut screen) {
        Ok(()) if screen.is_clean() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            screen.error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(mode: &Mode, screen: &mut Screen) -> Result<(), StageError> {
    let interrupted = interruption()?;
    screen.say("Starting the registry (SQLite) and Envoy with the filter ...");
    let scene = scene(mode)?;
    let ended = flows(&scene, screen);
    screen.summary();
    // The step that failed has been printed with its reason.
    if let (Mode::StayOpen, Ok(invitation)) = (mode, ended) {
        invitation.show(&scene, screen);
        // An error would mean that nobody can interrupt any more.
        let _ = interrupted.recv();
    }
    Ok(())
}

/// Returns what hears of Ctrl-C and its kin, which would otherwise leave processes and folders
/// behind.
fn interruption() -> Result<Receiver<()>, StageError> {
    let (tell, hear) = mpsc::channel();
    ctrlc::set_handler(move || {
        // Nobody listens any more when everything is being ended anyway.
        let _ = tell.send(());
    })
    .map_err(|error| StageError::Io {
        what: "cannot listen for interruptions".to_owned(),
        source: io::Error::other(error),
    })?;
    Ok(hear)
}

/// Starts everything; free ports if it is only for once.
fn scene(mode: &Mode) -> Result<Scene, StageError> {
    let listeners = match mode {
        Mode::Once => Listeners::free()?,
        Mode::StayOpen => Listeners::documented(),
    };
    let mut registry = Registry::prepare(&Database::Sqlite, listeners)?;
    registry.start_again()?;
    let configure = |config: EnvoyConfig| match mode {
        Mode::Once => config.routes(&story::routes()),
        Mode::StayOpen => config
            .routes(&story::routes())?
            .listen(PROXY_PORT, ADMIN_PORT),
    };
    Scene::set(registry, configure)
}

fn flows(scene: &Scene, screen: &mut Screen) -> Result<invitation::Invitation, StageError> {
    let setting = Setting::of(scene);
    scene.registry.journal().take();
    screen.title("Flow A: register an application to a service");
    let mut tell = |step: &story::Step<'_>| screen.step(step);
    let mut story = Story::new(scene.registry.journal().clone(), &mut tell);
    let people = application::walk(&setting, &mut story)?;
    screen.title("Flow B: enable key authentication for application registration");
    let mut tell = |step: &story::Step<'_>| screen.step(step);
    let mut story = Story::new(scene.registry.journal().clone(), &mut tell);
    let billing = service::walk(&setting, &people, &mut story)?;
    Ok(invitation::Invitation {
        weather_key: people.key.key,
        billing_key: billing.key,
    })
}
