//! What administrators do: what is offered, who gets it, and how the portal is set up.
//!
//! The admin API and the pages both come here; every rule about an administrator's act is here or
//! below. Read in this order: [`Acting`] is what every act begins with, [`AdministrationError`] how
//! it may end; then one module for each thing there is.

mod acting;
pub mod administrators;
pub mod applications;
pub mod audit;
pub mod credentials;
pub mod developers;
pub mod documents;
mod encoded;
mod error;
pub mod gateways;
pub mod imports;
pub mod outbox;
pub mod plugins;
pub mod portal;
pub mod products;
pub mod publications;
pub mod refusals;
pub mod registrations;
pub mod services;
pub mod specifications;
pub mod strategies;
pub mod tokens;
pub mod versions;

pub use acting::Acting;
pub use error::{AdministrationError, Conflict, InvalidField};

/// What an act answers.
pub type Result<T> = std::result::Result<T, AdministrationError>;
