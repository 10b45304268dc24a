//! Scenarios of the filter: without a proxy, on a virtual clock, against the real registry in this
//! process.

#![cfg(test)]

mod cold_start;
mod feed;
mod strangers;
mod world;
