//! The stage Keystile is proven on.
//!
//! [`postgres`] is a private database, [`registry`] the registry as a process, [`envoy`] a real
//! Envoy with the filter, [`upstream`] the API behind it, which records what it gets, and
//! [`client`] a raw HTTP client that sends exactly the bytes it is given. [`http1`] is what the
//! last two share, [`error`] what goes wrong.

pub mod client;
pub mod envoy;
pub mod error;
pub mod http1;
pub mod postgres;
pub mod registry;
pub mod upstream;
