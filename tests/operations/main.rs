//! Running the registry for years: declarations, backups, outages of its database, kills, disks that
//! fill, clocks that jump. Everything is done to the real program, as its operator would.

#![cfg(test)]

mod audited;
mod commands;
mod declared;
mod imported;
mod migrated;
mod outage;
mod power;
mod restored;
mod sqlite;
mod started;
mod wal;
mod writers;
