//! A minimal HTTP/2 client (RFC 9113) that checks nothing it sends: one stream on one connection.

mod frame;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use frame::{Frame, Kind};

/// What every connection begins with (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The only stream; clients' streams have odd numbers.
const STREAM: u32 = 1;

/// The largest payload a peer takes unless it says otherwise (RFC 9113, section 6.5.2).
const MAX_FRAME: usize = 16_384;

/// What a stream may send unless the peer says otherwise (RFC 9113, section 6.9.2).
const FIRST_WINDOW: i64 = 65_535;

/// A request, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Names and values in order, pseudo-headers included.
    pub(crate) headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body.
    pub(crate) body: Option<Vec<u8>>,
    /// Names and values after the body.
    pub(crate) trailers: Vec<(Vec<u8>, Vec<u8>)>,
    /// How many bytes a DATA frame has at most.
    pub(crate) frame_size: usize,
}

/// What came back: header blocks in order, the last one maybe trailers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Names and values of every header block but interim responses.
    pub(crate) blocks: Vec<Vec<(Vec<u8>, Vec<u8>)>>,
}

/// How a stream ended otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum H2Error {
    /// The stream was reset or the connection closed before a response.
    #[error("closed without a response")]
    Closed,
    /// Time was up first.
    #[error("nothing in time")]
    Deadline,
    /// What came is not HTTP/2.
    #[error("no HTTP/2: {0}")]
    Malformed(String),
}

/// A connection and how much may be sent on it.
struct Connection {
    socket: TcpStream,
    unread: Vec<u8>,
    deadline: Instant,
    decoder: loona_hpack::Decoder<'static>,
    shared_window: i64,
    stream_window: i64,
    first_window: i64,
    reply: Reply,
    /// A header block whose end has not come yet.
    block: Vec<u8>,
    ended: bool,
}

/// Sends a request on a connection of its own and reads what comes back.
pub(crate) fn exchange(address: SocketAddr, stream: &Stream) -> Result<Reply, H2Error> {
    let mut connection = Connection::open(address)?;
    let outcome = connection.send(stream).and_then(|()| connection.finish());
    match outcome {
        // What came before the end of the connection is an answer all the same.
        Err(H2Error::Closed) if !connection.reply.blocks.is_empty() => Ok(connection.reply),
        Err(error) => Err(error),
        Ok(()) => Ok(connection.reply),
    }
}

// === impl Stream ===

impl Stream {
    fn header_frames(&self) -> Vec<Frame> {
        let ends = self.body.is_none() && self.trailers.is_empty();
        block_frames(&self.headers, u8::from(ends) * frame::END_STREAM)
    }
}

// === impl Reply ===

impl Reply {
    /// Returns the status.
    pub(crate) fn status(&self) -> Option<u16> {
        self.number(b":status")
    }

    /// Returns the gRPC status, in headers or trailers.
    pub(crate) fn grpc_status(&self) -> Option<u32> {
        self.number(b"grpc-status")
    }

    fn number<T: std::str::FromStr>(&self, name: &[u8]) -> Option<T> {
        let mut fields = self.blocks.iter().flatten();
        let (_, value) = fields.find(|(candidate, _)| candidate == name)?;
        std::str::from_utf8(value).ok()?.parse().ok()
    }
}

// === impl Connection ===

impl Connection {
    fn open(address: SocketAddr) -> Result<Self, H2Error> {
        let socket = TcpStream::connect_timeout(&address, PATIENCE)?;
        socket.set_nodelay(true)?;
        let mut connection = Self {
            socket,
            unread: Vec::new(),
            deadline: Instant::now() + PATIENCE,
            decoder: loona_hpack::Decoder::new(),
            shared_window: FIRST_WINDOW,
            stream_window: FIRST_WINDOW,
            first_window: FIRST_WINDOW,
            reply: Reply::default(),
            block: Vec::new(),
            ended: false,
        };
        let settings = Frame::new(Kind::Settings, 0, 0, Vec::new());
        connection.write(&[PREFACE, &settings.to_bytes()].concat())?;
        Ok(connection)
    }

    fn send(&mut self, stream: &Stream) -> Result<(), H2Error> {
        for frame in stream.header_frames() {
            self.write(&frame.to_bytes())?;
        }
        if let Some(body) = &stream.body {
            self.send_body(body, stream)?;
        }
        if !stream.trailers.is_empty() && !self.ended {
            for frame in block_frames(&stream.trailers, frame::END_STREAM) {
                self.write(&frame.to_bytes())?;
            }
        }
        Ok(())
    }

    fn send_body(&mut self, body: &[u8], stream: &Stream) -> Result<(), H2Error> {
        let last = if stream.trailers.is_empty() {
            frame::END_STREAM
        } else {
            0
        };
        let mut pieces = body
            .chunks(stream.frame_size.clamp(1, MAX_FRAME))
            .peekable();
        if pieces.peek().is_none() {
            return self.write(&Frame::new(Kind::Data, last, STREAM, Vec::new()).to_bytes());
        }
        while let Some(piece) = pieces.next() {
            let length = i64::try_from(piece.len()).unwrap_or(i64::MAX);
            while self.shared_window.min(self.stream_window) < length {
                if self.ended {
                    return Ok(());
                }
                self.read_frame()?;
            }
            self.shared_window -= length;
            self.stream_window -= length;
            let flags = if pieces.peek().is_none() { last } else { 0 };
            self.write(&Frame::new(Kind::Data, flags, STREAM, piece.to_vec()).to_bytes())?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), H2Error> {
        while !self.ended {
            self.read_frame()?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), H2Error> {
        match self.socket.write_all(bytes).map_err(H2Error::from) {
            // What the peer said before it closed is still to be read.
            Ok(()) | Err(H2Error::Closed) => Ok(()),
            error => error,
        }
    }

    fn read_frame(&mut self) -> Result<(), H2Error> {
        loop {
            if let Some((frame, length)) = Frame::parse(&self.unread) {
                self.unread.drain(..length);
                return self.take(frame);
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), H2Error> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(H2Error::Deadline);
        }
        self.socket.set_read_timeout(Some(left))?;
        let mut buffer = [0; 16 * 1024];
        let count = self.socket.read(&mut buffer)?;
        self.unread
            .extend_from_slice(buffer.get(..count).unwrap_or_default());
        if count == 0 {
            return Err(H2Error::Closed);
        }
        Ok(())
    }

    fn take(&mut self, frame: Frame) -> Result<(), H2Error> {
        match frame.kind {
            Kind::Settings if frame.flags & frame::ACK == 0 => {
                self.take_settings(&frame.payload);
                let ack = Frame::new(Kind::Settings, frame::ACK, 0, Vec::new());
                return self.write(&ack.to_bytes());
            }
            Kind::Ping if frame.flags & frame::ACK == 0 => {
                let ack = Frame::new(Kind::Ping, frame::ACK, 0, frame.payload);
                return self.write(&ack.to_bytes());
            }
            Kind::WindowUpdate => self.widen(&frame),
            Kind::Headers | Kind::Continuation if frame.stream == STREAM => {
                self.block.extend_from_slice(frame.fragment());
                if frame.flags & frame::END_HEADERS != 0 {
                    self.take_block()?;
                }
                self.ended |= frame.flags & frame::END_STREAM != 0 && frame.kind == Kind::Headers;
            }
            Kind::Data if frame.stream == STREAM => {
                self.ended |= frame.flags & frame::END_STREAM != 0;
            }
            Kind::RstStream if frame.stream == STREAM => return Err(H2Error::Closed),
            Kind::GoAway if frame.last_stream() < STREAM => return Err(H2Error::Closed),
            _ => {}
        }
        Ok(())
    }

    fn take_settings(&mut self, payload: &[u8]) {
        let (settings, _) = payload.as_chunks::<6>();
        for [high, low, value @ ..] in settings {
            if u16::from_be_bytes([*high, *low]) == frame::INITIAL_WINDOW_SIZE {
                let window = i64::from(u32::from_be_bytes(*value));
                self.stream_window += window - self.first_window;
                self.first_window = window;
            }
        }
    }

    fn widen(&mut self, frame: &Frame) {
        let more = i64::from(frame.number());
        match frame.stream {
            0 => self.shared_window += more,
            _ => self.stream_window += more,
        }
    }

    fn take_block(&mut self) -> Result<(), H2Error> {
        let block = std::mem::take(&mut self.block);
        let fields = self.decoder.decode(&block);
        let fields = fields.map_err(|error| H2Error::Malformed(format!("{error:?}")))?;
        let is_interim = fields
            .iter()
            .any(|(name, value)| name == b":status" && value.starts_with(b"1"));
        if !is_interim {
            self.reply.blocks.push(fields);
        }
        Ok(())
    }
}

// === impl H2Error ===

impl From<std::io::Error> for H2Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Self::Deadline,
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected => Self::Closed,
            kind => Self::Malformed(kind.to_string()),
        }
    }
}

/// Returns a header block in as many frames as it needs.
fn block_frames(fields: &[(Vec<u8>, Vec<u8>)], flags: u8) -> Vec<Frame> {
    let block: Vec<u8> = fields.iter().flat_map(frame::literal).collect();
    let mut frames: Vec<Frame> = block
        .chunks(MAX_FRAME)
        .enumerate()
        .map(|(index, piece)| match index {
            0 => Frame::new(Kind::Headers, flags, STREAM, piece.to_vec()),
            _ => Frame::new(Kind::Continuation, 0, STREAM, piece.to_vec()),
        })
        .collect();
    if frames.is_empty() {
        frames.push(Frame::new(Kind::Headers, flags, STREAM, Vec::new()));
    }
    if let Some(last) = frames.last_mut() {
        last.flags |= frame::END_HEADERS;
    }
    frames
}

#[cfg(test)]
mod tests;
