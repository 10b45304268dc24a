//! How an application calls what it is registered for.

use crate::domain::id::{ApplicationId, ProductVersionId, RegistrationId};
use crate::domain::service::{KeyNames, Service};
use crate::domain::session::SignedIn;
use crate::registry::Registry;
use crate::self_service::registration::{RegistrationError, existing};
use crate::storage::registration::Overview;
use crate::storage::{Connection, StorageError, auth_strategy, publication, service};

/// A registration, and the service behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// The registration.
    pub overview: Overview,
    /// What gateways know the version as; none until an administrator says so.
    pub service: Option<Service>,
    /// The names a key may have; none while there is no service, or no strategy.
    pub key_names: Option<KeyNames>,
}

/// Reads how an application calls what a registration is for.
pub async fn of_registration(
    registry: &Registry,
    signed_in: SignedIn,
    ids: (ApplicationId, RegistrationId),
) -> Result<Guide, RegistrationError> {
    let mut snapshot = registry.storage.read().await?;
    let overview = existing(&mut snapshot, signed_in, ids).await?;
    Ok(complete(&mut snapshot, overview).await?)
}

async fn complete(connection: &mut Connection, overview: Overview) -> Result<Guide, StorageError> {
    let version = overview.registration.product_version;
    let service = service::find_by_version(connection, version).await?;
    let own = service
        .as_ref()
        .and_then(|one| one.key_auth.key_names.clone());
    let key_names = match own {
        Some(names) => Some(names),
        None => names_of_strategy(connection, version).await?,
    };
    Ok(Guide {
        overview,
        service,
        key_names,
    })
}

async fn names_of_strategy(
    connection: &mut Connection,
    version: ProductVersionId,
) -> Result<Option<KeyNames>, StorageError> {
    let publication = publication::find_by_version(connection, version).await?;
    let Some(id) = publication.and_then(|publication| publication.auth_strategy) else {
        return Ok(None);
    };
    let strategy = auth_strategy::lookup(connection, id).await?;
    Ok(strategy.map(|strategy| strategy.key_names))
}
