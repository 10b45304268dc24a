//! `keystile-registry`, the program.

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use keystile_registry::clock::Clock;
use keystile_registry::config::{
    AdminCommand, Command, Config, Listen, Place, Program, TokenCommand,
};
use keystile_registry::domain::access::Token;
use keystile_registry::domain::timestamp::Timestamp;
use keystile_registry::http::serve::Listeners;
use keystile_registry::operator::{self, NewToken};
use keystile_registry::random::Random;
use keystile_registry::registry::Registry;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let program = Program::parse();
    begin_log();
    match run(program.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Outcome {
    match command {
        Command::Serve { place, listen } => serve(&place, &listen).await,
        Command::Migrate { place } => {
            let config = Config::for_operating(&place)?;
            open(config).await?;
            say("the database is up to date")
        }
        Command::Admin {
            command: AdminCommand::Create { place, email, role },
        } => {
            let registry = open(Config::for_operating(&place)?).await?;
            say(operator::create_admin(&registry, email, role)
                .await?
                .as_str())
        }
        Command::Token { command } => token(command).await,
    }
}

async fn token(command: TokenCommand) -> Outcome {
    match command {
        TokenCommand::Create {
            place,
            admin,
            scopes,
            name,
        } => {
            let registry = open(Config::for_operating(&place)?).await?;
            let new = NewToken {
                name,
                scopes,
                expires_at: None,
                once: None,
            };
            say(&operator::issue_token(&registry, &admin, new).await?)
        }
        TokenCommand::List { place } => {
            let registry = open(Config::for_operating(&place)?).await?;
            let now = registry.clock.now();
            for token in operator::list_tokens(&registry).await? {
                say(&listed(&token, now))?;
            }
            Ok(())
        }
        TokenCommand::Revoke { place, id } => {
            let registry = open(Config::for_operating(&place)?).await?;
            operator::revoke_token(&registry, id).await?;
            say("the token is revoked")
        }
    }
}

fn listed(token: &Token, now: Timestamp) -> String {
    let state = if token.is_live(now) {
        "live"
    } else if token.revoked_at.is_some() {
        "revoked"
    } else {
        "expired"
    };
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.name()).collect();
    format!(
        "{}\t{state}\t{}\t{}",
        token.id,
        scopes.join(","),
        token.name
    )
}

async fn serve(place: &Place, listen: &Listen) -> Outcome {
    let config = Config::for_serving(place, listen)?;
    let listeners = Listeners::bind(&config).await?;
    let _lock = config.database.lock()?;
    let registry = open(config).await?;
    let [portal, admin, gateway] = listeners.addresses()?;
    say(&format!(
        "portal   http://{portal}\nadmin    http://{admin}\ngateways http://{gateway}"
    ))?;
    listeners
        .serve(Arc::clone(&registry), asked_to_stop())
        .await;
    registry.storage.close().await;
    Ok(())
}

async fn open(config: Config) -> Result<Arc<Registry>, Box<dyn Error>> {
    let random = Random::from_system()?;
    let registry = Registry::open(&config.database, config.settings, Clock::System, random).await?;
    Ok(registry)
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

fn begin_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

fn say(line: &str) -> Outcome {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// Says why nothing came of it, down to the cause, on the standard error.
fn complain(error: &dyn Error) {
    let mut line = format!("keystile-registry: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    // Nobody is left to tell if this fails.
    writeln!(std::io::stderr(), "{line}").unwrap_or_default();
}
