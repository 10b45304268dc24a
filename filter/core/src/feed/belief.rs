//! What to believe of the registry's answers, and what a page says about where its reader is.

use keystile_protocol::id::Epoch;
use keystile_protocol::state::{Cursor, Page};
use keystile_protocol::wire;

use crate::answer::Answer;

use super::Progress;

/// Whether the registry answers, as far as the last request told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contact {
    /// With something to believe.
    Kept,
    /// Not at all, or not so.
    Lost,
}

/// Parses a page and returns it if it continues where its reader is, or starts over.
pub(super) fn believable_page(
    answer: Answer<'_>,
    cursor: Cursor,
    epoch: Option<Epoch>,
) -> Option<Page> {
    let Answer::Registry(bytes) = answer else {
        return None;
    };
    let page: Page = wire::decode(bytes).ok()?;
    let continues = if page.start_over {
        page.first == Cursor::START
    } else {
        // A reader that has read nothing has nothing to forget, whatever the epoch.
        let is_same_epoch = cursor == Cursor::START || epoch == Some(page.epoch);
        page.first == cursor && is_same_epoch
    };
    (continues && is_coherent(&page)).then_some(page)
}

/// Returns how much has been read when a page is taken in.
pub(super) fn progress_after(page: &Page) -> Progress {
    match page.last {
        last if last.0 == page.head => Progress::Complete,
        last if last.0 > 0 => Progress::Services,
        _ => Progress::Beginning,
    }
}

/// Returns the revision from which on a reader is told of every change.
///
/// Services that change while services are read may be missed, so that is where reading began.
pub(super) fn horizon_after(page: &Page, before: i64) -> i64 {
    if page.first == Cursor::START {
        page.head
    } else {
        before.max(page.last.0)
    }
}

/// Whether a page goes forwards, not beyond its own head, and not nowhere.
fn is_coherent(page: &Page) -> bool {
    let advances = rank(page.last) > rank(page.first);
    let stays = page.last == page.first && page.entries.is_empty() && page.is_complete();
    (advances || stays) && page.last.0.unsigned_abs() <= page.head.unsigned_abs()
}

/// The order in which a reader passes through cursors: services first, then everything.
fn rank(cursor: Cursor) -> (bool, u64) {
    (cursor.0 > 0, cursor.0.unsigned_abs())
}
