//! What the filter decides, without a proxy in sight: native tests link this crate.
//!
//! [`head`] is a request's header map; [`extract`] finds the key in it or in the body and
//! [`conceal`] takes the key out; [`identity`] says who the upstream is told is calling; [`reply`]
//! is what a refused client reads.
//!
//! A body is read by its `content_type`: `urlencoded` as a query is, `json` and `multipart` say
//! where each member or part stands.

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

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod properties;
