//! What precedes a body: a start line and header lines, order, case and repeats kept.

use std::borrow::Cow;

use super::Framing;

/// The part of a message before its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Every byte of it, the blank line included.
    pub raw: Vec<u8>,
    /// The request or status line.
    pub start_line: Vec<u8>,
    /// The header lines in the order they came.
    pub lines: Vec<HeaderLine>,
}

/// One header line; the value is without the spaces around it, [`Head::raw`] has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderLine {
    /// The name in the case it was sent in; the whole line if it has no colon.
    pub name: Vec<u8>,
    /// What follows the colon.
    pub value: Vec<u8>,
}

// === impl Head ===

impl Head {
    /// Takes a head apart; nothing is refused, odd lines are kept as they are.
    pub fn parse(raw: Vec<u8>) -> Self {
        let mut rows = raw
            .split(|byte| *byte == b'\n')
            .map(|row| row.strip_suffix(b"\r").unwrap_or(row));
        let start_line = rows.next().unwrap_or_default().to_vec();
        let lines = rows
            .filter(|row| !row.is_empty())
            .map(HeaderLine::parse)
            .collect();
        Self {
            raw,
            start_line,
            lines,
        }
    }

    /// Returns the part of the start line between its first and second space, or what there is.
    pub fn start_part(&self, index: usize) -> &[u8] {
        self.start_line
            .splitn(3, |byte| *byte == b' ')
            .nth(index)
            .unwrap_or_default()
    }

    /// Returns the value of every line with this name, in order.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        self.lines
            .iter()
            .filter(|line| line.is_named(name))
            .map(|line| line.value.as_slice())
            .collect()
    }

    /// Returns the value of the first line with this name, as text for people and assertions.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.lines
            .iter()
            .find(|line| line.is_named(name))
            .map(|line| String::from_utf8_lossy(&line.value))
    }

    /// Returns how the body says it ends, if it says so (RFC 9112, section 6.3).
    pub fn framing(&self) -> Option<Framing> {
        let codings = self.values("transfer-encoding");
        if codings.iter().any(|value| is_chunked(value)) {
            return Some(Framing::Chunked);
        }
        let length = self.text("content-length")?;
        length.parse().ok().map(Framing::Length)
    }
}

// === impl HeaderLine ===

impl HeaderLine {
    /// Takes a line without its end apart.
    pub fn parse(row: &[u8]) -> Self {
        let mut halves = row.splitn(2, |byte| *byte == b':');
        let name = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default();
        Self {
            name: name.to_vec(),
            value: value.trim_ascii().to_vec(),
        }
    }

    /// Whether the line has this name, in any case.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Whether the last transfer coding is `chunked`.
fn is_chunked(value: &[u8]) -> bool {
    value
        .rsplit(|byte| *byte == b',')
        .next()
        .is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_case_and_repeats_are_kept() {
        let head = Head::parse(b"GET /a b HTTP/1.1\r\nB: 1\r\na:2\r\nb:\t3 \r\n\r\n".to_vec());
        assert_eq!(head.values("b"), [b"1", b"3"]);
        assert_eq!(head.lines[0].name, b"B");
        assert_eq!(head.lines.len(), 3);
        assert_eq!(head.start_part(1), b"/a");
    }

    #[test]
    fn a_line_without_a_colon_is_kept_whole() {
        let head = Head::parse(b"GET / HTTP/1.1\r\nodd line\r\n\r\n".to_vec());
        assert_eq!(head.lines[0].name, b"odd line");
    }

    #[test]
    fn a_chunked_coding_outranks_a_length() {
        for (lines, framing) in [
            ("transfer-encoding: chunked", Some(Framing::Chunked)),
            (
                "Content-Length: 3\r\nTransfer-Encoding: gzip, Chunked",
                Some(Framing::Chunked),
            ),
            ("Content-Length: 3", Some(Framing::Length(3))),
            ("Content-Type: text/plain", None),
        ] {
            let head = Head::parse(format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n").into_bytes());
            assert_eq!(head.framing(), framing, "{lines}");
        }
    }
}
