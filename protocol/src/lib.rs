//! What the filter and the registry exchange, and nothing else.
//!
//! Read in this order: [`id`] names things, [`key`] is the secret and what stands in for it,
//! [`service`] and [`application`] are what a decision needs, [`state`] is the feed that carries
//! them, [`check`] asks about one key, [`usage`] reports what keys were used for, [`wire`] turns them into bytes, [`header`] lists the names
//! that only the filter may set.

pub mod application;
pub mod check;
pub mod header;
pub mod id;
pub mod key;
pub mod service;
pub mod state;
pub mod usage;
pub mod wire;
