//! What developers do for themselves: look at the catalogue, make applications, register them for
//! product versions, take keys.
//!
//! The portal's APIs and its pages are thin skins around these operations: they parse, call and
//! answer. Who asks is a [`SignedIn`](crate::domain::session::SignedIn) or a
//! [`Visitor`](catalogue::Visitor), which only a session or the portal's settings give; another
//! developer's things are as missing as things that never were.

pub mod application;
pub mod catalogue;
pub mod credential;
pub mod documents;
pub mod guide;
pub mod registration;
pub mod rotation;
pub mod statistics;
