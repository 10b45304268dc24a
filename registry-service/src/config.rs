//! Every setting of the program, once: its names, what it takes, what it is unless somebody says.
//!
//! A field of [`Config`] is a flag (`--portal-listen`), a variable (`KEYSTILE_PORTAL_LISTEN`) and a line
//! of the configuration file (`portal_listen = ".."`). A flag wins over the variable, the variable over
//! the file, the file over the default that stands here. [`mod@file`] puts the file's lines in the place
//! of the defaults, [`effective`] tells where each value came from; [`mail`] and [`tls`] are settings
//! that belong together.

pub mod effective;
pub mod file;
mod mail;
mod secret;
mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::{ArgMatches, Args, Command, Parser};
use ipnet::IpNet;
use url::Url;

use crate::config::effective::Effective;
use crate::config::file::File;
pub use crate::config::mail::{InvalidMailSettings, MailSettings};
pub use crate::config::tls::{ClientCertificates, InvalidTlsSettings, Tls, TlsFiles, TlsSettings};
use crate::domain::credential::{KEY_PREFIX, WeakKeys};
use crate::domain::name::named;
use crate::domain::origin::WebOrigin;
use crate::registry::{FrontEnd, Settings};
use crate::storage::DatabaseUrl;

/// The settings. Whoever adds one adds a field and uses it; a secret hides its variable's value.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings (also KEYSTILE_NAME, and lines of the configuration file)")]
pub struct Config {
    /// The configuration file (TOML): a line for each setting, named as its flag with `_` for `-`.
    #[arg(long, env = "KEYSTILE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The database: `sqlite:FILE` or `postgres://..`.
    #[arg(
        long,
        env = "KEYSTILE_DATABASE",
        hide_env_values = true,
        hide_default_value = true,
        default_value = "sqlite:var/keystile.db"
    )]
    pub database: DatabaseUrl,
    /// Where developers find the portal; links in mails begin with it [default: http://localhost:PORT].
    #[arg(long, env = "KEYSTILE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// Where administrators find their pages; links in mails to them begin with it
    /// [default: http://localhost:PORT].
    #[arg(long, env = "KEYSTILE_ADMIN_URL", value_name = "URL")]
    pub admin_url: Option<Url>,
    /// Where the portal listens.
    #[arg(long, env = "KEYSTILE_PORTAL_LISTEN", default_value = "0.0.0.0:8003")]
    pub portal_listen: SocketAddr,
    /// Where administrators' pages and API listen.
    #[arg(long, env = "KEYSTILE_ADMIN_LISTEN", default_value = "127.0.0.1:8001")]
    pub admin_listen: SocketAddr,
    /// Where gateways are answered.
    #[arg(
        long,
        env = "KEYSTILE_GATEWAY_LISTEN",
        default_value = "127.0.0.1:8005"
    )]
    pub gateway_listen: SocketAddr,
    /// Serves the portal without https on other machines' names: cookies can be stolen.
    #[arg(long, env = "KEYSTILE_INSECURE_HTTP")]
    pub insecure_http: bool,
    /// Takes keys in that could be guessed.
    #[arg(long, env = "KEYSTILE_ALLOW_WEAK_KEYS")]
    pub allow_weak_keys: bool,
    /// Networks whose proxies say where a request comes from.
    #[arg(
        long,
        alias = "trusted-proxy",
        env = "KEYSTILE_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Whether lines of the log are for people or for programs: text or json.
    #[arg(
        long,
        env = "KEYSTILE_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,
    /// A folder with a single-page front-end (`index.html` and its files) that is served instead of
    /// developers' pages.
    #[arg(long, env = "KEYSTILE_PORTAL_STATIC_DIR", value_name = "FOLDER")]
    pub portal_static_dir: Option<PathBuf>,
    /// Origins whose pages may call the portal's API, such as `https://apps.example`.
    #[arg(
        long,
        env = "KEYSTILE_PORTAL_CORS_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub portal_cors_origins: Vec<WebOrigin>,
    /// How mails are sent.
    #[command(flatten)]
    pub mail: MailSettings,
    /// What encrypts the listeners.
    #[command(flatten)]
    pub tls: TlsSettings,
}

named! {
    /// Whether lines of the log are for people or for programs.
    LogFormat {
        /// Words and colours.
        Text = "text",
        /// A JSON object each.
        Json = "json",
    }
}

/// Why the program cannot be configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file does not say what it should.
    #[error("`{}`, line {line}: {why}", path.display())]
    InvalidFile {
        /// The file.
        path: PathBuf,
        /// Where in it, from 1.
        line: usize,
        /// Why; it never shows a value, which may be a secret.
        why: String,
    },
    /// The command line or a variable does not say what it should, or only help was asked for.
    #[error(transparent)]
    Arguments(#[from] clap::Error),
    /// The default URLs cannot be made.
    #[error("cannot make the portal's URL")]
    Url(#[from] url::ParseError),
    /// A secret is still what an example says where one belongs.
    #[error("`{setting}` holds a placeholder: choose a secret")]
    Placeholder {
        /// The setting.
        setting: String,
    },
    /// Mails would not be sent as they should.
    #[error(transparent)]
    Mail(#[from] InvalidMailSettings),
    /// A listener would not be encrypted as it should.
    #[error(transparent)]
    Tls(#[from] InvalidTlsSettings),
    /// Log-ins would travel in the clear.
    #[error(
        "`public_url` must be https, or on this machine; `insecure_http` serves it all the same"
    )]
    InsecureUrl,
    /// There is no front-end where one was said to be.
    #[error("cannot read `{}`, with which the front-end in `portal_static_dir` begins", path.display())]
    FrontEnd {
        /// Its first page.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Browsers send other origins' requests only cookies that travel over https.
    #[error("`public_url` must be https, or on this machine, for `portal_cors_origins` to log in")]
    InsecureCors,
}

/// A command line as it was understood.
#[derive(Debug)]
pub struct Understood<P> {
    /// What is to be done.
    pub program: P,
    /// Every setting with its value and where that came from.
    pub settings: Vec<Effective>,
}

// === impl Config ===

impl Config {
    /// Returns what the registry itself needs to know.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let local = |listen: SocketAddr, tls: &Option<TlsFiles>| {
            let scheme = if tls.is_some() { "https" } else { "http" };
            Url::parse(&format!("{scheme}://localhost:{}", listen.port()))
        };
        let Tls { portal, admin, .. } = self.tls.files()?;
        let (public_url, admin_url) = (self.public_url.clone(), self.admin_url.clone());
        Ok(Settings {
            public_url: public_url.map_or_else(|| local(self.portal_listen, &portal), Ok)?,
            admin_url: admin_url.map_or_else(|| local(self.admin_listen, &admin), Ok)?,
            weak_keys: if self.allow_weak_keys {
                WeakKeys::Allowed
            } else {
                WeakKeys::Refused
            },
            key_prefix: KEY_PREFIX.to_owned(),
            trusted_proxies: self.trusted_proxies.clone(),
            mail: self.mail.server()?,
            front_end: FrontEnd {
                static_dir: self.portal_static_dir.as_deref().map(begun).transpose()?,
                cors_origins: self.portal_cors_origins.clone(),
            },
        })
    }

    /// Refuses what must not be served, though each setting is possible by itself.
    pub fn is_fit_to_serve(&self) -> Result<(), ConfigError> {
        let is_safe = is_safe(&self.settings()?.public_url);
        if !is_safe && !self.insecure_http {
            return Err(ConfigError::InsecureUrl);
        }
        if !is_safe && !self.portal_cors_origins.is_empty() {
            return Err(ConfigError::InsecureCors);
        }
        Ok(())
    }
}

/// Reads a command line whose commands take a [`Config`], with the file that it or the environment
/// names.
pub fn understand<P: Parser>(
    arguments: impl Iterator<Item = String>,
) -> Result<Understood<P>, ConfigError> {
    let arguments: Vec<String> = arguments.collect();
    let matches = matches(P::command(), &arguments)?;
    let file = match innermost(&matches).try_get_one::<PathBuf>("config") {
        Ok(Some(path)) => File::read(path)?,
        // None was named, or the command takes no settings.
        Ok(None) | Err(_) => File::default(),
    };
    let mut matches = self::matches(file.beneath(P::command()), &arguments)?;
    effective::check_secrets(innermost(&matches))?;
    Ok(Understood {
        settings: effective::list(innermost(&matches), &file),
        program: P::from_arg_matches_mut(&mut matches)?,
    })
}

fn matches(mut command: Command, arguments: &[String]) -> Result<ArgMatches, ConfigError> {
    let outcome = command.try_get_matches_from_mut(arguments);
    outcome.map_err(|error| ConfigError::Arguments(without_secret(error)))
}

/// Keeps a secret that could not be read out of the message that says so.
fn without_secret(mut error: clap::Error) -> clap::Error {
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.clone(),
        _ => return error,
    };
    let is_secret = file::settings().any(|setting| {
        setting.is_hide_env_values_set()
            && setting.get_long().is_some_and(|long| {
                argument.split([' ', '=']).next() == Some(format!("--{long}").as_str())
            })
    });
    if is_secret {
        let hidden = ContextValue::String("..".to_owned());
        error.insert(ContextKind::InvalidValue, hidden);
    }
    error
}

fn innermost(matches: &ArgMatches) -> &ArgMatches {
    match matches.subcommand() {
        Some((_, inner)) => innermost(inner),
        None => matches,
    }
}

/// Returns a front-end's folder without links in its path: what is served later has to be within.
fn begun(folder: &Path) -> Result<PathBuf, ConfigError> {
    let unreadable = |source| ConfigError::FrontEnd {
        path: folder.join("index.html"),
        source,
    };
    let root = folder.canonicalize().map_err(unreadable)?;
    std::fs::File::open(root.join("index.html")).map_err(unreadable)?;
    Ok(root)
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
mod tests;
