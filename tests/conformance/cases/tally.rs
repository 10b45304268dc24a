//! What came of many cases: failures are printed as they happen, the sum at the end.

use std::fmt;
use std::process::ExitCode;

/// One thing that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was looked at, such as `status` or `upstream.query`.
    pub member: String,
    /// What must be there.
    pub expected: String,
    /// What was there.
    pub seen: String,
}

/// How many passed and failed so far.
#[derive(Debug, Default)]
pub struct Tally {
    passed: usize,
    failed: usize,
}

// === impl Mismatch ===

impl Mismatch {
    /// Says what must be there and what was.
    pub fn new(
        member: impl Into<String>,
        expected: impl fmt::Display,
        seen: impl fmt::Display,
    ) -> Self {
        Self {
            member: member.into(),
            expected: expected.to_string(),
            seen: seen.to_string(),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: expected {}, seen {}",
            self.member, self.expected, self.seen
        )
    }
}

// === impl Tally ===

impl Tally {
    /// Counts a case, and prints what is wrong with it.
    pub fn count(&mut self, name: &str, mismatches: &[Mismatch]) {
        if mismatches.is_empty() {
            self.passed += 1;
            return;
        }
        self.failed += 1;
        println!("FAILED {name}");
        for mismatch in mismatches {
            println!("    {mismatch}");
        }
    }

    /// Prints the sum; a failure, or nothing at all, is a failure of the program.
    pub fn finish(&self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Returns bytes as a person reads them: text in quotes, whatever is odd escaped, long ones cut.
pub fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 300;
    let cut = bytes.get(..LONGEST).unwrap_or(bytes);
    let text = format!("\"{}\"", cut.escape_ascii());
    if cut.len() < bytes.len() {
        format!("{text}.. ({} bytes)", bytes.len())
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_among_many_is_a_failure() {
        let mut tally = Tally::default();
        tally.count("good", &[]);
        assert_eq!(tally.finish(), ExitCode::SUCCESS);
        tally.count("bad", &[Mismatch::new("status", 200, 401)]);
        assert_eq!(tally.finish(), ExitCode::FAILURE);
    }

    #[test]
    fn nothing_at_all_is_a_failure() {
        assert_eq!(Tally::default().finish(), ExitCode::FAILURE);
    }

    #[test]
    fn long_bytes_are_cut_when_shown() {
        assert_eq!(shown(b"a\xff\r\n"), r#""a\xff\r\n""#);
        assert!(shown(&[b'a'; 400]).ends_with(".. (400 bytes)"));
    }
}
