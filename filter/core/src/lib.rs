//! What the filter decides, without a proxy in sight: native tests link this crate.
//!
//! [`config`] is what the plugin is told. [`head`] is a request's header map; [`extract`] finds the
//! key in it or in the body and [`conceal`] takes the key out; [`identity`] says who the upstream
//! is told is calling; [`reply`] is what a refused client reads. [`decide`] judges by facts,
//! [`table`] holds them, [`feed`] fills it from the registry's [`answer`]s, [`checks`] asks about
//! single keys until it is full, and [`replica`] is the three together. [`exchange`] is one request
//! from its head to the verdict. [`usage`] counts what keys are used for. [`clock`] is the only
//! time there is.
//!
//! A body is read by its `content_type`: `urlencoded` as a query is, `json` and `multipart` say
//! where each member or part stands.

pub mod answer;
pub mod checks;
pub mod clock;
pub mod conceal;
pub mod config;
pub mod decide;
pub mod exchange;
pub mod extract;
pub mod feed;
pub mod head;
pub mod identity;
pub mod replica;
pub mod reply;
pub mod table;
pub mod usage;

mod content_type;
mod json;
mod multipart;
mod parameters;
mod urlencoded;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod properties;
