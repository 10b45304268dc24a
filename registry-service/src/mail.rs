//! Mails: what is written when, how it looks, and how it gets to a mail server.
//!
//! Read in this order: [`letter`] is a mail in the making, [`notices`] which ones tell people what
//! happened, [`reminders`] which ones tell of the end of keys; [`look`] renders them, [`server`] hands
//! them over, [`sending`] does that in the background. A request only ever writes to the outbox, in its
//! own transaction: whether a mail server is slow, dead or absent, it never notices.

pub(crate) mod letter;
mod look;
pub(crate) mod notices;
mod reminders;
mod sending;
pub mod server;

pub(crate) use letter::Letter;
pub(crate) use reminders::remind;
pub(crate) use sending::send;
