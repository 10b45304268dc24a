//! Scenarios of the filter: without a proxy, on a virtual clock, against the real registry in this
//! process.

#![cfg(test)]

mod body;
mod cold_start;
mod configuration;
mod faults;
mod feed;
mod filling;
mod history;
mod random;
mod rights;
mod strangers;
mod time;
mod usage;
mod world;
mod worst_case;
