//! The registry: applications, registrations and credentials, the developer portal's API and the
//! gateways' feed.
//!
//! Read in this order: [`domain`] is the vocabulary and its rules, [`storage`] keeps it,
//! [`accounts`], [`self_service`] and [`administration`] are what people do with it, [`http`] serves
//! that on three listeners. [`Registry`] ties them together; [`clock`] and [`random`] are its only
//! sources of time and chance, [`gateways`] is who follows the feed at the moment,
//! [`config`] is where flags, environment and file meet. [`declaration`] is a portal kept in a file, which
//! knows a registry by its admin API alone.

pub mod accounts;
pub mod administration;
pub mod clock;
pub mod config;
pub mod declaration;
pub mod domain;
pub mod gateways;
pub mod hashing;
pub mod http;
pub mod operator;
pub mod random;
pub mod registry;
pub mod self_service;
pub mod storage;
pub mod throttle;

pub use registry::{Registry, Settings};
