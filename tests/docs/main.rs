//! What the documentation says is tried: its links lead somewhere, its examples work as they stand,
//! and its reference leaves nothing out.

#![cfg(test)]

mod examples;
mod imported;
mod links;
mod page;
mod quick_start;
mod reference;
