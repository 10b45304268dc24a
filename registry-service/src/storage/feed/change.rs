//! What changed after a revision, as it is now: the changes of all kinds in their order, and for each
//! kind that is among them one query that reads what is still there.

use std::collections::{BTreeMap, BTreeSet};

use keystile_protocol::application::Application;
use keystile_protocol::state::{Entry, Removed};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::domain::change::{Change, ChangeKind};
use crate::domain::id::ApplicationId;
use crate::storage::feed::entry;
use crate::storage::row::parsed;
use crate::storage::{Connection, Result};

/// How many changes are read at a time; credentials fill a page with some two thousand.
const BATCH: i64 = 1024;

/// Which changes a page is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Services that are there.
    Services,
    /// Whatever there is, and what is gone.
    Everything,
}

/// Where things of a kind are read.
struct Source {
    columns: &'static str,
    tables: &'static str,
    is_changed: &'static str,
    read: fn(&AnyRow) -> Result<Entry>,
}

/// Some changes in the order of their revisions.
#[derive(Debug)]
pub(super) struct Batch {
    /// What is said about each, with its revision.
    pub(super) entries: Vec<(i64, Entry)>,
    /// After which revision there may be more.
    pub(super) next_after: Option<i64>,
}

// === impl Source ===

impl Source {
    fn of(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Service => Self {
                columns: entry::SERVICE,
                tables: "service s \
                    left join publication p on p.product_version_id = s.product_version_id \
                    left join auth_strategy t on t.auth_strategy_id = p.auth_strategy_id",
                is_changed: "s.service_id = c.entity_id",
                read: |row| entry::service(row).map(Entry::Service),
            },
            ChangeKind::Application => Self {
                columns: entry::APPLICATION,
                tables: "application a cross join portal o \
                    left join developer d on d.developer_id = a.developer_id",
                is_changed: "a.application_id = c.entity_id",
                read: |row| entry::application(row).map(Entry::Application),
            },
            ChangeKind::Credential => Self {
                columns: entry::CREDENTIAL,
                tables: "credential k",
                // A key that is suspended is as good as gone.
                is_changed: "k.credential_id = c.entity_id and k.suspended_at is null",
                read: |row| entry::credential(row).map(Entry::Credential),
            },
        }
    }

    /// Returns the query for what of a kind is left of the changes between two revisions.
    fn changed(&self) -> String {
        let Self {
            columns,
            tables,
            is_changed,
            ..
        } = self;
        format!(
            // SQLite takes the tables of a cross join in their order: the changes are the fewest.
            "select c.revision, {columns} from change c cross join {tables} \
             where c.kind = $1 and c.revision > $2 and c.revision <= $3 and {is_changed}"
        )
    }
}

/// Reads what changed after a revision.
pub(super) async fn after(connection: &mut Connection, phase: Phase, after: i64) -> Result<Batch> {
    let changes = changes(connection, phase, after).await?;
    let until = changes.last().map_or(after, |(revision, _)| *revision);
    let mut present = present(connection, &changes, (after, until)).await?;
    let is_last = i64::try_from(changes.len()).is_ok_and(|count| count < BATCH);
    let said = |(revision, change): (i64, Change)| {
        let entry = present.remove(&revision).or_else(|| gone(change, phase));
        entry.map(|entry| (revision, entry))
    };
    Ok(Batch {
        entries: changes.into_iter().filter_map(said).collect(),
        next_after: (!is_last).then_some(until),
    })
}

/// Reads one application.
pub(super) async fn application(
    connection: &mut Connection,
    id: ApplicationId,
) -> Result<Option<Application>> {
    let Source {
        columns, tables, ..
    } = Source::of(ChangeKind::Application);
    let text = format!("select {columns} from {tables} where a.application_id = $1");
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(entry::application).transpose()
}

async fn changes(
    connection: &mut Connection,
    phase: Phase,
    after: i64,
) -> Result<Vec<(i64, Change)>> {
    let text = match phase {
        Phase::Services => {
            "select kind, entity_id, revision from change \
             where kind = 'service' and revision > $1 order by revision limit $2"
        }
        Phase::Everything => {
            "select kind, entity_id, revision from change \
             where revision > $1 order by revision limit $2"
        }
    };
    let query = sqlx::query(text).bind(after).bind(BATCH);
    let rows = query.fetch_all(connection).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("revision")?, change(row)?)))
        .collect()
}

/// Reads what of the changes is still there, by their revisions.
async fn present(
    connection: &mut Connection,
    changes: &[(i64, Change)],
    (after, until): (i64, i64),
) -> Result<BTreeMap<i64, Entry>> {
    let kinds: BTreeSet<_> = changes.iter().map(|(_, change)| change.kind()).collect();
    let mut present = BTreeMap::new();
    for kind in kinds {
        let source = Source::of(kind);
        let query = sqlx::query(AssertSqlSafe(source.changed()));
        let query = query.bind(kind.name()).bind(after).bind(until);
        for row in query.fetch_all(&mut *connection).await? {
            present.insert(row.try_get("revision")?, (source.read)(&row)?);
        }
    }
    Ok(present)
}

fn change(row: &AnyRow) -> Result<Change> {
    Ok(Change::of(parsed(row, "kind")?, parsed(row, "entity_id")?))
}

/// A service that is gone was never there for a reader that only begins.
fn gone(change: Change, phase: Phase) -> Option<Entry> {
    let removed = match change {
        Change::Service(_) if phase == Phase::Services => return None,
        Change::Service(id) => Removed::Service(id),
        Change::Application(id) => Removed::Application(id),
        Change::Credential(id) => Removed::Credential(id),
    };
    Some(Entry::Removed(removed))
}
