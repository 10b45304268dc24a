//! The parts of a `multipart/form-data` body (RFC 2046, section 5.1; RFC 7578), by position.
//!
//! Parsers differ most over bodies that are almost right, so those are refused: one kind of line
//! break around every delimiter, no line that only starts like one, a closing delimiter, and no
//! part behind it.

mod lines;
mod part;

use core::ops::Range;

use lines::{Break, Line, lines};
pub(crate) use part::Part;

/// The body is not clearly divided into parts with one reading of their headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidMultipart;

/// A line that divides parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiter {
    /// Ends a part or the preamble; another part follows.
    Next,
    /// Ends the last part; an epilogue may follow.
    Close,
}

/// What the delimiters so far have divided.
struct Division<'a> {
    body: &'a [u8],
    /// How lines end at delimiters; the first one decides.
    line_break: Option<Break>,
    /// Where the part that is open starts: its delimiter, and what follows that.
    open: Option<Range<usize>>,
    is_closed: bool,
}

// === impl Delimiter ===

impl Delimiter {
    /// Reads a line; no line of a part may start like a delimiter (RFC 2046, section 5.1.1).
    fn parse(line: &[u8], boundary: &[u8]) -> Result<Option<Self>, InvalidMultipart> {
        let Some(rest) = line
            .strip_prefix(b"--")
            .and_then(|line| line.strip_prefix(boundary))
        else {
            return Ok(None);
        };
        let (delimiter, padding) = match rest.strip_prefix(b"--") {
            Some(padding) => (Self::Close, padding),
            None => (Self::Next, rest),
        };
        if padding.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            Ok(Some(delimiter))
        } else {
            Err(InvalidMultipart)
        }
    }
}

// === impl Division ===

impl<'a> Division<'a> {
    fn new(body: &'a [u8]) -> Self {
        Self {
            body,
            line_break: None,
            open: None,
            is_closed: false,
        }
    }

    /// Takes a delimiter, and how the line before it ended, and returns the part that it ends.
    fn on_delimiter(
        &mut self,
        delimiter: Delimiter,
        line: &Line<'_>,
        before: Option<Break>,
    ) -> Result<Option<Part<'a>>, InvalidMultipart> {
        let line_break = *self.line_break.get_or_insert(line.end);
        let is_end_clear = delimiter == Delimiter::Close || line.end == line_break;
        let is_start_clear = before.is_none_or(|before| before == line_break);
        if self.is_closed || !is_end_clear || !is_start_clear {
            return Err(InvalidMultipart);
        }
        let part = match self.open.take() {
            Some(open) => {
                let contents = open.end..line.start.saturating_sub(line_break.len());
                let contents = self.body.get(contents).ok_or(InvalidMultipart)?;
                Some(Part::parse(contents, line_break, open.start..line.start)?)
            }
            None => None,
        };
        match delimiter {
            Delimiter::Next => self.open = Some(line.start..line.next()),
            Delimiter::Close => self.is_closed = true,
        }
        Ok(part)
    }
}

/// Visits each part in order. What was visited counts only if the whole body is valid.
pub(crate) fn scan<'a>(
    body: &'a [u8],
    boundary: &[u8],
    mut visit: impl FnMut(Part<'a>),
) -> Result<(), InvalidMultipart> {
    let mut division = Division::new(body);
    let mut before = None;
    for line in lines(body) {
        if let Some(delimiter) = Delimiter::parse(line.text, boundary)? {
            let part = division.on_delimiter(delimiter, &line, before)?;
            part.map(&mut visit);
        }
        before = Some(line.end);
    }
    if division.is_closed {
        Ok(())
    } else {
        Err(InvalidMultipart)
    }
}

#[cfg(test)]
mod tests;
