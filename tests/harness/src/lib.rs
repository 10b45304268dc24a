//! A host for testing proxy-wasm filters without a proxy.
