//! The vocabulary of the registry and its rules; no database and no HTTP in sight.
//!
//! Read in this order: [`id`], [`name`], [`timestamp`], [`text`] and [`wish`] are the small change. [`portal`],
//! [`auth_strategy`], [`product`], [`publication`] and [`service`] are what a product owner offers,
//! [`document`], [`markdown`] and [`specification`] what is said about it,
//! [`developer`], [`application`], [`registration`] and [`credential`] what a developer does with
//! it, [`refusal`] why a key of theirs gets through or does not, [`origin`] is whose pages may call,
//! [`access`] who may do what here, [`change`] is what a gateway has to hear of, [`usage`] what it tells
//! of, and [`statistics`] what is made of that.

pub mod access;
pub mod application;
pub mod auth_strategy;
pub mod change;
pub mod client;
pub mod credential;
pub mod developer;
pub mod document;
pub mod example;
pub mod expectation;
pub mod id;
pub mod link;
pub mod mail;
pub mod markdown;
pub mod name;
pub mod once;
pub mod origin;
pub mod password;
pub mod portal;
pub mod product;
pub mod publication;
pub mod refusal;
pub mod registration;
pub(crate) mod schema;
pub mod service;
pub mod session;
pub mod specification;
pub mod statistics;
pub mod text;
pub mod throttle;
pub mod timestamp;
pub mod usage;
pub mod wish;

/// The new state does not follow from the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the new status does not follow from the present one")]
pub struct InvalidTransition;
