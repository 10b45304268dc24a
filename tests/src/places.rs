//! Where the things are that the build made.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::StageError;
use crate::process::run;

/// Returns a file of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .join(path)
}

/// Returns the folder that builds write to: the one this program was built into.
pub fn target() -> PathBuf {
    // Tests run in `target/<profile>/deps`.
    let program = env::current_exe().ok();
    let target = program.as_deref().and_then(|path| path.ancestors().nth(3));
    target.map_or_else(|| repository("target"), Path::to_owned)
}

/// Returns the Envoy to run: `$ENVOY`, else the one on `PATH`.
pub fn envoy() -> Result<PathBuf, StageError> {
    let named = env::var_os("ENVOY").map(PathBuf::from);
    let found = named.or_else(|| {
        env::split_paths(&env::var_os("PATH")?)
            .map(|folder| folder.join("envoy"))
            .find(|candidate| candidate.is_file())
    });
    existing(
        found,
        "Envoy",
        "set ENVOY to its path, or use `./just test`",
    )
}

/// Returns Schemathesis: `$SCHEMATHESIS`, else the one that is fetched once.
pub fn schemathesis() -> Result<PathBuf, StageError> {
    let named = env::var_os("SCHEMATHESIS").map(PathBuf::from);
    if named.is_none() {
        let path = run(
            "schemathesis",
            &mut Command::new(repository(".just/schemathesis")),
        )?;
        return Ok(PathBuf::from(path.trim()));
    }
    existing(named, "Schemathesis", "use `./just test`")
}

/// Returns the folder Python finds a mail server in: `$AIOSMTPD`, else the one that is fetched once.
pub fn aiosmtpd() -> Result<PathBuf, StageError> {
    if let Some(named) = env::var_os("AIOSMTPD") {
        return Ok(PathBuf::from(named));
    }
    let path = run("smtp", &mut Command::new(repository(".just/smtp")))?;
    Ok(PathBuf::from(path.trim()))
}

/// Returns the filter: `$KEYSTILE_FILTER`, else what `./just wasm` made.
pub fn filter() -> Result<PathBuf, StageError> {
    let named = env::var_os("KEYSTILE_FILTER").map(PathBuf::from);
    let found = named.or_else(|| built("wasm/keystile_filter.wasm"));
    existing(found, "the filter", "run `./just wasm`")
}

/// Returns the registry: `$KEYSTILE_REGISTRY`, else the one built beside this program.
pub fn registry() -> Result<PathBuf, StageError> {
    let named = env::var_os("KEYSTILE_REGISTRY").map(PathBuf::from);
    let found = named.or_else(|| built("keystile-registry"));
    existing(
        found,
        "the registry",
        "run `cargo build -p keystile-registry`",
    )
}

/// Looks beside the running program and in every folder above it: tests run in
/// `target/<profile>/deps`, the demo in `target/<profile>`, the filter is in `target/wasm`.
fn built(path: &str) -> Option<PathBuf> {
    env::current_exe()
        .ok()?
        .ancestors()
        .skip(1)
        .map(|folder| folder.join(path))
        .find(|candidate| candidate.is_file())
}

fn existing(
    found: Option<PathBuf>,
    what: &str,
    how_to_get_it: &str,
) -> Result<PathBuf, StageError> {
    found
        .filter(|path| path.is_file())
        .ok_or_else(|| StageError::Missing {
            what: what.to_owned(),
            how_to_get_it: how_to_get_it.to_owned(),
        })
}
