//! Whose front-end stands before the portal's API: our pages, a folder's, another site's.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use crate::config::ConfigError;
use crate::domain::origin::WebOrigin;
use crate::registry::FrontEnd;

/// The page a single-page front-end begins with.
const INDEX: &str = "index.html";

/// What flags and environment say about it.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A folder with a single-page front-end (`index.html` and its files), served instead of our
    /// developers' pages.
    #[arg(long = "portal-static-dir", env = "KEYSTILE_PORTAL_STATIC_DIR")]
    portal_static_dir: Option<PathBuf>,
    /// An origin whose pages may call the portal's API; may be given more than once.
    #[arg(
        long = "portal-cors-origin",
        env = "KEYSTILE_PORTAL_CORS_ORIGINS",
        value_delimiter = ','
    )]
    portal_cors_origins: Vec<WebOrigin>,
}

/// What the configuration file says about it, below `[portal]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Section {
    static_dir: Option<PathBuf>,
    cors_origins: Vec<WebOrigin>,
}

/// Gathers what both say; flags and environment win.
pub(super) fn gather(options: &Options, section: &Section) -> Result<FrontEnd, ConfigError> {
    let folder = options
        .portal_static_dir
        .as_deref()
        .or(section.static_dir.as_deref());
    let origins = if options.portal_cors_origins.is_empty() {
        &section.cors_origins
    } else {
        &options.portal_cors_origins
    };
    Ok(FrontEnd {
        static_dir: folder.map(existing).transpose()?,
        cors_origins: origins.clone(),
    })
}

/// Follows links once and for all: what is served later has to be in the folder itself.
fn existing(folder: &Path) -> Result<PathBuf, ConfigError> {
    let unusable = |source| ConfigError::FrontEnd {
        path: folder.join(INDEX),
        source,
    };
    let root = folder.canonicalize().map_err(unusable)?;
    std::fs::File::open(root.join(INDEX)).map_err(unusable)?;
    Ok(root)
}
