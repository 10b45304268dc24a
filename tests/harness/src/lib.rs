//! A host for testing proxy-wasm filters without a proxy.
//!
//! It runs the real `.wasm` file and behaves like Envoy 1.40 where it matters: pausing and
//! resuming, buffering, local replies, callouts, ticks under a virtual clock, several virtual
//! machines over one store. A test says what a client sends and asserts what the client and the
//! upstream see; which host calls the filter makes on the way is its own affair.
//!
//! Begin with the [`tutorial`]; a [`Plugin`] is configuration, a [`Vm`] a worker, an [`Exchange`] one
//! request with its answer, an [`Outcome`] what came of it.
//!
//! ```no_run
//! use proxy_wasm_harness::{Exchange, Module, Plugin};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let module = Module::load("filter.wasm")?;
//! let mut vm = Plugin::new(&module).configuration(r#"{"realm":"demo"}"#).start()?;
//! let outcome = Exchange::get("/orders").header("apikey", "secret").send(&mut vm);
//! assert_eq!(outcome.status(), Some(401));
//! assert!(outcome.upstream.is_none());
//! # Ok(())
//! # }
//! ```

mod abi;
mod callout;
mod exchange;
mod fault;
mod foreign;
mod grpc;
mod headers;
mod imports;
mod log;
mod memory;
mod message;
mod module;
mod outcome;
mod plugin;
mod proxy;
mod random;
mod shared;
mod state;
mod stream;
mod vm;

pub use abi::call::HostCall;
pub use abi::status::Status;
pub use callout::{Callout, CalloutAnswer};
pub use exchange::Exchange;
pub use fault::RecordedCall;
pub use grpc::{GrpcAnswer, GrpcCall, GrpcEvent, GrpcStream};
pub use headers::Headers;
pub use log::{Level, LogLine};
pub use message::{Request, Response};
pub use module::{LoadError, Module};
pub use outcome::{End, Outcome, Pause, ReplySource};
pub use plugin::{FailurePolicy, Plugin, StartError};
pub use proxy::Proxy;
pub use shared::Shared;
pub use vm::{ExchangeId, Health, Vm};

#[cfg(any(doc, doctest))]
#[doc = include_str!("../TUTORIAL.md")]
pub mod tutorial {}

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
