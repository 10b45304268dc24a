//! Flags, then the environment, then the configuration file, then defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use crate::domain::access::{Role, Scope};
use crate::domain::credential::{KEY_PREFIX, WeakKeys};
use crate::domain::id::TokenId;
use crate::domain::text::{Email, Line};
use crate::registry::Settings;
use crate::storage::{DatabaseUrl, OpenError};

const DEFAULT_DATABASE: &str = "sqlite:var/keystile.db";
const DEFAULT_PORTAL: &str = "0.0.0.0:8003";
const DEFAULT_ADMIN: &str = "127.0.0.1:8001";
const DEFAULT_GATEWAY: &str = "127.0.0.1:8005";

/// Application registration for Envoy: the registry and its developer portal.
#[derive(Debug, Parser)]
#[command(name = "keystile-registry", version)]
pub struct Program {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves portal, admin and gateways until it is told to stop.
    Serve {
        /// Where everything is.
        #[command(flatten)]
        place: Place,
        /// How it is served.
        #[command(flatten)]
        listen: Listen,
    },
    /// Creates the database, or brings its schema up to date.
    Migrate {
        /// Where everything is.
        #[command(flatten)]
        place: Place,
    },
    /// Looks after administrators.
    Admin {
        /// What to do.
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Looks after access tokens.
    Token {
        /// What to do.
        #[command(subcommand)]
        command: TokenCommand,
    },
}

/// What can be done about administrators.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Adds an administrator and prints the link that sets the password.
    Create {
        /// Where everything is.
        #[command(flatten)]
        place: Place,
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
pub enum TokenCommand {
    /// Issues a token and prints it, and nothing else.
    Create {
        /// Where everything is.
        #[command(flatten)]
        place: Place,
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
        /// Where everything is.
        #[command(flatten)]
        place: Place,
    },
    /// Revokes a token, at once and for good.
    Revoke {
        /// Where everything is.
        #[command(flatten)]
        place: Place,
        /// Its id, as `token list` prints it.
        id: TokenId,
    },
}

/// Where everything is.
#[derive(Debug, Args)]
pub struct Place {
    /// A configuration file (TOML) for whatever neither flags nor environment say.
    #[arg(long, env = "KEYSTILE_CONFIG")]
    config: Option<PathBuf>,
    /// The database: `sqlite:FILE` or `postgres://..` [default: sqlite:var/keystile.db].
    #[arg(long, env = "KEYSTILE_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Where developers find the portal [default: http://localhost:PORT].
    #[arg(long, env = "KEYSTILE_PUBLIC_URL")]
    public_url: Option<Url>,
    /// Where the admin API listens [default: 127.0.0.1:8001].
    #[arg(
        id = "admin-listen",
        long = "admin-listen",
        env = "KEYSTILE_ADMIN_LISTEN"
    )]
    admin: Option<SocketAddr>,
}

/// How it is served.
#[derive(Debug, Args)]
pub struct Listen {
    /// Where the portal listens [default: 0.0.0.0:8003].
    #[arg(
        id = "portal-listen",
        long = "portal-listen",
        env = "KEYSTILE_PORTAL_LISTEN"
    )]
    portal: Option<SocketAddr>,
    /// Where gateways are answered [default: 127.0.0.1:8005].
    #[arg(
        id = "gateway-listen",
        long = "gateway-listen",
        env = "KEYSTILE_GATEWAY_LISTEN"
    )]
    gateway: Option<SocketAddr>,
    /// Serves the portal without https on other machines' names: cookies can be stolen.
    #[arg(long, env = "KEYSTILE_INSECURE_HTTP")]
    insecure_http: bool,
    /// Takes keys in that could be guessed.
    #[arg(long, env = "KEYSTILE_ALLOW_WEAK_KEYS")]
    allow_weak_keys: bool,
    /// A network whose proxies say where a request comes from; may be given more than once.
    #[arg(
        long = "trusted-proxy",
        env = "KEYSTILE_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    trusted_proxies: Vec<IpNet>,
}

/// Everything the program needs to know to serve.
#[derive(Debug)]
pub struct Config {
    /// Where the database is.
    pub database: DatabaseUrl,
    /// Where the portal listens.
    pub portal: SocketAddr,
    /// Where the admin API listens.
    pub admin: SocketAddr,
    /// Where gateways are answered.
    pub gateway: SocketAddr,
    /// What the registry itself needs to know.
    pub settings: Settings,
}

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    database: Option<String>,
    public_url: Option<Url>,
    portal_listen: Option<SocketAddr>,
    admin_listen: Option<SocketAddr>,
    gateway_listen: Option<SocketAddr>,
    insecure_http: bool,
    allow_weak_keys: bool,
    trusted_proxies: Vec<IpNet>,
}

/// Why the program cannot be configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file does not say what it should.
    #[error("`{}` is not a configuration: {message}", path.display())]
    InvalidFile {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// The database's URL is none.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// An address is none.
    #[error("`{0}` is not an address to listen on")]
    Address(&'static str),
    /// The default URLs cannot be made.
    #[error("cannot make the portal's URL")]
    Url(#[from] url::ParseError),
    /// Log-ins would travel in the clear.
    #[error("the public URL must be https, or on this machine; `--insecure-http` serves it anyway")]
    InsecureUrl,
}

// === impl Config ===

impl Config {
    /// Gathers what `serve` needs.
    pub fn for_serving(place: &Place, listen: &Listen) -> Result<Self, ConfigError> {
        let file = File::read(place.config.as_deref())?;
        let portal = address(listen.portal.or(file.portal_listen), DEFAULT_PORTAL)?;
        let gateway = address(listen.gateway.or(file.gateway_listen), DEFAULT_GATEWAY)?;
        let mut config = Self::gather(place, &file, portal, gateway)?;
        let is_insecure_allowed = listen.insecure_http || file.insecure_http;
        if !is_insecure_allowed && !is_safe(&config.settings.public_url) {
            return Err(ConfigError::InsecureUrl);
        }
        if listen.allow_weak_keys || file.allow_weak_keys {
            config.settings.weak_keys = WeakKeys::Allowed;
        }
        config.settings.trusted_proxies = if listen.trusted_proxies.is_empty() {
            file.trusted_proxies
        } else {
            listen.trusted_proxies.clone()
        };
        Ok(config)
    }

    /// Gathers what the other commands need.
    pub fn for_operating(place: &Place) -> Result<Self, ConfigError> {
        let file = File::read(place.config.as_deref())?;
        let portal = address(file.portal_listen, DEFAULT_PORTAL)?;
        let gateway = address(file.gateway_listen, DEFAULT_GATEWAY)?;
        Self::gather(place, &file, portal, gateway)
    }

    fn gather(
        place: &Place,
        file: &File,
        portal: SocketAddr,
        gateway: SocketAddr,
    ) -> Result<Self, ConfigError> {
        let database = place.database.as_deref().or(file.database.as_deref());
        let admin = address(place.admin.or(file.admin_listen), DEFAULT_ADMIN)?;
        let public_url = place.public_url.clone().or_else(|| file.public_url.clone());
        let local = |port: u16| Url::parse(&format!("http://localhost:{port}"));
        Ok(Self {
            database: database.unwrap_or(DEFAULT_DATABASE).parse()?,
            portal,
            admin,
            gateway,
            settings: Settings {
                public_url: public_url.map_or_else(|| local(portal.port()), Ok)?,
                admin_url: local(admin.port())?,
                weak_keys: WeakKeys::Refused,
                key_prefix: KEY_PREFIX.to_owned(),
                trusted_proxies: Vec::new(),
                mail: None,
            },
        })
    }
}

// === impl File ===

impl File {
    fn read(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| ConfigError::InvalidFile {
            path: path.to_owned(),
            // Not the excerpt of the file that `Display` adds: a database URL may hold a password.
            message: error.message().to_owned(),
        })
    }
}

fn address(given: Option<SocketAddr>, default: &'static str) -> Result<SocketAddr, ConfigError> {
    given.map_or_else(
        || default.parse().map_err(|_| ConfigError::Address(default)),
        Ok,
    )
}

/// Whether log-ins at a URL stay between browser and registry.
fn is_safe(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_local
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Result<Config, ConfigError> {
        let program = ["keystile-registry", "serve"].iter().chain(arguments);
        match Program::try_parse_from(program).unwrap().command {
            Command::Serve { place, listen } => Config::for_serving(&place, &listen),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn admin_and_gateways_are_served_on_this_machine_only_unless_told_otherwise() {
        let config = config(&[]).unwrap();
        assert!(config.admin.ip().is_loopback());
        assert!(config.gateway.ip().is_loopback());
        assert_eq!(
            config.settings.public_url.as_str(),
            "http://localhost:8003/"
        );
    }

    #[test]
    fn a_public_url_without_https_needs_to_be_asked_for() {
        let url = ["--public-url", "http://portal.example.com"];
        assert!(matches!(config(&url), Err(ConfigError::InsecureUrl)));
        assert!(config(&[url[0], url[1], "--insecure-http"]).is_ok());
    }

    #[test]
    fn every_command_can_be_parsed() {
        <Program as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keystile.toml");
        std::fs::write(
            &path,
            "admin_listen = '127.0.0.1:1'\ngateway_listen = '127.0.0.1:2'",
        )
        .unwrap();
        let path = path.to_str().unwrap();
        let config = config(&["--config", path, "--admin-listen", "127.0.0.1:3"]).unwrap();
        assert_eq!((config.admin.port(), config.gateway.port()), (3, 2));
    }
}
