//! Where a database is.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::ConnectOptions as _;
use sqlx::any::AnyConnectOptions;
use url::Url;

use crate::storage::open::{Engine, OpenError};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server's database.
    Postgres(Url),
}

// === impl DatabaseUrl ===

impl FromStr for DatabaseUrl {
    type Err = OpenError;

    fn from_str(text: &str) -> Result<Self, OpenError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let is_file = !path.is_empty() && !path.contains([':', '?', '#', '%']);
            return if is_file {
                Ok(Self::Sqlite(PathBuf::from(path)))
            } else {
                Err(OpenError::InvalidUrl)
            };
        }
        let url = Url::parse(text).map_err(|_| OpenError::InvalidUrl)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(OpenError::InvalidUrl);
        }
        if is_verified(&url) || is_local(&url) {
            Ok(Self::Postgres(url))
        } else {
            Err(OpenError::Unverified)
        }
    }
}

impl DatabaseUrl {
    pub(in crate::storage) fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    pub(in crate::storage) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    pub(in crate::storage) fn connect_options(&self) -> Result<AnyConnectOptions, OpenError> {
        let options = match self {
            Self::Sqlite(path) => {
                create_folder(path)?;
                let text = format!("sqlite:{}?mode=rwc", path.display());
                AnyConnectOptions::from_str(&text)
            }
            Self::Postgres(url) => AnyConnectOptions::from_url(url),
        };
        let options = options.map_err(|_| OpenError::InvalidUrl)?;
        // Statements hold no values, but there are very many of them.
        Ok(options.disable_statement_logging())
    }
}

/// Whether whoever the URL leads to is on this machine. A parameter of the URL may name another
/// host than the URL does; PostgreSQL's client obeys the parameter.
fn is_local(url: &Url) -> bool {
    let parameters = url.query_pairs();
    let mut named = parameters.filter(|(name, _)| matches!(name.as_ref(), "host" | "hostaddr"));
    is_loopback(url.host_str().unwrap_or_default()) && named.all(|(_, host)| is_loopback(&host))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    // None, or the folder of a socket file.
    host.is_empty()
        || host.starts_with('/')
        || host == "localhost"
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether the connection is encrypted to a server that was verified.
fn is_verified(url: &Url) -> bool {
    let mut modes = url
        .query_pairs()
        .filter(|(name, _)| matches!(name.as_ref(), "sslmode" | "ssl-mode"))
        .peekable();
    modes.peek().is_some() && modes.all(|(_, mode)| mode == "verify-full")
}

pub(in crate::storage) fn create_folder(file: &Path) -> Result<(), OpenError> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            std::fs::create_dir_all(folder).map_err(|source| file_error(folder, source))
        }
        _ => Ok(()),
    }
}

pub(in crate::storage) fn file_error(path: &Path, source: std::io::Error) -> OpenError {
    OpenError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_elsewhere_must_be_verified() {
        for (url, is_taken) in [
            ("postgres://keystile@127.0.0.1:5432/keystile", true),
            ("postgres://keystile@[::1]/keystile", true),
            ("postgres://keystile@localhost/keystile", true),
            ("postgres:///keystile?host=/var/run/postgresql", true),
            ("postgres://keystile@db.example.com/keystile", false),
            ("postgres://db.example.com/keystile?sslmode=require", false),
            ("postgres://localhost/keystile?host=db.example.com", false),
            ("postgres://db.example.com/k?sslmode=verify-full", true),
            (
                "postgres://db.example.com/k?sslmode=verify-full&sslmode=disable",
                false,
            ),
        ] {
            assert_eq!(url.parse::<DatabaseUrl>().is_ok(), is_taken, "{url}");
        }
    }
}
