//! What developers see and change of their own. Every query names the developer, so that another's
//! things are as missing as things that never were.

pub mod application;
pub mod credential;
pub mod registration;
