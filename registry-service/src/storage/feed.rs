//! What gateways read: the history's position, pages of the feed, and what is known of one key.

mod entry;
mod page;

use keystile_protocol::application::Application;
use keystile_protocol::check::Outcome;
use keystile_protocol::id::Epoch;
use keystile_protocol::key::KeyDigest;
use sqlx::Row as _;
use tokio::sync::watch;

use crate::domain::change::Change;
use crate::domain::id::ApplicationId;
use crate::domain::timestamp::Timestamp;
use crate::random::Random;
use crate::storage::row::parsed;
use crate::storage::{Connection, Result, Storage, listen};

pub use page::{Reader, page};

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
        let mut connection = self.pool.acquire().await?;
        let position = position(&mut connection).await?;
        announce(&self.position, position);
        Ok(position)
    }
}

/// Reads where the history stands.
pub async fn position(connection: &mut Connection) -> Result<Position> {
    let row = sqlx::query("select epoch, revision from registry where one = 1")
        .fetch_one(connection)
        .await?;
    Ok(Position {
        epoch: parsed(&row, "epoch")?,
        head: row.try_get("revision")?,
    })
}

/// Reads what is known of a key.
pub async fn check(connection: &mut Connection, digest: KeyDigest) -> Result<Outcome> {
    let row = sqlx::query(
        "select credential_id as entity_id, application_id as credential_application, digest, \
         expires_at from credential where digest = $1 and suspended_at is null",
    )
    .bind(digest.to_string())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(Outcome::Unknown);
    };
    let credential = entry::credential(&row)?;
    let application = application(connection, credential.application).await?;
    Ok(match application {
        Some(application) => Outcome::Found {
            credential,
            application,
        },
        None => Outcome::Unknown,
    })
}

async fn application(
    connection: &mut Connection,
    id: ApplicationId,
) -> Result<Option<Application>> {
    let id = id.to_string();
    let row = sqlx::query(
        "select a.application_id as entity_id, a.name as application_name, a.reference_id, \
         a.suspended_at as application_suspended_at, d.status as developer_status, \
         (select revoke_keeps_traffic from portal where one = 1) as revoke_keeps_traffic \
         from application a left join developer d on d.developer_id = a.developer_id \
         where a.application_id = $1",
    )
    .bind(&id)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let mut application = entry::application(&row)?;
    let groups = "select name from application_group where application_id = $1 order by name";
    let groups = sqlx::query(groups).bind(&id);
    for row in groups.fetch_all(&mut *connection).await? {
        application.groups.push(row.try_get("name")?);
    }
    let approved = "select product_version_id from registration \
                    where application_id = $1 and status = 'approved' order by product_version_id";
    for row in sqlx::query(approved)
        .bind(&id)
        .fetch_all(connection)
        .await?
    {
        application
            .approved
            .push(parsed(&row, "product_version_id")?);
    }
    Ok(Some(application))
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
    let (kind, id) = match change {
        Change::Service(id) => ("service", id.to_string()),
        Change::Application(id) => ("application", id.to_string()),
        Change::Credential(id) => ("credential", id.to_string()),
    };
    sqlx::query(
        "insert into change (kind, entity_id, revision) values ($1, $2, $3) \
         on conflict (kind, entity_id) do update set revision = excluded.revision",
    )
    .bind(kind)
    .bind(id)
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
