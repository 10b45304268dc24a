//! Compiled modules that outlive their process.
#![expect(
    unsafe_code,
    reason = "compiled code is taken from a file; the caller says whose file it is"
)]

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process;

use wasmtime::{Engine, Module};

/// Returns the module as an earlier process compiled it, else compiles it and leaves it for the
/// next one.
pub(super) fn load_or_compile(
    engine: &Engine,
    bytes: &[u8],
    folder: &Path,
) -> wasmtime::Result<Module> {
    let file = folder.join(name(engine, bytes));
    // SAFETY: who gave us the folder vouches for what is in it; a file of another version or
    // with other settings is refused, and then compiled anew.
    if let Ok(module) = unsafe { Module::deserialize_file(engine, &file) } {
        return Ok(module);
    }
    let module = Module::new(engine, bytes)?;
    // A cache that cannot be written costs time, and nothing else.
    let _ = store(&module, &file);
    Ok(module)
}

/// Names a file by the module's bytes and everything that compiling depends on.
fn name(engine: &Engine, bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}-{}.cwasm", hasher.finish(), bytes.len())
}

/// Writes beside the place and moves there, so that nobody reads half a file.
fn store(module: &Module, file: &Path) -> wasmtime::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside: PathBuf = file.with_extension(process::id().to_string());
    fs::write(&beside, module.serialize()?)?;
    fs::rename(&beside, file)?;
    Ok(())
}
