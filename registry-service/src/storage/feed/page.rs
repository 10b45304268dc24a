//! One page of the feed: services first, then everything in the order of its revisions. A service
//! brings the anonymous application it names along.

use std::collections::{BTreeMap, BTreeSet};

use keystile_protocol::id::{ApplicationId, Epoch, ServiceId};
use keystile_protocol::state::{Cursor, Entry, MAX_PAGE_BYTES, Page};
use keystile_protocol::wire;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::storage::feed::{Position, application, entry, position};
use crate::storage::row::parsed;
use crate::storage::{Connection, Result, Snapshot, StorageError};

/// How many rows are read at a time.
const BATCH: i64 = 512;

/// What a page needs besides its entries, in bytes, at most: an epoch, three revisions, a switch and
/// the number of entries.
const ENVELOPE_BYTES: usize = 64;

const COLUMNS: &str = "select c.kind, c.entity_id, c.revision, \
    s.name as service_name, s.product_version_id, s.key_names, s.key_in_header, s.key_in_query, \
    s.key_in_body, s.hide_credentials, s.anonymous, s.run_on_preflight, s.realm, s.value_prefix, \
    s.acl_rule, s.acl_groups, s.hide_groups_header, s.is_public, \
    p.auth_strategy_id, t.key_names as strategy_key_names, \
    a.name as application_name, a.reference_id, a.suspended_at as application_suspended_at, \
    d.status as developer_status, \
    (select revoke_keeps_traffic from portal where one = 1) as revoke_keeps_traffic, \
    k.digest, k.application_id as credential_application, k.expires_at \
    from change c \
    left join service s on c.kind = 'service' and s.service_id = c.entity_id \
    left join publication p on p.product_version_id = s.product_version_id \
    left join auth_strategy t on t.auth_strategy_id = p.auth_strategy_id \
    left join application a on c.kind = 'application' and a.application_id = c.entity_id \
    left join developer d on d.developer_id = a.developer_id \
    left join credential k on c.kind = 'credential' and k.credential_id = c.entity_id \
    and k.suspended_at is null";

/// What a reader says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reader {
    /// The history it knows, if it knows one.
    pub epoch: Option<Epoch>,
    /// How far it has come in it.
    pub after: i64,
}

/// Which rows a page is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Services,
    Everything,
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
        let rows = rows(connection, phase, after).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        let until: i64 = last.try_get("revision")?;
        let mut details = Details::read(connection, phase, (after, until)).await?;
        for row in &rows {
            let revision = row.try_get("revision")?;
            let cursor = match phase {
                Phase::Services => Cursor::services(revision),
                Phase::Everything => Cursor::everything(revision),
            };
            let entry = details.complete(entry::entry(row)?);
            let brought = brought_along(connection, &entry).await?;
            draft.push(entry, brought, cursor)?;
            if draft.is_full {
                return Ok(());
            }
        }
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
    let application = application(connection, id).await?;
    Ok(application.map(Entry::Application))
}

fn encoded_bytes(entry: &Entry) -> Result<usize> {
    let encoded = wire::encode(entry).map_err(|_| StorageError::Corrupt { column: "kind" })?;
    Ok(encoded.len())
}

async fn rows(connection: &mut Connection, phase: Phase, after: i64) -> Result<Vec<AnyRow>> {
    let condition = match phase {
        // A service that is gone was never there for a reader that only begins.
        Phase::Services => "c.kind = 'service' and s.service_id is not null and c.revision > $1",
        Phase::Everything => "c.revision > $1",
    };
    let text = format!("{COLUMNS} where {condition} order by c.revision limit $2");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(after)
        .bind(BATCH)
        .fetch_all(connection)
        .await?;
    Ok(rows)
}

/// The groups and approvals of the applications that changed between two revisions.
#[derive(Default)]
struct Details {
    groups: BTreeMap<ApplicationId, Vec<String>>,
    approved: BTreeMap<ApplicationId, Vec<keystile_protocol::id::ProductVersionId>>,
}

impl Details {
    async fn read(connection: &mut Connection, phase: Phase, range: (i64, i64)) -> Result<Self> {
        let mut details = Self::default();
        if phase == Phase::Services {
            return Ok(details);
        }
        let groups = "select g.application_id, g.name from change c \
            join application_group g on g.application_id = c.entity_id \
            where c.kind = 'application' and c.revision > $1 and c.revision <= $2 order by g.name";
        for row in between(connection, groups, range).await? {
            let application = parsed(&row, "application_id")?;
            let names = details.groups.entry(application).or_default();
            names.push(row.try_get("name")?);
        }
        let approved = "select r.application_id, r.product_version_id from change c \
            join registration r on r.application_id = c.entity_id and r.status = 'approved' \
            where c.kind = 'application' and c.revision > $1 and c.revision <= $2 \
            order by r.product_version_id";
        for row in between(connection, approved, range).await? {
            let application = parsed(&row, "application_id")?;
            let versions = details.approved.entry(application).or_default();
            versions.push(parsed(&row, "product_version_id")?);
        }
        Ok(details)
    }

    fn complete(&mut self, entry: Entry) -> Entry {
        match entry {
            Entry::Application(mut application) => {
                application.groups = self.groups.remove(&application.id).unwrap_or_default();
                application.approved = self.approved.remove(&application.id).unwrap_or_default();
                Entry::Application(application)
            }
            other => other,
        }
    }
}

async fn between(
    connection: &mut Connection,
    text: &'static str,
    (after, until): (i64, i64),
) -> Result<Vec<AnyRow>> {
    let query = sqlx::query(text).bind(after).bind(until);
    Ok(query.fetch_all(connection).await?)
}
