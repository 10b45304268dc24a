//! Waits for conditions, never for a time: each has a deadline and says what it saw last.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::StageError;

const BETWEEN_PROBES: Duration = Duration::from_millis(5);

/// Asks until the answer is `Ok`; the last `Err` is what the deadline's message shows.
pub fn until<T>(
    what: &str,
    patience: Duration,
    mut probe: impl FnMut() -> Result<T, String>,
) -> Result<T, StageError> {
    let deadline = Instant::now() + patience;
    loop {
        let seen = match probe() {
            Ok(value) => return Ok(value),
            Err(seen) => seen,
        };
        if Instant::now() >= deadline {
            return Err(StageError::Deadline {
                what: what.to_owned(),
                patience,
                seen,
            });
        }
        thread::sleep(BETWEEN_PROBES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_comes_true_ends_the_waiting() {
        let mut probes = 0;
        let result = until("third probe", Duration::from_secs(5), || {
            probes += 1;
            (probes == 3).then_some(probes).ok_or_else(String::new)
        });
        assert_eq!(result.unwrap(), 3);
    }

    #[test]
    fn a_deadline_says_what_was_seen_last() {
        let error = until::<()>("miracle", Duration::ZERO, || Err("rain".to_owned())).unwrap_err();
        assert_eq!(error.to_string(), "no miracle within 0ns; seen last: rain");
    }
}
