//! What came, kept until it is forgotten.

use std::borrow::Cow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::http1::{Body, Head};

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The request line and header lines.
    pub head: Head,
    /// The body; [`None`] as long as it is on its way.
    pub body: Option<Body>,
}

/// All requests since the start or since they were forgotten.
#[derive(Debug, Default)]
pub(super) struct Record {
    requests: Mutex<Numbered>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Numbered {
    next: usize,
    requests: Vec<(usize, Recorded)>,
}

// === impl Recorded ===

impl Recorded {
    /// Returns the method.
    pub fn method(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.head.start_part(0))
    }

    /// Returns the request target, byte for byte.
    pub fn target(&self) -> &[u8] {
        self.head.start_part(1)
    }

    /// Returns the bytes after the first `?`, if there is one.
    pub fn query(&self) -> Option<&[u8]> {
        self.target().splitn(2, |byte| *byte == b'?').nth(1)
    }

    /// Returns the first value of a header, as text.
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.head.text(name)
    }

    /// Returns the bytes of the body, as far as they came.
    pub fn body_bytes(&self) -> &[u8] {
        self.body.as_ref().map_or(&[], |body| &body.bytes)
    }

    /// Whether the target holds a text.
    pub fn is_for(&self, part: &str) -> bool {
        String::from_utf8_lossy(self.target()).contains(part)
    }

    /// Whether the request came to its end.
    pub fn is_complete(&self) -> bool {
        self.body
            .as_ref()
            .is_some_and(|body| body.cut_off.is_none())
    }

    /// Whether a text is anywhere in the request, its head and trailers included.
    pub fn holds(&self, text: &str) -> bool {
        let holds = |bytes: &[u8]| {
            bytes
                .windows(text.len().max(1))
                .any(|window| window == text.as_bytes())
        };
        let trailers = self.body.iter().flat_map(|body| &body.trailers);
        holds(&self.head.raw)
            || holds(self.body_bytes())
            || trailers
                .into_iter()
                .any(|line| holds(&line.name) || holds(&line.value))
    }
}

// === impl Record ===

impl Record {
    /// Records a head before its body, so that a request that never ends is seen too.
    pub(super) fn begin(&self, head: Head) -> usize {
        let mut record = self.lock();
        let number = record.next;
        record.next += 1;
        record
            .requests
            .push((number, Recorded { head, body: None }));
        self.changed.notify_all();
        number
    }

    /// Adds the body to a head, unless it is forgotten already.
    pub(super) fn finish(&self, number: usize, body: Body) {
        let mut record = self.lock();
        let open = record
            .requests
            .iter_mut()
            .find(|(candidate, _)| *candidate == number);
        if let Some((_, request)) = open {
            request.body = Some(body);
        }
        self.changed.notify_all();
    }

    pub(super) fn matching(&self, wanted: impl Fn(&Recorded) -> bool) -> Vec<Recorded> {
        select(&self.lock(), wanted)
    }

    /// Waits for so many requests; [`None`] if they do not come in time.
    pub(super) fn wait(
        &self,
        deadline: Instant,
        count: usize,
        wanted: impl Fn(&Recorded) -> bool,
    ) -> Option<Vec<Recorded>> {
        let mut record = self.lock();
        loop {
            let found = select(&record, &wanted);
            if found.len() >= count {
                return Some(found);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            record = self
                .changed
                .wait_timeout(record, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    pub(super) fn forget(&self) {
        self.lock().requests.clear();
    }

    /// A thread that panicked leaves nothing half-done here: every change is one push or one set.
    fn lock(&self) -> MutexGuard<'_, Numbered> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn select(record: &Numbered, wanted: impl Fn(&Recorded) -> bool) -> Vec<Recorded> {
    record
        .requests
        .iter()
        .map(|(_, request)| request)
        .filter(|request| wanted(request))
        .cloned()
        .collect()
}
