//! Keys that exist elsewhere, taken in many at a time: all of them, or none.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::administration::imports::known::Known;
use crate::administration::{Acting, Conflict, InvalidField, Result};
use crate::domain::access::Duty;
use crate::domain::credential::Credential;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;
use crate::domain::wish::Wish;
use crate::storage::{Connection, Deed, credential};

mod known;

/// How many keys are taken in at once at most: a body of them, however they are written, is read.
pub const MOST_KEYS: usize = 250;

/// Keys to be taken in together.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// The keys: 1 to 250.
    pub credentials: Vec<Given>,
    /// Whether they are only judged.
    #[serde(default)]
    pub dry_run: bool,
}

/// A key that exists elsewhere.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Whose it is: the id or the reference id of an application.
    pub application: Line<255>,
    /// Its name.
    pub display_name: Option<Line<255>>,
    /// The key, or `sha256:` and its digest.
    pub key: String,
    /// When it stops being valid, in the past too; missing: as the auth strategy says.
    #[serde(default)]
    pub expires_at: Wish<Timestamp>,
}

/// What became of keys, or would become.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Imported {
    /// How many were taken in: none if one is refused.
    pub added: usize,
    /// How many the applications had already; those stay as they are.
    pub present: usize,
    /// Which are refused, and why.
    pub refused: Vec<Refused>,
}

/// A key that is not taken in.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Refused {
    /// Its place among those given, from 0.
    pub index: usize,
    /// The member that is refused.
    pub field: &'static str,
    /// Why.
    pub reason: String,
}

/// What the audit keeps of an import.
#[derive(Serialize)]
struct Kept {
    credentials: BTreeMap<ApplicationId, Vec<CredentialId>>,
}

// === impl Given ===

impl fmt::Debug for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Given(..)")
    }
}

// === impl Kept ===

impl Kept {
    fn of(credentials: &[Credential]) -> Self {
        let mut kept: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for one in credentials {
            kept.entry(one.application).or_default().push(one.id);
        }
        Self { credentials: kept }
    }
}

/// Takes keys in, or only judges them. If one is refused, none is taken in.
pub async fn import(acting: &Acting, import: &Import) -> Result<Imported> {
    if !(1..=MOST_KEYS).contains(&import.credentials.len()) {
        return Err(InvalidField::new("credentials", "items", "must be 1 to 250").into());
    }
    if import.dry_run {
        let mut snapshot = acting.read_for(Duty::Manage).await?;
        return Ok(judge(&mut snapshot, acting, &import.credentials).await?.0);
    }
    let mut write = acting.write_secret(Duty::Manage).await?;
    let (imported, credentials) = judge(&mut write, acting, &import.credentials).await?;
    // A write that changes nothing leaves no trace.
    if imported.added > 0 {
        credential::add_many(&mut write, &credentials)
            .await
            .map_err(Conflict::Key.if_taken())?;
        let deed = Deed::new("credential.import", acting.new_id());
        write.commit(deed.became(&Kept::of(&credentials))).await?;
    }
    Ok(imported)
}

async fn judge(
    connection: &mut Connection,
    acting: &Acting,
    given: &[Given],
) -> Result<(Imported, Vec<Credential>)> {
    let mut known = Known::read(connection, acting, given).await?;
    let mut imported = Imported::default();
    let mut credentials = Vec::new();
    for (index, one) in given.iter().enumerate() {
        match known.judge(one) {
            Ok(Some(credential)) => credentials.push(credential),
            Ok(None) => imported.present += 1,
            Err((field, reason)) => imported.refused.push(Refused {
                index,
                field,
                reason,
            }),
        }
    }
    if imported.refused.is_empty() {
        imported.added = credentials.len();
    }
    Ok((imported, credentials))
}
