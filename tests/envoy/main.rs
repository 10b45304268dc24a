//! Journeys through a real Envoy.
//!
//! Each test starts its own Envoy, registry and upstream, so each tells one journey of several
//! steps rather than one fact: starting costs a second.

#![cfg(test)]

mod flows;
mod identity;
mod limit;
mod on_demand;
mod outage;
mod rerouting;
mod watch;
mod workers;
mod world;
