//! The commands and what each takes.

use clap::{Parser, Subcommand};
use keystile_registry::config::Config;
use keystile_registry::domain::access::{Role, Scope};
use keystile_registry::domain::id::TokenId;
use keystile_registry::domain::text::{Email, Line};

/// Application registration for Envoy: the registry and its developer portal.
#[derive(Debug, Parser)]
#[command(name = "keystile-registry", version)]
pub(crate) struct Program {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves portal, admin and gateways until it is told to stop.
    Serve {
        #[command(flatten)]
        config: Config,
    },
    /// Creates the database, or brings its schema up to date.
    Migrate {
        #[command(flatten)]
        config: Config,
    },
    /// Looks after administrators.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Looks after access tokens.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Says whether `serve` could start with these settings, and prints all that hold, without secrets.
    CheckConfig {
        #[command(flatten)]
        config: Config,
    },
}

/// What can be done about administrators.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Adds an administrator and prints the link that sets the password.
    Create {
        #[command(flatten)]
        config: Config,
        /// Where they read mail.
        #[arg(long)]
        email: Email,
        /// How much they may do: owner or operator.
        #[arg(long, default_value = "owner")]
        role: Role,
    },
}

/// What can be done about access tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Issues a token and prints it, and nothing else.
    Create {
        #[command(flatten)]
        config: Config,
        /// In whose name: an administrator's e-mail address.
        #[arg(long)]
        admin: Email,
        /// What it may do: admin, approve, read or gateway; may be given more than once.
        #[arg(long = "scope", required = true)]
        scopes: Vec<Scope>,
        /// What it is for.
        #[arg(long)]
        name: Line<255>,
    },
    /// Lists the tokens: id, state, scopes and name of each, separated by tabs.
    List {
        #[command(flatten)]
        config: Config,
    },
    /// Revokes a token, at once and for good.
    Revoke {
        #[command(flatten)]
        config: Config,
        /// Its id, as `token list` prints it.
        id: TokenId,
    },
}
