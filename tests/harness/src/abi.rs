//! The numbers of proxy-wasm ABI 0.2.1.

pub(crate) mod call;
pub(crate) mod callback;
pub(crate) mod kind;
pub(crate) mod pairs;
pub(crate) mod status;
