//! HTTP/2 frames (RFC 9113, section 4) and HPACK literals (RFC 7541, section 6.2.2).

/// The stream, or this half of it, ends here.
pub(super) const END_STREAM: u8 = 0x1;
/// The header block ends here.
pub(super) const END_HEADERS: u8 = 0x4;
/// The frame answers one like it.
pub(super) const ACK: u8 = 0x1;
/// The setting that says how much every stream may send at first.
pub(super) const INITIAL_WINDOW_SIZE: u16 = 0x4;

const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;
const HEAD_LENGTH: usize = 9;

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

/// What a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Data,
    Headers,
    RstStream,
    Settings,
    Ping,
    GoAway,
    WindowUpdate,
    Continuation,
    Other(u8),
}

// === impl Frame ===

impl Frame {
    pub(super) fn new(kind: Kind, flags: u8, stream: u32, payload: Vec<u8>) -> Self {
        Self {
            kind,
            flags,
            stream,
            payload,
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        let [_, length @ ..] = length.to_be_bytes();
        let mut bytes = length.to_vec();
        bytes.extend([self.kind.number(), self.flags]);
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend_from_slice(&self.payload);
        bytes
    }

    /// Parses the first frame and returns its length too; `None` if it has not come whole.
    pub(super) fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let head: &[u8; HEAD_LENGTH] = bytes.first_chunk()?;
        let [l1, l2, l3, kind, flags, stream @ ..] = *head;
        let length = u32::from_be_bytes([0, l1, l2, l3]);
        let end = HEAD_LENGTH + usize::try_from(length).ok()?;
        let payload = bytes.get(HEAD_LENGTH..end)?.to_vec();
        let stream = u32::from_be_bytes(stream) & 0x7fff_ffff;
        Some((Self::new(Kind::of(kind), flags, stream, payload), end))
    }

    /// Returns the part of a header block in it, without padding and priority.
    pub(super) fn fragment(&self) -> &[u8] {
        let mut fragment = self.payload.as_slice();
        if self.kind != Kind::Headers {
            return fragment;
        }
        if self.flags & PADDED != 0
            && let Some((padding, rest)) = fragment.split_first()
        {
            let length = rest.len().saturating_sub(usize::from(*padding));
            fragment = rest.get(..length).unwrap_or_default();
        }
        if self.flags & PRIORITY != 0 {
            fragment = fragment.get(5..).unwrap_or_default();
        }
        fragment
    }

    /// Returns the number a payload begins with.
    pub(super) fn number(&self) -> u32 {
        let number = self
            .payload
            .first_chunk()
            .map(|four| u32::from_be_bytes(*four));
        number.unwrap_or_default() & 0x7fff_ffff
    }

    /// Returns the last stream a GOAWAY frame says was looked at.
    pub(super) fn last_stream(&self) -> u32 {
        self.number()
    }
}

// === impl Kind ===

impl Kind {
    const fn number(self) -> u8 {
        match self {
            Self::Data => 0,
            Self::Headers => 1,
            Self::RstStream => 3,
            Self::Settings => 4,
            Self::Ping => 6,
            Self::GoAway => 7,
            Self::WindowUpdate => 8,
            Self::Continuation => 9,
            Self::Other(number) => number,
        }
    }

    const fn of(number: u8) -> Self {
        match number {
            0 => Self::Data,
            1 => Self::Headers,
            3 => Self::RstStream,
            4 => Self::Settings,
            6 => Self::Ping,
            7 => Self::GoAway,
            8 => Self::WindowUpdate,
            9 => Self::Continuation,
            other => Self::Other(other),
        }
    }
}

/// Returns a field as a literal with a literal name, which no table ever sees.
pub(super) fn literal((name, value): &(Vec<u8>, Vec<u8>)) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        bytes.extend(length(text.len()));
        bytes.extend_from_slice(text);
    }
    bytes
}

/// Returns a length with a prefix of seven bits (RFC 7541, section 5.1).
fn length(length: usize) -> Vec<u8> {
    let Some(mut rest) = length.checked_sub(127) else {
        return length.to_le_bytes().into_iter().take(1).collect();
    };
    let mut bytes = vec![127];
    loop {
        let low = (rest % 128).to_le_bytes().into_iter().next().unwrap_or(0);
        rest /= 128;
        if rest == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 128);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_reads_back_as_it_was_written() {
        let frame = Frame::new(Kind::Data, END_STREAM, 1, b"abc".to_vec());
        let bytes = [frame.to_bytes(), vec![0]].concat();
        assert_eq!(Frame::parse(&bytes), Some((frame, 12)));
        assert_eq!(Frame::parse(&bytes[..11]), None);
    }

    #[test]
    fn lengths_are_written_as_rfc_7541_shows_them() {
        assert_eq!(length(10), [10]);
        assert_eq!(length(126), [126]);
        assert_eq!(length(127), [127, 0]);
        assert_eq!(length(1337), [127, 186, 9]);
    }

    #[test]
    fn a_decoder_understands_what_is_written_by_hand() {
        let field = (b"ApiKey".to_vec(), vec![0xff; 300]);
        let decoded = loona_hpack::Decoder::new()
            .decode(&literal(&field))
            .unwrap();
        assert_eq!(decoded, [field]);
    }

    #[test]
    fn padding_and_priority_are_no_part_of_a_block() {
        let payload = vec![2, 0, 0, 0, 0, 0, b'x', 0, 0];
        let frame = Frame::new(Kind::Headers, PADDED | PRIORITY, 1, payload);
        assert_eq!(frame.fragment(), b"x");
    }
}
