//! One page of the feed: services first, then everything in the order of its revisions. A service
//! brings the anonymous application it names along.

use std::collections::BTreeSet;

use keystile_protocol::id::{Epoch, ServiceId};
use keystile_protocol::state::{Cursor, Entry, MAX_PAGE_BYTES, Page};
use keystile_protocol::wire;

use crate::storage::feed::change::{self, Phase};
use crate::storage::feed::{Position, position};
use crate::storage::{Connection, Result, Snapshot, StorageError};

/// What a page needs besides its entries, in bytes, at most: an epoch, three revisions, a switch and
/// the number of entries.
const ENVELOPE_BYTES: usize = 64;

/// What a reader says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reader {
    /// The history it knows, if it knows one.
    pub epoch: Option<Epoch>,
    /// How far it has come in it.
    pub after: i64,
}

/// A page in the making.
struct Draft {
    entries: Vec<Entry>,
    bytes: usize,
    services: BTreeSet<ServiceId>,
    last: Cursor,
    is_full: bool,
}

// === impl Reader ===

impl Reader {
    /// Whether the reader's cursor means nothing here.
    pub fn must_start_over(self, position: Position) -> bool {
        let is_ahead = self.after.unsigned_abs() > position.head.unsigned_abs();
        self.after != 0 && (self.epoch != Some(position.epoch) || is_ahead)
    }

    /// Whether there is nothing for the reader yet.
    pub fn is_up_to_date(self, position: Position) -> bool {
        self.epoch == Some(position.epoch) && self.after == position.head
    }
}

// === impl Draft ===

impl Draft {
    fn new(first: Cursor) -> Self {
        Self {
            entries: Vec::new(),
            bytes: ENVELOPE_BYTES,
            services: BTreeSet::new(),
            last: first,
            is_full: false,
        }
    }

    /// Takes an entry in with what it brings along, unless the page is full; a page has at least
    /// one. The newest state of a service that is in the page already needs no second entry.
    fn push(&mut self, entry: Entry, brought: Option<Entry>, cursor: Cursor) -> Result<()> {
        if let Entry::Service(service) = &entry
            && !self.services.insert(service.id)
        {
            self.last = cursor;
            return Ok(());
        }
        let bytes = encoded_bytes(&entry)? + brought.as_ref().map_or(Ok(0), encoded_bytes)?;
        if !self.entries.is_empty() && self.bytes + bytes > MAX_PAGE_BYTES {
            self.is_full = true;
            return Ok(());
        }
        self.bytes += bytes;
        self.entries.push(entry);
        self.entries.extend(brought);
        self.last = cursor;
        Ok(())
    }
}

/// Reads the page that continues where a reader is.
pub async fn page(snapshot: &mut Snapshot, reader: Reader) -> Result<Page> {
    let position = position(snapshot).await?;
    let start_over = reader.must_start_over(position);
    let first = if start_over { 0 } else { reader.after };
    let mut draft = Draft::new(Cursor(first));
    if first <= 0 {
        fill(snapshot, Phase::Services, -first, &mut draft).await?;
    }
    if !draft.is_full {
        fill(snapshot, Phase::Everything, first.max(0), &mut draft).await?;
    }
    if !draft.is_full {
        draft.last = Cursor::everything(position.head);
    }
    Ok(Page {
        epoch: position.epoch,
        first: Cursor(first),
        last: draft.last,
        head: position.head,
        start_over,
        entries: draft.entries,
    })
}

/// Adds a phase's entries to a page until it is full or nothing is left.
async fn fill(
    connection: &mut Connection,
    phase: Phase,
    after: i64,
    draft: &mut Draft,
) -> Result<()> {
    let mut after = after;
    loop {
        let batch = change::after(connection, phase, after).await?;
        for (revision, entry) in batch.entries {
            let cursor = match phase {
                Phase::Services => Cursor::services(revision),
                Phase::Everything => Cursor::everything(revision),
            };
            let brought = brought_along(connection, &entry).await?;
            draft.push(entry, brought, cursor)?;
            if draft.is_full {
                return Ok(());
            }
        }
        let Some(until) = batch.next_after else {
            return Ok(());
        };
        after = until;
    }
}

/// Reads the anonymous application that a service names: a gateway that holds nothing else of the
/// applications could not ask for it.
async fn brought_along(connection: &mut Connection, entry: &Entry) -> Result<Option<Entry>> {
    let Entry::Service(service) = entry else {
        return Ok(None);
    };
    let Some(id) = service.key_auth.anonymous else {
        return Ok(None);
    };
    let application = change::application(connection, id).await?;
    Ok(application.map(Entry::Application))
}

fn encoded_bytes(entry: &Entry) -> Result<usize> {
    let encoded = wire::encode(entry).map_err(|_| StorageError::Corrupt { column: "kind" })?;
    Ok(encoded.len())
}
