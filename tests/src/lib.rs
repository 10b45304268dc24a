//! The stage Keystile is proven on.
//!
//! [`postgres`] is a private database, [`registry`] the registry as a process, [`envoy`] a real
//! Envoy with the filter, [`upstream`] the API behind it, which records what it gets, and
//! [`client`] a raw HTTP client that sends exactly the bytes it is given. Below them: [`http1`] is
//! what the last two share, [`process`] runs a program, [`places`] knows where it is, [`wait`] waits
//! for conditions, [`error`] says what goes wrong.

pub mod client;
pub mod envoy;
pub mod error;
pub mod http1;
pub mod places;
pub mod postgres;
pub mod process;
pub mod registry;
pub mod upstream;
pub mod wait;
