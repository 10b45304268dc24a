//! What was mailed: without a mail server an administrator passes its links on.

use crate::administration::{Acting, Result};
use crate::domain::access::Duty;
use crate::storage::outbox::{self, Message};
use crate::storage::{List, Wanted};

/// Lists mails, the latest first unless another order is wanted. With a mail server their links are for
/// whom they are sent to alone.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<Message>> {
    // Its links set passwords: not for everyone who may look.
    let mut snapshot = acting.read_for(Duty::Manage).await?;
    let mut list = outbox::list(&mut snapshot, wanted).await?;
    if acting.registry.settings.mail.is_some() {
        for message in &mut list.items {
            message.withhold_link();
        }
    }
    Ok(list)
}
