//! What the suite finds on the machine; `.just/browser` brings it there.

use std::env;
use std::path::PathBuf;

use stage::error::StageError;
use stage::places;

/// What runs in and on pages.
#[derive(Debug)]
pub(crate) struct Tools {
    /// axe-core, as a script.
    pub(crate) axe: PathBuf,
    /// The checker of HTML.
    pub(crate) html_validate: PathBuf,
}

// === impl Tools ===

impl Tools {
    /// Finds them in `$BROWSER_TOOLS`.
    pub(crate) fn find() -> Result<Self, StageError> {
        let modules = env::var_os("BROWSER_TOOLS").map(PathBuf::from);
        let modules = modules.unwrap_or_else(|| places::repository("node_modules"));
        let tools = Self {
            axe: modules.join("axe-core/axe.min.js"),
            html_validate: modules.join("html-validate/bin/html-validate.mjs"),
        };
        if tools.axe.is_file() && tools.html_validate.is_file() {
            return Ok(tools);
        }
        Err(StageError::Missing {
            what: "axe-core or html-validate".to_owned(),
            how_to_get_it: "set BROWSER_TOOLS to what `.just/browser` prints".to_owned(),
        })
    }
}

/// Returns the program a variable names, else the one with this name.
pub(crate) fn program(variable: &str, name: &str) -> PathBuf {
    env::var_os(variable).map_or_else(|| PathBuf::from(name), PathBuf::from)
}
