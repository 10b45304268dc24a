//! A compiled filter, shared by every virtual machine that runs it.

mod cache;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasmtime::{Config, Engine, InstancePre, Linker, Store};

use crate::imports;
use crate::plugin::Settings;
use crate::shared::Shared;
use crate::state::State;

/// A compiled filter. Cloning it is cheap; compiling is not, so a test suite does it once.
#[derive(Clone)]
pub struct Module(Arc<Compiled>);

struct Compiled {
    engine: Engine,
    instance: InstancePre<State>,
    metered: bool,
}

/// Why a filter cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The bytes are no valid WebAssembly module.
    #[error("cannot compile the module: {0}")]
    Invalid(String),
    /// The module speaks no ABI this host knows.
    #[error("the module exports no `proxy_abi_version_0_2_1` or `proxy_abi_version_0_2_0`")]
    UnknownAbi,
    /// The module has no way to receive bytes.
    #[error("the module exports neither `malloc` nor `proxy_on_memory_allocate`")]
    NoAllocator,
    /// The module needs functions no proxy-wasm host has.
    #[error("the host has no `{}`", .0.join("`, `"))]
    MissingImports(Vec<String>),
}

// === impl Module ===

impl Module {
    /// Compiles the filter in this file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::from_bytes(&read(path.as_ref())?)
    }

    /// Loads the filter in this file as an earlier process compiled it into `folder`; compiles it,
    /// and leaves it there, if none has or if it has changed since.
    ///
    /// A runner that gives each test a process of its own compiles the filter for each otherwise.
    /// What is in the folder is run as it is, so it should be one that only you write to, such as
    /// one below `target`.
    pub fn load_cached(
        path: impl AsRef<Path>,
        folder: impl AsRef<Path>,
    ) -> Result<Self, LoadError> {
        let engine = Engine::new(&Config::new()).map_err(invalid)?;
        let bytes = read(path.as_ref())?;
        let module = cache::load_or_compile(&engine, &bytes, folder.as_ref());
        Self::link(&engine, &module.map_err(invalid)?, Metering::Off)
    }

    /// Compiles a filter from its bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::compile(bytes, &Config::new(), Metering::Off)
    }

    /// Compiles a filter so that each callback may only use so much
    /// [`fuel`](crate::Plugin::fuel); it runs slower.
    pub fn metered(bytes: &[u8]) -> Result<Self, LoadError> {
        let mut config = Config::new();
        config.consume_fuel(true);
        Self::compile(bytes, &config, Metering::On)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn instance(&self) -> &InstancePre<State> {
        &self.0.instance
    }

    pub(crate) fn is_metered(&self) -> bool {
        self.0.metered
    }

    fn compile(bytes: &[u8], config: &Config, metering: Metering) -> Result<Self, LoadError> {
        let engine = Engine::new(config).map_err(invalid)?;
        let module = wasmtime::Module::new(&engine, bytes).map_err(invalid)?;
        Self::link(&engine, &module, metering)
    }

    fn link(
        engine: &Engine,
        module: &wasmtime::Module,
        metering: Metering,
    ) -> Result<Self, LoadError> {
        check_exports(module)?;
        let mut linker = Linker::new(engine);
        imports::define(&mut linker).map_err(invalid)?;
        check_imports(module, &linker)?;
        Ok(Self(Arc::new(Compiled {
            instance: linker.instantiate_pre(module).map_err(invalid)?,
            engine: engine.clone(),
            metered: metering == Metering::On,
        })))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Metering {
    On,
    Off,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Module(..)")
    }
}

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(path).map_err(|source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn invalid(error: wasmtime::Error) -> LoadError {
    LoadError::Invalid(format!("{error:#}"))
}

fn check_exports(module: &wasmtime::Module) -> Result<(), LoadError> {
    let exports = |name| module.get_export(name).is_some();
    if !exports("proxy_abi_version_0_2_1") && !exports("proxy_abi_version_0_2_0") {
        return Err(LoadError::UnknownAbi);
    }
    if !exports("malloc") && !exports("proxy_on_memory_allocate") {
        return Err(LoadError::NoAllocator);
    }
    Ok(())
}

fn check_imports(module: &wasmtime::Module, linker: &Linker<State>) -> Result<(), LoadError> {
    let mut store = Store::new(
        linker.engine(),
        State::new(Settings::default(), Shared::new()),
    );
    let missing: Vec<String> = module
        .imports()
        .filter(|import| linker.get_by_import(&mut store, import).is_none())
        .map(|import| format!("{}.{}", import.module(), import.name()))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(LoadError::MissingImports(missing))
    }
}
