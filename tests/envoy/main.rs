//! Journeys through a real Envoy.
//!
//! Each test starts its own Envoy, registry and upstream, so each tells one journey of several
//! steps rather than one fact: starting costs a second.

#![cfg(test)]

mod answers;
mod bytes;
mod configuration;
mod crash;
mod expiry;
mod exposure;
mod faults;
mod flows;
mod framing;
mod identity;
mod limit;
mod locations;
mod logs;
mod on_demand;
mod outage;
mod pending;
mod rerouting;
mod revocation;
mod rights;
mod rolling;
mod shipped;
mod two_registries;
mod uploads;
mod usage;
mod watch;
mod workers;
mod world;
