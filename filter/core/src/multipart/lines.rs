//! Lines, and how each of them ends.

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    CrLf,
    /// Not what RFC 2046 says, but what some clients send.
    Lf,
    /// With the body.
    Missing,
}

/// A line without its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) start: usize,
    pub(super) text: &'a [u8],
    pub(super) end: Break,
}

// === impl Break ===

impl Break {
    /// Returns how many bytes it takes.
    pub(super) fn len(self) -> usize {
        match self {
            Self::CrLf => 2,
            Self::Lf => 1,
            Self::Missing => 0,
        }
    }
}

// === impl Line ===

impl Line<'_> {
    /// Returns where the next line starts.
    pub(super) fn next(&self) -> usize {
        self.start + self.text.len() + self.end.len()
    }
}

/// Lists the lines of some bytes.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(move |raw| {
            let (text, end) = match raw {
                [text @ .., b'\r', b'\n'] => (text, Break::CrLf),
                [text @ .., b'\n'] => (text, Break::Lf),
                text => (text, Break::Missing),
            };
            let line = Line { start, text, end };
            start += raw.len();
            line
        })
}
