//! What is known of keys that are to be taken in: whose they could be, and who has them already.

use std::collections::{BTreeMap, BTreeSet};

use keystile_protocol::key::KeyDigest;

use crate::administration::imports::Given;
use crate::administration::{Acting, Conflict, Result, credentials};
use crate::domain::application::Application;
use crate::domain::credential::{Credential, ImportedKey, WeakKeys};
use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::timestamp::Timestamp;
use crate::storage::{Connection, application, credential};

/// The member that is refused, and why.
type Refusal = (&'static str, String);

/// What is known.
pub(super) struct Known<'a> {
    acting: &'a Acting,
    weak: WeakKeys,
    now: Timestamp,
    applications: Vec<Application>,
    /// When a key of an application stops being valid unless something else is said.
    ends: BTreeMap<ApplicationId, Option<Timestamp>>,
    /// Who has a key, those judged before included.
    owners: BTreeMap<KeyDigest, ApplicationId>,
    withdrawn: BTreeSet<KeyDigest>,
}

impl<'a> Known<'a> {
    /// Reads what there is to know of some keys.
    pub(super) async fn read(
        connection: &mut Connection,
        acting: &'a Acting,
        given: &[Given],
    ) -> Result<Self> {
        let weak = acting.registry.settings.weak_keys;
        let now = acting.now();
        let names: BTreeSet<String> = given.iter().flat_map(spellings).collect();
        let applications = application::named(connection, &names).await?;
        let mut ends = BTreeMap::new();
        for application in &applications {
            let end = credentials::usual_end(connection, application, now).await?;
            ends.insert(application.id, end);
        }
        let digests: BTreeSet<KeyDigest> = given
            .iter()
            .filter_map(|one| ImportedKey::parse(&one.key, weak).ok())
            .map(|key| key.digest)
            .collect();
        Ok(Self {
            acting,
            weak,
            now,
            applications,
            ends,
            owners: credential::owners(connection, &digests).await?,
            withdrawn: credential::withdrawn_among(connection, &digests).await?,
        })
    }

    /// Makes a credential of a key; returns none if its application has it already.
    pub(super) fn judge(
        &mut self,
        given: &Given,
    ) -> std::result::Result<Option<Credential>, Refusal> {
        let key = ImportedKey::parse(&given.key, self.weak);
        let key = key.map_err(|error| ("key", error.to_string()))?;
        let application = self.application(given.application.as_str())?;
        let taken = || ("key", Conflict::Key.to_string());
        match self.owners.get(&key.digest) {
            Some(owner) if *owner == application => return Ok(None),
            Some(_) => return Err(taken()),
            None if self.withdrawn.contains(&key.digest) => return Err(taken()),
            None => {}
        }
        let mut expires_at = self.ends.get(&application).copied().flatten();
        given.expires_at.clone().apply(&mut expires_at);
        let name = given.display_name.clone();
        self.owners.insert(key.digest, application);
        Ok(Some(Credential {
            id: CredentialId(self.acting.new_id()),
            application,
            display_name: name.unwrap_or_else(credentials::unnamed),
            digest: key.digest,
            hint: key.hint,
            expires_at,
            suspended_at: None,
            last_used_at: None,
            created_at: self.now,
            updated_at: self.now,
        }))
    }

    fn application(&self, name: &str) -> std::result::Result<ApplicationId, Refusal> {
        let refused = |reason: &str| ("application", reason.to_owned());
        let id = name.parse::<ApplicationId>().ok();
        let is_named = |application: &&Application| {
            let reference = application.reference_id.as_ref();
            Some(application.id) == id || reference.is_some_and(|one| one.as_str() == name)
        };
        let mut named = self.applications.iter().filter(is_named);
        match (named.next(), named.next()) {
            (Some(application), None) => Ok(application.id),
            (None, _) => Err(refused(
                "names no application, neither by its id nor by its reference id",
            )),
            (Some(_), Some(_)) => Err(refused(
                "names two applications: one by its id and one by its reference id",
            )),
        }
    }
}

/// Returns what an application is looked for by: its name as given, and as ids are kept if it is one.
fn spellings(given: &Given) -> impl Iterator<Item = String> + use<> {
    let name = given.application.as_str();
    let id = name.parse::<ApplicationId>().ok();
    [Some(name.to_owned()), id.map(|id| id.to_string())]
        .into_iter()
        .flatten()
}
