//! Whether a connection has anything to do.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Counts the requests of one connection that are being answered.
#[derive(Debug, Clone)]
pub(super) struct Activity(Arc<watch::Sender<usize>>);

/// A request that is being answered, as long as this lives.
#[derive(Debug)]
pub(super) struct Busy(Arc<watch::Sender<usize>>);

// === impl Activity ===

impl Default for Activity {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Activity {
    /// Notes that a request is being answered.
    pub(super) fn begin(&self) -> Busy {
        self.0.send_modify(|requests| *requests += 1);
        Busy(Arc::clone(&self.0))
    }

    /// Returns once there was nothing to answer for so long.
    pub(super) async fn idle_for(&self, patience: Duration) {
        let mut requests = self.0.subscribe();
        loop {
            // The sender is in `self`: waiting cannot fail.
            let _ = requests.wait_for(|requests| *requests == 0).await;
            if timeout(patience, requests.changed()).await.is_err() {
                return;
            }
        }
    }
}

// === impl Busy ===

impl Drop for Busy {
    fn drop(&mut self) {
        self.0
            .send_modify(|requests| *requests = requests.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(30);

    #[tokio::test]
    async fn a_connection_is_idle_when_its_last_answer_is_long_ago() {
        let activity = Activity::default();
        let (one, two) = (activity.begin(), activity.begin());
        let began = tokio::time::Instant::now();
        let answering = async {
            for request in [one, two] {
                tokio::time::sleep(2 * PATIENCE).await;
                drop(request);
            }
        };
        tokio::join!(answering, activity.idle_for(PATIENCE));
        assert!(began.elapsed() >= 5 * PATIENCE, "{:?}", began.elapsed());
    }
}
