//! Whether the registry has been told to stop: it answers what is under way, and takes on nothing that
//! would wait.

use tokio::sync::watch;

/// Whether the registry has been told to stop.
#[derive(Debug)]
pub struct Drain(watch::Sender<bool>);

// === impl Drain ===

impl Default for Drain {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Drain {
    /// Tells everybody who waits for something that it will not come from here.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was told to stop.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is told to stop.
    pub async fn begun(&self) {
        // The sender lives as long as this does, so there is no other end of the waiting.
        let _ = self.0.subscribe().wait_for(|has_begun| *has_begun).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_hears_of_it_before_and_after() {
        let drain = Drain::default();
        assert!(!drain.has_begun());
        tokio::join!(drain.begun(), async { drain.begin() });
        drain.begun().await;
        assert!(drain.has_begun());
    }
}
