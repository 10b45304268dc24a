//! One direction of a stream, with Envoy's rules for stopping and buffering.
//!
//! The words are those of Envoy's `FilterManager` and of the wasm filter's `context.cc`: a filter
//! may stop everything (nothing more is delivered to it) or a single iteration (what arrives is
//! still delivered, but goes no further).

use std::collections::VecDeque;

use crate::exchange::BodyEnd;
use crate::headers::Headers;

/// One direction of a stream.
#[derive(Debug)]
pub(crate) struct Half {
    /// What the filter sees and changes; forwarded as it is at that time.
    pub(crate) headers: Headers,
    pub(crate) trailers: Option<Headers>,
    /// The filter may read and write the headers now.
    pub(crate) headers_visible: bool,
    pub(crate) trailers_visible: bool,
    pub(crate) iteration: Iteration,
    /// The body callback asked to keep what has arrived: the filter reads all of it.
    pub(crate) buffering: bool,
    /// A callback of this direction is running; nothing more is delivered meanwhile.
    pub(crate) busy: bool,
    pub(crate) forwarded: bool,
    pub(crate) complete: bool,
    pub(crate) sent_headers: Headers,
    pub(crate) sent_body: Vec<u8>,
    pub(crate) sent_trailers: Option<Headers>,
    arriving: VecDeque<Vec<u8>>,
    body_end: BodyEnd,
    /// Everything, the end included, has been delivered to the filter.
    ended: bool,
    held: Vec<u8>,
    current: Option<Vec<u8>>,
    /// The filter resumed: the piece at hand is out of its reach, and goes on nevertheless.
    current_hidden: bool,
}

/// Whether what arrives goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Iteration {
    Running,
    StoppedSingle,
    StoppedAll,
}

/// What is to be delivered next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Body { size: u32, end: bool },
    Trailers { count: u32 },
}

/// A held body outgrew the buffer limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OverLimit;

impl Half {
    pub(crate) fn new(headers: Headers, pieces: Vec<Vec<u8>>, trailers: Option<Headers>) -> Self {
        Self {
            headers,
            ended: pieces.is_empty() && trailers.is_none(),
            trailers,
            headers_visible: false,
            trailers_visible: false,
            iteration: Iteration::Running,
            buffering: false,
            busy: false,
            forwarded: false,
            complete: false,
            sent_headers: Headers::new(),
            sent_body: Vec::new(),
            sent_trailers: None,
            arriving: pieces.into(),
            body_end: BodyEnd::Now,
            held: Vec::new(),
            current: None,
            current_hidden: false,
        }
    }

    pub(crate) fn of_request(
        headers: Headers,
        (pieces, end): (Vec<Vec<u8>>, BodyEnd),
        trailers: Option<Headers>,
    ) -> Self {
        let mut half = Self::new(headers, pieces, trailers);
        half.body_end = end;
        half.ended &= end == BodyEnd::Now;
        half
    }

    /// Adds the empty last piece with which HTTP/1.1 ends a body, unless trailers end it.
    pub(crate) fn end_with_empty_piece(&mut self) {
        let has_body = !self.arriving.is_empty() && self.body_end == BodyEnd::Now;
        if has_body && self.trailers.is_none() {
            self.push(Vec::new());
        }
    }

    pub(crate) fn is_endless(&self) -> bool {
        self.body_end == BodyEnd::Never
    }

    /// Adds a piece that has arrived.
    pub(crate) fn push(&mut self, piece: Vec<u8>) {
        self.arriving.push_back(piece);
    }

    /// Ends the body with an empty piece, as HTTP/1.1 does, or with the trailers.
    pub(crate) fn end(&mut self) {
        self.body_end = BodyEnd::Now;
        if self.trailers.is_none() {
            self.push(Vec::new());
        }
    }

    /// Returns whether everything has been delivered to the filter.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Returns the body the filter sees: all that is held, or the piece at hand.
    pub(crate) fn body(&self) -> &[u8] {
        if self.buffering {
            return &self.held;
        }
        let current = self.current.as_deref();
        current.filter(|_| !self.current_hidden).unwrap_or_default()
    }

    /// Returns the body the filter may change, if there is one now.
    pub(crate) fn body_mut(&mut self) -> Option<&mut Vec<u8>> {
        if self.buffering {
            return Some(&mut self.held);
        }
        let hidden = self.current_hidden;
        self.current.as_mut().filter(|_| !hidden)
    }

    /// Takes the next piece that may be delivered.
    pub(crate) fn next(&mut self, limit: usize) -> Result<Option<Next>, OverLimit> {
        if self.busy || self.iteration == Iteration::StoppedAll || self.ended {
            return Ok(None);
        }
        if let Some(piece) = self.arriving.pop_front() {
            return self.take_piece(piece, limit).map(Some);
        }
        let trailers = self.trailers.as_ref();
        let Some(trailers) = trailers.filter(|_| self.body_end == BodyEnd::Now) else {
            return Ok(None);
        };
        let count = u32::try_from(trailers.len()).unwrap_or(u32::MAX);
        self.ended = true;
        self.trailers_visible = true;
        Ok(Some(Next::Trailers { count }))
    }

    /// The filter lets the piece at hand go on, with everything held before it.
    pub(crate) fn pass_body(&mut self) {
        let piece = self.current.take().unwrap_or_default();
        self.held.extend_from_slice(&piece);
        self.buffering = false;
        self.resume();
    }

    /// The filter keeps the piece at hand until it resumes; `readable` says it may read it.
    pub(crate) fn keep_body(&mut self, limit: usize, body: Kept) -> Result<(), OverLimit> {
        let piece = self.current.take().unwrap_or_default();
        self.buffering = body == Kept::Readable;
        self.iteration = Iteration::StoppedSingle;
        match body {
            Kept::Dropped => Ok(()),
            Kept::Readable | Kept::Unreadable => self.hold(&piece, limit),
        }
    }

    /// Lets everything delivered so far go on.
    pub(crate) fn resume(&mut self) {
        self.iteration = Iteration::Running;
        if !self.forwarded {
            self.forwarded = true;
            self.sent_headers = self.headers.clone();
        }
        self.sent_body.append(&mut self.held);
        if self.ended && self.current.is_none() {
            self.sent_trailers.clone_from(&self.trailers);
            self.complete = true;
        }
    }

    /// Forwards everything at once, past the filter.
    pub(crate) fn send_directly(&mut self) {
        self.held.extend(self.arriving.drain(..).flatten());
        self.ended = true;
        self.resume();
    }

    /// Makes the maps and the piece at hand unreadable, as resuming does.
    pub(crate) fn hide(&mut self) {
        self.headers_visible = false;
        self.trailers_visible = false;
        self.current_hidden = true;
    }

    fn take_piece(&mut self, piece: Vec<u8>, limit: usize) -> Result<Next, OverLimit> {
        if self.buffering {
            self.hold(&piece, limit)?;
            self.current = Some(Vec::new());
        } else {
            self.current = Some(piece);
        }
        self.current_hidden = false;
        let last = self.arriving.is_empty() && self.body_end == BodyEnd::Now;
        self.ended = last && self.trailers.is_none();
        Ok(Next::Body {
            size: u32::try_from(self.body().len()).unwrap_or(u32::MAX),
            end: self.ended,
        })
    }

    fn hold(&mut self, piece: &[u8], limit: usize) -> Result<(), OverLimit> {
        self.held.extend_from_slice(piece);
        if self.held.len() > limit {
            return Err(OverLimit);
        }
        Ok(())
    }
}

/// How a body callback's piece is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// `StopIterationAndBuffer`
    Readable,
    /// `StopIterationAndWatermark`
    Unreadable,
    /// `StopIterationNoBuffer`
    Dropped,
}
