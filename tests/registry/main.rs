//! The registry through its HTTP APIs, on SQLite and on PostgreSQL.
//!
//! Routers are called directly, with a clock that stands still and ids that follow from a seed.

#![cfg(test)]

mod accounts;
mod admin;
mod bodies;
mod both;
mod check;
mod clock;
mod contract;
mod crash;
mod crowd;
mod desk;
mod documents;
mod fresh;
mod keys;
mod log_ins;
mod model;
mod openapi;
mod pages;
mod portal;
mod reminders;
mod specifications;
mod state;
mod story;
mod timing;
mod usage;
mod writers;
