//! The gateways: what they know, and how they are doing.

use crate::administration::{Acting, Result};
use crate::gateways::{Machine, Spread};
use crate::storage::feed;

/// The gateways that follow this process.
#[derive(Debug)]
pub struct Overview {
    /// The newest revision.
    pub head: i64,
    /// The revision asked about.
    pub revision: i64,
    /// On how many gateways it is in force.
    pub spread: Spread,
    /// Their virtual machines, by gateway.
    pub machines: Vec<Machine>,
}

/// Says which gateways there are, and where a revision is in force; without one, the newest.
pub async fn overview(acting: &Acting, revision: Option<i64>) -> Result<Overview> {
    let mut snapshot = acting.read().await?;
    let head = feed::position(&mut snapshot).await?.head;
    let revision = revision.unwrap_or(head);
    let (gateways, now) = (&acting.registry.gateways, acting.now());
    Ok(Overview {
        head,
        revision,
        spread: gateways.spread(revision, now),
        machines: gateways.live(now),
    })
}
