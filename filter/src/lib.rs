//! The thin proxy-wasm layer around `keystile-core`: events of the proxy go in there as plain
//! values, what comes out is carried out here.
//!
//! `host` starts the filter; `host/contexts` are the contexts the proxy calls; `host/root` is a plugin's own context and the only one that calls the
//! registry, in `host/turn`; `host/http` is one request; `host/plugin` is what the two share;
//! `host/follower` is a registry as all plugins of a VM share it; `host/callout` speaks to it;
//! `host/carry_out` changes, resumes and answers requests; `host/metrics` counts; `host/abi` is every
//! call of the proxy.

mod host;

/// Where the proxy begins.
mod start {
    proxy_wasm::main! {{
        crate::host::start();
    }}
}
