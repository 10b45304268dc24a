//! Answers that do not tell by how long they took what there was to do.

use std::future::Future;
use std::time::Duration;

/// How long an answer takes at least: more than any of the work behind it on a machine that is not
/// overwhelmed, and too little for a person to notice.
const EVEN: Duration = Duration::from_millis(60);

/// Does some work and answers when it is done, but no sooner than all other answers of its kind.
///
/// Whether an address has an account decides how much is written. The work itself could be made even
/// only until somebody changes it.
pub(super) async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let (answer, ()) = tokio::join!(work, tokio::time::sleep(EVEN));
    answer
}
