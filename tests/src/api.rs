//! The registry's APIs, one function for each thing a person does.
//!
//! [`Admin`] is an administrator with a token, [`Visitor`] somebody who looks at the portal, and
//! [`Developer`] one who has logged in. Each expects the documented status; anything else is an
//! error that shows the answer. A [`Journal`] remembers what was asked.

mod admin;
mod call;
mod developer;
mod visitor;

pub use admin::{Admin, Publication, Version};
pub use call::{Answer, Call, Caller, Journal};
pub use developer::{Developer, IssuedKey, Registration};
pub use visitor::Visitor;
