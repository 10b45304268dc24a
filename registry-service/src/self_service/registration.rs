//! The registrations of a developer's applications: asked for, seen, withdrawn.

use crate::domain::id::{
    ApiProductId, ApplicationId, AuthStrategyId, ProductVersionId, RegistrationId,
};
use crate::domain::publication::RegistrationRefused;
use crate::domain::registration::{Registration, RegistrationStatus};
use crate::domain::session::SignedIn;
use crate::domain::text::Prose;
use crate::mail::notices;
use crate::registry::Registry;
use crate::self_service::application::{MOST_APPLICATIONS, OwnApplication, with_strategies};
use crate::self_service::catalogue::{CatalogueError, published_version};
use crate::storage::catalogue::version::{self, Candidate, Candidates, Registered};
use crate::storage::own::registration::Wanted;
use crate::storage::registration::Overview;
use crate::storage::{
    Connection, Deed, List, Range, StorageError, own, portal, publication, registration,
};

/// What an application asks for.
#[derive(Debug, Clone)]
pub struct NewRegistration {
    /// What it asks for.
    pub product_version: ProductVersionId,
    /// What the developer says with it.
    pub message: Option<Prose<1024>>,
}

/// One of the developer's applications, and its registration for a version if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCandidate {
    /// The application.
    pub own: OwnApplication,
    /// Its registration.
    pub registration: Option<(RegistrationId, RegistrationStatus)>,
}

/// Which of the developer's applications are wanted for a version.
#[derive(Debug, Clone)]
pub struct WantedCandidates {
    /// Those like this.
    pub like: own::application::Wanted,
    /// Those with a registration that stands like this.
    pub status: Option<RegistrationStatus>,
    /// Those with a registration, or those without.
    pub registered: Registered,
}

/// Why a registration is not what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// The developer has no such application, or it no such registration.
    #[error("there is no such registration")]
    Missing,
    /// There is no such version for developers to see.
    #[error("the product version is not published")]
    UnknownVersion,
    /// The version takes no registrations.
    #[error("application registration is not enabled for the product version")]
    NotEnabled,
    /// One key serves all versions of one strategy, and no others.
    #[error("the application and the product version have different auth strategies")]
    OtherStrategy,
    /// There is one already, whatever became of it.
    #[error("the application has a registration for this version already")]
    AlreadyRegistered,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

// === impl RegistrationError ===

impl RegistrationError {
    /// Returns the field it is about, by the API's name, if it is about one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownVersion
            | Self::NotEnabled
            | Self::OtherStrategy
            | Self::AlreadyRegistered => Some("product_version_id"),
            Self::Missing | Self::Storage(_) => None,
        }
    }
}

impl From<RegistrationRefused> for RegistrationError {
    fn from(refused: RegistrationRefused) -> Self {
        match refused {
            // As missing as a version that never was.
            RegistrationRefused::Unpublished => Self::UnknownVersion,
            RegistrationRefused::NotEnabled => Self::NotEnabled,
            RegistrationRefused::OtherStrategy => Self::OtherStrategy,
        }
    }
}

impl From<CatalogueError> for RegistrationError {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::Storage(error) => Self::Storage(error),
            CatalogueError::Missing | CatalogueError::LoginNeeded => Self::UnknownVersion,
        }
    }
}

/// Lists the registrations of one of the developer's applications, the oldest first.
pub async fn list(
    registry: &Registry,
    signed_in: SignedIn,
    (application, wanted, range): (ApplicationId, Wanted, Range),
) -> Result<List<Overview>, RegistrationError> {
    let mut snapshot = registry.storage.read().await?;
    existing_application(&mut snapshot, signed_in, application).await?;
    let wanted = (application, wanted, range);
    Ok(own::registration::list(&mut snapshot, signed_in.developer(), wanted).await?)
}

/// Shows a registration.
pub async fn lookup(
    registry: &Registry,
    signed_in: SignedIn,
    ids: (ApplicationId, RegistrationId),
) -> Result<Overview, RegistrationError> {
    let mut snapshot = registry.storage.read().await?;
    existing(&mut snapshot, signed_in, ids).await
}

/// Asks for a product version; the answer says whether that was approved at once.
pub async fn ask(
    registry: &Registry,
    signed_in: SignedIn,
    (application, new): (ApplicationId, NewRegistration),
) -> Result<Overview, RegistrationError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let strategy = existing_application(&mut write, signed_in, application).await?;
    let portal = portal::lookup(&mut write).await?;
    let status = publication::find_by_version(&mut write, new.product_version)
        .await?
        .ok_or(RegistrationError::UnknownVersion)?
        .admit(&portal, strategy)?;
    let registration = Registration {
        id: RegistrationId(registry.random.uuid()),
        application,
        product_version: new.product_version,
        status,
        message: new.message,
        reason: None,
        created_at: now,
        updated_at: now,
    };
    registration::add(&mut write, &registration)
        .await
        .map_err(taken)?;
    let added = existing(&mut write, signed_in, (application, registration.id)).await?;
    if added.registration.status == RegistrationStatus::Pending {
        notices::registration_waits(registry, &mut write, &added).await?;
    }
    let deed = Deed::new("registration.add", registration.id).became(&registration);
    write.commit(deed).await?;
    Ok(added)
}

/// Withdraws a registration; the same may be asked for again.
pub async fn withdraw(
    registry: &Registry,
    signed_in: SignedIn,
    ids: (ApplicationId, RegistrationId),
) -> Result<(), RegistrationError> {
    let now = registry.clock.now();
    let mut write = registry.storage.write(signed_in.actor(), now).await?;
    let Overview { registration, .. } = existing(&mut write, signed_in, ids).await?;
    registration::remove(&mut write, &registration).await?;
    let deed = Deed::new("registration.remove", registration.id).was(&registration);
    write.commit(deed).await?;
    Ok(())
}

/// Lists the developer's applications for a version, by name.
pub async fn candidates(
    registry: &Registry,
    signed_in: SignedIn,
    (ids, wanted, range): ((ApiProductId, ProductVersionId), WantedCandidates, Range),
) -> Result<List<OwnCandidate>, RegistrationError> {
    let mut snapshot = registry.storage.read().await?;
    let wanted = Candidates {
        version: published_version(&mut snapshot, ids).await?.version.id,
        like: wanted.like,
        status: wanted.status,
        registered: wanted.registered,
    };
    read_candidates(&mut snapshot, signed_in, (wanted, range)).await
}

/// Lists the applications that could register for a version now, by name: those with its strategy
/// and without a registration. There are none if the version takes no registrations.
pub async fn eligible(
    registry: &Registry,
    signed_in: SignedIn,
    ids: (ApiProductId, ProductVersionId),
) -> Result<Vec<OwnApplication>, RegistrationError> {
    let mut snapshot = registry.storage.read().await?;
    let published = published_version(&mut snapshot, ids).await?;
    let Some((strategy, _)) = published
        .strategy
        .filter(|_| published.publication.application_registration_enabled)
    else {
        return Ok(Vec::new());
    };
    let wanted = Candidates {
        version: published.version.id,
        like: own::application::Wanted {
            auth_strategy: Some(strategy.to_string()),
            ..own::application::Wanted::default()
        },
        status: None,
        registered: Registered::No,
    };
    let all = Range {
        limit: MOST_APPLICATIONS,
        offset: 0,
    };
    let list = read_candidates(&mut snapshot, signed_in, (wanted, all)).await?;
    Ok(list.items.into_iter().map(|item| item.own).collect())
}

async fn read_candidates(
    connection: &mut Connection,
    signed_in: SignedIn,
    wanted: (Candidates, Range),
) -> Result<List<OwnCandidate>, RegistrationError> {
    let list = version::candidates(connection, signed_in.developer(), wanted).await?;
    let (applications, registrations): (Vec<_>, Vec<_>) = list
        .items
        .into_iter()
        .map(
            |Candidate {
                 application,
                 registration,
             }| (application, registration),
        )
        .unzip();
    let own = with_strategies(connection, applications).await?;
    let candidate = |(own, registration)| OwnCandidate { own, registration };
    Ok(List {
        items: own.into_iter().zip(registrations).map(candidate).collect(),
        total: list.total,
    })
}

/// Reads the strategy of the developer's application.
async fn existing_application(
    connection: &mut Connection,
    signed_in: SignedIn,
    id: ApplicationId,
) -> Result<Option<AuthStrategyId>, RegistrationError> {
    let found = own::application::lookup(connection, signed_in.developer(), id).await?;
    Ok(found.ok_or(RegistrationError::Missing)?.auth_strategy)
}

pub(super) async fn existing(
    connection: &mut Connection,
    signed_in: SignedIn,
    ids: (ApplicationId, RegistrationId),
) -> Result<Overview, RegistrationError> {
    let found = own::registration::lookup(connection, signed_in.developer(), ids).await?;
    found.ok_or(RegistrationError::Missing)
}

fn taken(error: StorageError) -> RegistrationError {
    match error {
        StorageError::Duplicate => RegistrationError::AlreadyRegistered,
        error => error.into(),
    }
}
