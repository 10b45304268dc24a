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

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::registry::Registry;

pub(crate) use letter::Letter;
pub use reminders::remind;

/// Mails are sent as long as this lives. Only a registry that serves sends any: a command that is over
/// in a second would leave them half sent.
#[derive(Debug)]
pub struct Mailing(Vec<JoinHandle<()>>);

// === impl Mailing ===

impl Mailing {
    /// Begins to send a registry's mails; without a mail server there is nothing to do.
    pub fn begin(registry: &Arc<Registry>) -> Self {
        let Some(server) = registry.settings.mail.clone() else {
            return Self(Vec::new());
        };
        Self(vec![
            tokio::spawn(sending::send(Arc::downgrade(registry), server)),
            tokio::spawn(reminders::go_on(Arc::downgrade(registry))),
        ])
    }
}

impl Drop for Mailing {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}
