//! What a case's registry keeps, by the names the case uses.

pub(crate) mod load;

use std::collections::BTreeMap;

use cases::resident::{Resident, draft};
use keystile_registry::Registry;
use keystile_registry::domain::credential::InvalidKey;
use keystile_registry::domain::id::{ApplicationId, CredentialId, ProductVersionId};
use keystile_registry::domain::publication::RegistrationRefused;
use keystile_registry::domain::registration::{Registration, RegistrationStatus};
use keystile_registry::domain::service::InvalidService;
use keystile_registry::domain::text::{InvalidText, Line};
use keystile_registry::domain::timestamp::Timestamp;
use keystile_registry::storage::{
    Deed, Range, StorageError, Wanted, Write, application, credential, registration,
};

use crate::case::fixtures::{Life, Status};
use crate::case::step::Action;
use crate::matcher::Ids;

/// What was made, by the names the case uses.
#[derive(Debug, Default)]
pub(crate) struct Records {
    applications: BTreeMap<String, ApplicationId>,
    credentials: BTreeMap<String, (ApplicationId, CredentialId)>,
    versions: BTreeMap<String, ProductVersionId>,
}

/// Why the registry does not hold what a case asks for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    /// The case names something that is not there.
    #[error("nothing is called `{0}`")]
    NoSuchName(String),
    /// The case calls two things the same.
    #[error("two things are called `{0}`")]
    TwoOfAName(String),
    /// A text is refused.
    #[error("`{0}` {1}")]
    Text(String, InvalidText),
    /// A key is refused.
    #[error("a key {0}")]
    Key(#[from] InvalidKey),
    /// The service is refused.
    #[error("the service {0}")]
    Service(#[from] InvalidService),
    /// A registration that was asked for is refused.
    #[error("registering: {0}")]
    Refused(#[from] RegistrationRefused),
    /// The database says no.
    #[error("the registry: {0:?}")]
    Storage(#[from] StorageError),
}

/// A key in the making.
struct NewKey<'a> {
    value: &'a str,
    expires_at: Option<Timestamp>,
}

type Result<T> = std::result::Result<T, RecordError>;

// === impl Records ===

impl Records {
    /// Returns the ids matchers speak of.
    pub(crate) fn ids(&self) -> Ids {
        let consumers = self.applications.iter();
        let credentials = self.credentials.iter();
        Ids {
            consumers: consumers
                .map(|(name, id)| (name.clone(), id.to_string()))
                .collect(),
            credentials: credentials
                .map(|(key, (_, id))| (key.clone(), id.to_string()))
                .collect(),
        }
    }

    /// Does what happens at the registry between two exchanges.
    pub(crate) async fn act(&mut self, resident: &Resident, action: &Action) -> Result<()> {
        let mut write = resident.write().await?;
        let registry = &resident.registry;
        match action {
            // Not the registry's business.
            Action::DatastoreDown {} | Action::WaitSeconds { .. } | Action::WaitPropagation {} => {}
            Action::CreateKey { .. } | Action::DeleteKey { .. } | Action::ChangeKey { .. } => {
                self.rekey(&mut write, registry, action).await?;
            }
            Action::DeleteConsumer { consumer: name }
            | Action::DeleteApplication { application: name } => {
                application::remove(&mut write, self.application(name)?).await?;
            }
            Action::AddGroup { .. } | Action::RemoveGroup { .. } | Action::RenameGroup { .. } => {
                self.regroup(&mut write, action).await?;
            }
            Action::SetRegistration { .. } | Action::DeleteRegistration { .. } => {
                self.reregister(&mut write, registry, action).await?;
            }
        }
        write.commit(Deed::new("case.act", "case")).await?;
        Ok(())
    }

    async fn rekey(
        &mut self,
        write: &mut Write,
        registry: &Registry,
        action: &Action,
    ) -> Result<()> {
        let (application, value, life) = match action {
            Action::CreateKey {
                consumer,
                key,
                ttl_seconds,
            } => {
                let life = ttl_seconds.map_or(Life::Endless, Life::Seconds);
                (self.application(consumer)?, key, life)
            }
            Action::ChangeKey { key, to } => {
                (self.remove_key(write, key).await?, to, Life::Endless)
            }
            Action::DeleteKey { key } => return self.remove_key(write, key).await.map(drop),
            _ => return Ok(()),
        };
        let new = NewKey {
            value,
            expires_at: expiry(registry, life),
        };
        self.add_key(write, (registry, application), new).await
    }

    fn application(&self, name: &str) -> Result<ApplicationId> {
        let id = self.applications.get(name).copied();
        id.ok_or_else(|| RecordError::NoSuchName(name.to_owned()))
    }

    fn version(&self, name: &str) -> Result<ProductVersionId> {
        let id = self.versions.get(name).copied();
        id.ok_or_else(|| RecordError::NoSuchName(name.to_owned()))
    }

    async fn add_key(
        &mut self,
        write: &mut Write,
        (registry, application): (&Registry, ApplicationId),
        new: NewKey<'_>,
    ) -> Result<()> {
        let mut credential = draft::credential(registry, application, new.value)?;
        credential.expires_at = new.expires_at;
        credential::add(write, &credential).await?;
        let added = (application, credential.id);
        self.credentials.insert(new.value.to_owned(), added);
        Ok(())
    }

    /// Removes a key and returns whose it was; its id stays known.
    async fn remove_key(&self, write: &mut Write, key: &str) -> Result<ApplicationId> {
        let found = self.credentials.get(key).copied();
        let (application, id) = found.ok_or_else(|| RecordError::NoSuchName(key.to_owned()))?;
        credential::remove(write, id).await?;
        Ok(application)
    }

    async fn regroup(&self, write: &mut Write, action: &Action) -> Result<()> {
        let (name, leave, join) = match action {
            Action::AddGroup { consumer, group } => (consumer, None, Some(group)),
            Action::RemoveGroup { consumer, group } => (consumer, Some(group), None),
            Action::RenameGroup {
                consumer,
                group,
                to,
            } => (consumer, Some(group), Some(to)),
            _ => return Ok(()),
        };
        let id = self.application(name)?;
        let mut groups = application::groups(write, id).await?;
        if let Some(leave) = leave {
            let before = groups.len();
            groups.retain(|group| group.as_str() != leave);
            if groups.len() == before {
                return Err(RecordError::NoSuchName(leave.clone()));
            }
        }
        if let Some(join) = join {
            groups.push(line(join)?);
        }
        application::set_groups(write, id, &groups).await?;
        Ok(())
    }

    async fn reregister(
        &self,
        write: &mut Write,
        registry: &Registry,
        action: &Action,
    ) -> Result<()> {
        let (name, version, status) = match action {
            Action::SetRegistration {
                application,
                product_version,
                status,
            } => (application, product_version, Some(*status)),
            Action::DeleteRegistration {
                application,
                product_version,
            } => (application, product_version, None),
            _ => return Ok(()),
        };
        let parties = (self.application(name)?, self.version(version)?);
        match (find(write, parties).await?, status) {
            (Some(mut found), Some(status)) => {
                found.status = status.into();
                registration::update(write, &found).await?;
            }
            (Some(found), None) => registration::remove(write, &found).await?,
            (None, Some(status)) => {
                let new = draft::registration(registry, parties, status.into());
                registration::add(write, &new).await?;
            }
            (None, None) => return Err(RecordError::NoSuchName(version.clone())),
        }
        Ok(())
    }
}

async fn find(
    write: &mut Write,
    (application, version): (ApplicationId, ProductVersionId),
) -> Result<Option<Registration>> {
    let wanted = Wanted::all(Range::FIRST)
        .equal("application_id", application)
        .equal("product_version_id", version);
    let found = registration::list(write, &wanted).await?.items;
    Ok(found
        .into_iter()
        .map(|overview| overview.registration)
        .next())
}

fn expiry(registry: &Registry, life: Life) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "no key lives that long")]
    let milliseconds = match life {
        Life::Endless => return None,
        Life::Seconds(seconds) => (seconds * 1000.0) as i64,
        Life::Over => -1000,
    };
    Some(registry.clock.now().plus_ms(milliseconds))
}

fn line<const MAX: usize>(text: &str) -> Result<Line<MAX>> {
    Line::parse(text).map_err(|error| RecordError::Text(text.to_owned(), error))
}

impl From<Status> for RegistrationStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Approved => Self::Approved,
            Status::Pending => Self::Pending,
            Status::Rejected => Self::Rejected,
            Status::Revoked => Self::Revoked,
        }
    }
}
