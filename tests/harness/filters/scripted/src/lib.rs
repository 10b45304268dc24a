//! A filter that does what its configuration says.
//!
//! The configuration is a script: for each callback the host calls to make, through the SDK. What
//! each of them brings is logged, so two hosts that behave alike leave the same log behind.
//!
//! [`script`] reads it, [`contexts`] are the SDK's, [`verbs`] are what a script may say, [`status`]
//! makes the calls whose status the SDK does not tell.

mod contexts;
mod plugin;
mod script;
mod status;
mod verbs;

/// Where the proxy begins.
mod start {
    use proxy_wasm::traits::RootContext;
    use proxy_wasm::types::LogLevel;

    use super::contexts::Root;

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Trace);
        proxy_wasm::set_root_context(|context| -> Box<dyn RootContext> { Box::new(Root::new(context)) });
    }}
}
