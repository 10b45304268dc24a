//! What the filter decides, without a proxy in sight: native tests link this crate.
//!
//! [`head`] is a request's header map; [`extract`] finds the key in it or in the body and
//! [`conceal`] takes the key out; [`identity`] says who the upstream is told is calling; [`reply`]
//! is what a refused client reads.

pub mod conceal;
pub mod extract;
pub mod head;
pub mod identity;
pub mod reply;

mod content_type;
mod json;
mod multipart;
mod parameters;
mod urlencoded;
