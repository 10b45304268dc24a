//! `keystile-registry`, the program.
//!
//! `arguments` is what it is asked to do; then a module for each command that is more than a line.

mod arguments;
mod backup;
mod check_config;
mod declared;
mod import_keys;
mod progress;
mod serve;
mod token;

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use keystile_registry::clock::Clock;
use keystile_registry::config::effective::Effective;
use keystile_registry::config::{Config, ConfigError, LogFormat, Understood, understand};
use keystile_registry::operator;
use keystile_registry::random::Random;
use keystile_registry::registry::Registry;

use crate::arguments::{AdminCommand, Command, Program};

/// What becomes of a command: nothing to add, or a status of its own.
type Outcome = Result<(), Box<dyn Error>>;

/// Says that `apply --dry-run` found something to change.
const CHANGES: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let understood = match understand(std::env::args()) {
        Ok(understood) => understood,
        // Asked for help or not understood: clap prints either as it should be, and ends.
        Err(ConfigError::Arguments(error)) => error.exit(),
        Err(error) => return complain(&error),
    };
    begin_log(&understood.settings);
    match run(understood).await {
        Ok(()) => ExitCode::SUCCESS,
        // It has said so itself.
        Err(error) if error.is::<declared::Different>() => ExitCode::from(CHANGES),
        Err(error) => complain(error.as_ref()),
    }
}

async fn run(understood: Understood<Program>) -> Outcome {
    match understood.program.command {
        Command::Apply { .. } | Command::Export { .. } | Command::Schema => {
            // The API is called one request after the other; nothing else goes on here.
            tokio::task::block_in_place(|| declared::run(understood.program.command))
        }
        Command::ImportKeys { .. } => {
            tokio::task::block_in_place(|| import_keys::run(understood.program.command))
        }
        Command::Backup { config, file } => backup::take(&config, &file).await,
        Command::Restore { .. } => backup::restore(understood.program.command).await,
        Command::Serve { config } => serve::serve(config).await,
        Command::Migrate { .. } => migrate(understood.program.command).await,
        Command::Admin { command } => admin(command).await,
        Command::Token { command } => token::run(command).await,
        Command::CheckConfig { config } => check_config::run(&config, &understood.settings).await,
    }
}

async fn migrate(command: Command) -> Outcome {
    if let Command::Migrate {
        config,
        accept_partial,
    } = command
    {
        if accept_partial {
            config.database.accept_partial().await?;
        }
        open(&config).await?;
        say("the database is up to date")?;
    }
    Ok(())
}

async fn admin(command: AdminCommand) -> Outcome {
    let AdminCommand::Create {
        config,
        email,
        role,
    } = command;
    let registry = open(&config).await?;
    let link = operator::create_admin(&registry, email, role).await?;
    say(link.as_str())
}

async fn open(config: &Config) -> Result<Arc<Registry>, Box<dyn Error>> {
    let random = Random::from_system()?;
    let settings = config.settings()?;
    Ok(Registry::open(&config.database, settings, Clock::System, random).await?)
}

fn begin_log(settings: &[Effective]) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // It would say on the standard error that a line could not be written there, which panics and
        // ends the request: a full disk under the log must not cost an answer.
        .log_internal_errors(false);
    // A command without settings logs for people.
    let format = settings.iter().find(|setting| setting.name == "log_format");
    if format.is_some_and(|format| format.values == [LogFormat::Json.name()]) {
        log.json().with_span_list(false).init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).init();
    }
}

fn say(line: &str) -> Outcome {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// Says why nothing came of it, down to the cause, on the standard error.
fn complain(error: &dyn Error) -> ExitCode {
    let mut line = format!("keystile-registry: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    // Nobody is left to tell if this fails.
    writeln!(std::io::stderr(), "{line}").unwrap_or_default();
    ExitCode::FAILURE
}
