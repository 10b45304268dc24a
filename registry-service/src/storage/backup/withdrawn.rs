//! What was revoked after a backup was taken, and would come back to life with it.
//!
//! The database that the backup takes the place of knows. Whatever it refuses, the restored one
//! refuses too, unless somebody asks for the past as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::change::Change;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::storage::backup::restore::Past;
use crate::storage::row::parsed;
use crate::storage::{Connection, Result, Write, credential};

/// What a database knows to be refused.
#[derive(Debug, Default)]
pub(super) struct Withdrawn {
    /// Digests of keys that were revoked.
    spent: BTreeSet<String>,
    /// When keys end and since when they are suspended, by digest.
    keys: BTreeMap<String, (Option<i64>, Option<i64>)>,
    /// Revoked tokens, and when.
    tokens: BTreeMap<String, i64>,
    /// Applications that are suspended, and since when.
    applications: BTreeMap<String, i64>,
    /// Developers and registrations that may not go on, by id, and how they stand.
    developers: BTreeMap<String, String>,
    registrations: BTreeMap<String, String>,
}

/// Something that is refused now and was not when the backup was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revived {
    /// What it is, in a word.
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

impl fmt::Display for Revived {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} ({})", self.what, self.id, self.name)
    }
}

// === impl Withdrawn ===

impl Withdrawn {
    /// Reads what a database refuses.
    pub(super) async fn read(connection: &mut Connection) -> Result<Self> {
        let mut withdrawn = Self::default();
        for row in rows(connection, "select digest from spent_key").await? {
            withdrawn.spent.insert(row.try_get("digest")?);
        }
        let keys = "select digest, expires_at, suspended_at from credential \
                    where expires_at is not null or suspended_at is not null";
        for row in rows(connection, keys).await? {
            let limits = (row.try_get("expires_at")?, row.try_get("suspended_at")?);
            withdrawn.keys.insert(row.try_get("digest")?, limits);
        }
        let tokens = "select token_id as id, revoked_at as state from token \
                      where revoked_at is not null";
        withdrawn.tokens = pairs(connection, tokens).await?;
        let applications = "select application_id as id, suspended_at as state from application \
                            where suspended_at is not null";
        withdrawn.applications = pairs(connection, applications).await?;
        let developers = "select developer_id as id, status as state from developer \
                          where status in ('rejected', 'revoked')";
        withdrawn.developers = pairs(connection, developers).await?;
        let registrations = "select registration_id as id, status as state from registration \
                             where status in ('rejected', 'revoked')";
        withdrawn.registrations = pairs(connection, registrations).await?;
        Ok(withdrawn)
    }

    /// Finds what a restored database would let in again, and refuses it there unless the past is
    /// wanted as it was.
    pub(super) async fn apply(self, write: &mut Write, past: Past) -> Result<Vec<Revived>> {
        let mut revived = self.keys(write, past).await?;
        revived.extend(self.tokens(write, past).await?);
        revived.extend(self.applications(write, past).await?);
        revived.extend(self.developers(write, past).await?);
        revived.extend(self.registrations(write, past).await?);
        if past == Past::WithoutRevoked {
            for digest in &self.spent {
                sqlx::query(
                    "insert into spent_key (digest, spent_at) values ($1, $2) \
                     on conflict (digest) do nothing",
                )
                .bind(digest)
                .bind(write.now.0)
                .execute(&mut **write)
                .await?;
            }
        }
        Ok(revived)
    }

    async fn keys(&self, write: &mut Write, past: Past) -> Result<Vec<Revived>> {
        let text = "select c.credential_id, c.digest, c.display_name, c.expires_at, \
                    c.suspended_at, a.name from credential c \
                    join application a on a.application_id = c.application_id";
        let mut revived = Vec::new();
        for row in rows(write, text).await? {
            let digest: String = row.try_get("digest")?;
            let id: CredentialId = parsed(&row, "credential_id")?;
            if self.spent.contains(&digest) {
                revived.push(key("revoked key", id, &row)?);
                if past == Past::WithoutRevoked {
                    credential::remove(write, id).await?;
                }
            } else if let Some(limits) = self.keys.get(&digest)
                && let Some(limits) = narrower(&row, *limits)?
            {
                revived.push(key("suspended or ended key", id, &row)?);
                if past == Past::WithoutRevoked {
                    limit(write, id, limits).await?;
                }
            }
        }
        Ok(revived)
    }

    async fn tokens(&self, write: &mut Write, past: Past) -> Result<Vec<Revived>> {
        let mut revived = Vec::new();
        for row in rows(
            write,
            "select token_id, name from token where revoked_at is null",
        )
        .await?
        {
            let id: String = row.try_get("token_id")?;
            let Some(at) = self.tokens.get(&id) else {
                continue;
            };
            revived.push(named("revoked token", &id, row.try_get("name")?));
            if past == Past::WithoutRevoked {
                let text = "update token set revoked_at = $1 where token_id = $2";
                let query = sqlx::query(text).bind(*at).bind(id);
                query.execute(&mut **write).await?;
            }
        }
        Ok(revived)
    }

    async fn applications(&self, write: &mut Write, past: Past) -> Result<Vec<Revived>> {
        let mut revived = Vec::new();
        let text = "select application_id, name from application where suspended_at is null";
        for row in rows(write, text).await? {
            let id: ApplicationId = parsed(&row, "application_id")?;
            let Some(at) = self.applications.get(&id.to_string()) else {
                continue;
            };
            let name = row.try_get("name")?;
            revived.push(named("suspended application", &id.to_string(), name));
            if past == Past::WithoutRevoked {
                let text = "update application set suspended_at = $1 where application_id = $2";
                let query = sqlx::query(text).bind(*at).bind(id.to_string());
                query.execute(&mut **write).await?;
                write.changed(Change::Application(id));
            }
        }
        Ok(revived)
    }

    async fn developers(&self, write: &mut Write, past: Past) -> Result<Vec<Revived>> {
        let mut revived = Vec::new();
        let text = "select developer_id, email from developer where status = 'approved'";
        for row in rows(write, text).await? {
            let id: String = row.try_get("developer_id")?;
            let Some(status) = self.developers.get(&id) else {
                continue;
            };
            revived.push(named("revoked developer", &id, row.try_get("email")?));
            if past == Past::WithoutRevoked {
                let text = "update developer set status = $1 where developer_id = $2";
                let query = sqlx::query(text).bind(status).bind(&id);
                query.execute(&mut **write).await?;
                let text = "select application_id from application where developer_id = $1";
                let owned = sqlx::query(text).bind(&id).fetch_all(&mut **write).await?;
                for row in owned {
                    write.changed(Change::Application(parsed(&row, "application_id")?));
                }
            }
        }
        Ok(revived)
    }

    async fn registrations(&self, write: &mut Write, past: Past) -> Result<Vec<Revived>> {
        let mut revived = Vec::new();
        let text = "select r.registration_id, r.application_id, a.name from registration r \
                    join application a on a.application_id = r.application_id \
                    where r.status = 'approved'";
        for row in rows(write, text).await? {
            let id: String = row.try_get("registration_id")?;
            let Some(status) = self.registrations.get(&id) else {
                continue;
            };
            revived.push(named("revoked registration", &id, row.try_get("name")?));
            if past == Past::WithoutRevoked {
                let text = "update registration set status = $1 where registration_id = $2";
                let query = sqlx::query(text).bind(status).bind(id);
                query.execute(&mut **write).await?;
                write.changed(Change::Application(parsed(&row, "application_id")?));
            }
        }
        Ok(revived)
    }
}

/// Returns the limits of a key as they shall be if they are narrower than a row's.
fn narrower(
    row: &AnyRow,
    (end, suspended): (Option<i64>, Option<i64>),
) -> Result<Option<(Option<i64>, Option<i64>)>> {
    let own_end: Option<i64> = row.try_get("expires_at")?;
    let own_suspended: Option<i64> = row.try_get("suspended_at")?;
    let ends_earlier = end.is_some_and(|end| own_end.is_none_or(|own| end < own));
    let is_suspended = suspended.is_some() && own_suspended.is_none();
    if !ends_earlier && !is_suspended {
        return Ok(None);
    }
    let end = if ends_earlier { end } else { own_end };
    Ok(Some((end, own_suspended.or(suspended))))
}

async fn limit(
    write: &mut Write,
    id: CredentialId,
    (end, suspended): (Option<i64>, Option<i64>),
) -> Result<()> {
    let text = "update credential set expires_at = $1, suspended_at = $2 where credential_id = $3";
    let query = sqlx::query(text).bind(end).bind(suspended);
    query.bind(id.to_string()).execute(&mut **write).await?;
    write.changed(Change::Credential(id));
    Ok(())
}

fn key(what: &'static str, id: CredentialId, row: &AnyRow) -> Result<Revived> {
    let (own, owner): (String, String) = (row.try_get("display_name")?, row.try_get("name")?);
    Ok(named(what, &id.to_string(), format!("{own}, of {owner}")))
}

fn named(what: &'static str, id: &str, name: String) -> Revived {
    Revived {
        what,
        id: id.to_owned(),
        name,
    }
}

async fn rows(connection: &mut Connection, text: &'static str) -> Result<Vec<AnyRow>> {
    Ok(sqlx::query(text).fetch_all(connection).await?)
}

async fn pairs<T>(connection: &mut Connection, text: &'static str) -> Result<BTreeMap<String, T>>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    let mut pairs = BTreeMap::new();
    for row in rows(connection, text).await? {
        pairs.insert(row.try_get("id")?, row.try_get("state")?);
    }
    Ok(pairs)
}
