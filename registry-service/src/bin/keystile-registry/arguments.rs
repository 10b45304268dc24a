//! The commands and what each takes.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use keystile_registry::config::Config;
use keystile_registry::declaration::Format;
use keystile_registry::declaration::client::AccessToken;
use keystile_registry::domain::access::{Role, Scope};
use keystile_registry::domain::id::TokenId;
use keystile_registry::domain::text::{Email, Line};
use keystile_registry::import;
use keystile_registry::storage::DatabaseUrl;
use url::Url;

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
        /// Takes a SQLite file that was copied without its `-wal`, though what was written last is lost.
        #[arg(long)]
        accept_partial: bool,
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
    /// Makes a portal what a file declares, through the admin API. What is as declared stays untouched.
    Apply {
        #[command(flatten)]
        remote: Remote,
        /// Changes nothing, says what would, and ends with status 2 if anything would.
        #[arg(long)]
        dry_run: bool,
        /// Removes what is not declared, from each list that the file has.
        #[arg(long)]
        prune: bool,
        /// The declaration: YAML or JSON.
        file: PathBuf,
    },
    /// Prints a portal as a file that `apply` takes. It holds no secrets, and no developers.
    Export {
        #[command(flatten)]
        remote: Remote,
        /// yaml or json.
        #[arg(long, default_value = "yaml")]
        format: Format,
    },
    /// Takes in keys that clients have already, through the admin API. All lines are judged first; if one
    /// is refused, nothing is taken in. What is there already stays as it is.
    ImportKeys {
        #[command(flatten)]
        remote: Remote,
        /// csv, jsonl (a JSON object a line) or kong (what decK exports); guessed from the file's name.
        #[arg(long)]
        format: Option<import::Format>,
        /// Changes nothing, and says what would become of the keys.
        #[arg(long)]
        dry_run: bool,
        /// Takes in the other lines where some are refused, and names these.
        #[arg(long)]
        skip_refused: bool,
        /// The file; `-` is the standard input.
        file: PathBuf,
    },
    /// Prints the JSON Schema of what `apply` takes.
    Schema,
    /// Writes everything to a file, as it is at one revision, while the registry goes on serving.
    Backup {
        #[command(flatten)]
        config: Config,
        /// The file; it holds what stands in for passwords and keys.
        file: PathBuf,
    },
    /// Puts a backup back, under a new epoch, so that every gateway reads everything anew.
    Restore {
        #[command(flatten)]
        config: Config,
        /// Puts it in the place of a database that holds something; a replaced file is kept beside.
        #[arg(long)]
        replace: bool,
        /// Lets what was revoked since the backup work again.
        #[arg(long)]
        revive_revoked: bool,
        /// Another database that knows what was revoked since the backup.
        #[arg(long, value_name = "DATABASE")]
        compare_with: Option<DatabaseUrl>,
        /// The file that `backup` made.
        file: PathBuf,
    },
    /// Says whether `serve` could start with these settings, and prints all that hold, without secrets.
    CheckConfig {
        #[command(flatten)]
        config: Config,
    },
}

/// Which registry, and by what right.
#[derive(Debug, Args)]
pub(crate) struct Remote {
    /// Where its admin API is.
    #[arg(long, env = "KEYSTILE_URL", default_value = "http://127.0.0.1:8001")]
    pub(crate) url: Url,
    /// An access token with the scope `admin`; of an owner, if the portal's settings change.
    #[arg(long, env = "KEYSTILE_TOKEN", hide_env_values = true)]
    pub(crate) token: AccessToken,
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
