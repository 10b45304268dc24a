//! What a gateway says of itself when it asks the feed.

use keystile_registry::storage::feed::Position;

/// How far a virtual machine has come, and whether it would wait for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which virtual machine, over all gateways.
    pub vm: String,
    /// The epoch it knows.
    pub epoch: String,
    /// How far it has come in it.
    pub after: i64,
    /// Whether it would wait if there is nothing new.
    pub waits: bool,
}

// === impl Reading ===

impl Reading {
    /// Reads the target of a request; `None` if it is not about the feed.
    pub fn parse(target: &str) -> Option<Self> {
        let query = target.strip_prefix("/gateway/v1/state?")?;
        let value = |name: &str| {
            let argument = query.split('&').find_map(|one| one.strip_prefix(name));
            argument?.strip_prefix('=')
        };
        Some(Self {
            vm: format!("{}/{}", value("gateway")?, value("vm")?),
            epoch: value("epoch")?.to_owned(),
            after: value("after")?.parse().ok()?,
            waits: value("wait_ms").is_some_and(|wait| wait != "0"),
        })
    }

    /// Whether it knows everything up to a position.
    pub fn is_at(&self, position: Position) -> bool {
        self.epoch == position.epoch.to_string() && self.after == position.head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_the_feed_says_how_far_its_reader_is() {
        let target = "/gateway/v1/state?epoch=e-1&after=-3&wait_ms=0&gateway=g&vm=1a-2";
        let reading = Reading {
            vm: "g/1a-2".to_owned(),
            epoch: "e-1".to_owned(),
            after: -3,
            waits: false,
        };
        assert_eq!(Reading::parse(target), Some(reading));
        assert_eq!(Reading::parse("/gateway/v1/check"), None);
    }
}
