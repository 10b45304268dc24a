//! The registry through its HTTP APIs, on SQLite and on PostgreSQL.
//!
//! Routers are called directly, with a clock that stands still and ids that follow from a seed.

#![cfg(test)]

mod accounts;
mod admin;
mod check;
mod desk;
mod documents;
mod openapi;
mod portal;
mod specifications;
mod state;
mod story;
mod writers;
