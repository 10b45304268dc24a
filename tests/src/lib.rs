//! The stage Keystile is proven on.
//!
//! [`postgres`] is a private database, [`registry`] the registry as a process, [`envoy`] a real
//! Envoy with the filter, [`upstream`] the API behind it, which records what it gets, and
//! [`client`] a raw HTTP client that sends exactly the bytes it is given.

pub mod client;
pub mod envoy;
pub mod postgres;
pub mod registry;
pub mod upstream;
