//! What gateways read: the history's position, pages of the feed, and what is known of one key.

mod change;
mod check;
mod entry;
mod page;

use keystile_protocol::id::Epoch;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use tokio::sync::watch;

use crate::domain::change::Change;
use crate::domain::timestamp::Timestamp;
use crate::random::Random;
use crate::storage::question::Question;
use crate::storage::row::parsed;
use crate::storage::{Connection, Result, Storage, listen};

pub use page::{Reader, page};

const POSITION: &str = "select epoch, revision from registry where one = 1";

/// Where the registry's history stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Which unbroken history.
    pub epoch: Epoch,
    /// The newest revision in it.
    pub head: i64,
}

// === impl Position ===

impl Position {
    /// Returns a position in no history, for before the first look.
    pub(super) fn nowhere(random: &Random) -> Self {
        Self {
            epoch: Epoch(random.uuid()),
            head: 0,
        }
    }
}

// === impl Storage ===

impl Storage {
    /// Watches the position: writes of this process move it at once, those of others as soon as
    /// [`Storage::refresh_position`] looks.
    pub fn watch_position(&self) -> watch::Receiver<Position> {
        self.position.subscribe()
    }

    /// Looks where the history stands, and tells whoever watches.
    pub async fn refresh_position(&self) -> Result<Position> {
        let question = Question {
            text: POSITION,
            about: None,
        };
        let found = self.questions.ask(question).await?;
        let row = found.as_ref().as_ref().ok_or(sqlx::Error::RowNotFound)?;
        let position = position_of(row)?;
        announce(&self.position, position);
        Ok(position)
    }
}

/// Reads where the history stands.
pub async fn position(connection: &mut Connection) -> Result<Position> {
    let row = sqlx::query(POSITION).fetch_one(connection).await?;
    position_of(&row)
}

fn position_of(row: &AnyRow) -> Result<Position> {
    Ok(Position {
        epoch: parsed(row, "epoch")?,
        head: row.try_get("revision")?,
    })
}

/// Begins the history of a registry that has none.
pub(super) async fn begin(connection: &mut Connection, epoch: Epoch, now: Timestamp) -> Result<()> {
    sqlx::query(
        "insert into registry (one, epoch, revision, writes, created_at) values (1, $1, 0, 0, $2) \
         on conflict (one) do nothing",
    )
    .bind(epoch.to_string())
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes at which revision something changed.
pub(super) async fn record(
    connection: &mut Connection,
    change: Change,
    revision: i64,
) -> Result<()> {
    sqlx::query(
        "insert into change (kind, entity_id, revision) values ($1, $2, $3) \
         on conflict (kind, entity_id) do update set revision = excluded.revision",
    )
    .bind(change.kind().name())
    .bind(change.id().to_string())
    .bind(revision)
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves the newest revision, and lets other replicas hear of it.
pub(super) async fn advance(connection: &mut Connection, head: i64) -> Result<()> {
    sqlx::query("update registry set revision = $1 where one = 1")
        .bind(head)
        .execute(&mut *connection)
        .await?;
    listen::tell(connection).await
}

/// Tells whoever watches where the history stands; never back within one epoch.
pub(super) fn announce(watch: &watch::Sender<Position>, now: Position) {
    watch.send_if_modified(|known| {
        let is_news = known.epoch != now.epoch || known.head < now.head;
        if is_news {
            *known = now;
        }
        is_news
    });
}
