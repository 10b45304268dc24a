//! The registry: applications, registrations and credentials, the developer portal's API and the
//! gateways' feed.
//!
//! Read in this order: [`domain`] is the vocabulary and its rules, [`storage`] keeps it,
//! [`accounts`], [`self_service`] and [`administration`] are what people do with it, [`mail`] tells
//! them of it, [`http`] serves everything on three listeners. [`Registry`] ties them together;
//! [`clock`] and [`random`] are its only sources of time and chance, [`gateways`] is who follows the
//! feed at the moment, [`drain`] whether it was told to stop, [`metrics`] what is counted, [`refusals`]
//! what was refused lately, [`config`] where flags, environment and file meet. [`declaration`] is a
//! portal kept in a file, [`import`] keys brought in one; both know a registry by its admin API alone.

pub mod accounts;
pub mod administration;
pub mod clock;
pub mod config;
pub mod declaration;
pub mod domain;
pub mod drain;
pub mod gateways;
pub mod hashing;
pub mod http;
pub mod import;
pub mod mail;
pub mod metrics;
mod niceness;
pub mod operator;
pub mod random;
pub mod refusals;
pub mod registry;
pub mod self_service;
pub mod storage;
pub mod throttle;

pub use registry::{Registry, Settings};
