//! What a gateway does for a service, as the plugins Kong would have for it: to be read, not changed.
//!
//! It follows from the service, its version's publication and the strategy, as `storage::feed`
//! tells gateways.

use schemars::JsonSchema;
use serde::Serialize;

use crate::administration::{Acting, AdministrationError, Result};
use crate::domain::id::{ProductVersionId, ServiceId};
use crate::domain::publication::Publication;
use crate::domain::service::{AclRule, KeyAuth, Service};
use crate::storage::{Connection, auth_strategy, publication, service};

/// A plugin and its settings, by Kong's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "name", content = "config", rename_all = "kebab-case")]
pub enum Plugin {
    /// Where the key may be, and what happens to it.
    KeyAuth(KeyAuth),
    /// Who is admitted of those whose key is known. A gate of approval allows one group, the id of
    /// its product version, of which approved registrations make applications members.
    Acl {
        /// Members of which groups are admitted.
        #[serde(skip_serializing_if = "Option::is_none")]
        allow: Option<Vec<String>>,
        /// Members of which groups are not.
        #[serde(skip_serializing_if = "Option::is_none")]
        deny: Option<Vec<String>>,
        /// Whether the upstream is kept from seeing the groups.
        hide_groups_header: bool,
    },
}

/// Lists what a gateway does for a product version's service; nothing for a version without one.
pub async fn of_version(acting: &Acting, version: ProductVersionId) -> Result<Vec<Plugin>> {
    let mut snapshot = acting.read().await?;
    crate::storage::product::lookup_version(&mut snapshot, version)
        .await?
        .ok_or(AdministrationError::Unknown)?;
    match service::find_by_version(&mut snapshot, version).await? {
        Some(service) => plugins(&mut snapshot, service).await,
        None => Ok(Vec::new()),
    }
}

/// Lists what a gateway does for a service.
pub async fn of_service(acting: &Acting, id: ServiceId) -> Result<Vec<Plugin>> {
    let mut snapshot = acting.read().await?;
    let service = service::lookup(&mut snapshot, id)
        .await?
        .ok_or(AdministrationError::Unknown)?;
    plugins(&mut snapshot, service).await
}

async fn plugins(connection: &mut Connection, service: Service) -> Result<Vec<Plugin>> {
    if service.public {
        return Ok(Vec::new());
    }
    let publication = match service.product_version {
        Some(version) => publication::find_by_version(connection, version).await?,
        None => None,
    };
    let strategy = match publication.as_ref().and_then(|found| found.auth_strategy) {
        Some(id) => auth_strategy::lookup(connection, id).await?,
        None => None,
    };
    let gate = gate(&service, publication.as_ref());
    let own = service.acl.map(|acl| {
        let names = |groups: Vec<_>| groups.iter().map(ToString::to_string).collect();
        let (allow, deny) = match acl.rule {
            AclRule::Allow(groups) => (Some(names(groups)), None),
            AclRule::Deny(groups) => (None, Some(names(groups))),
        };
        Plugin::Acl {
            allow,
            deny,
            hide_groups_header: acl.hide_groups_header,
        }
    });
    let mut key_auth = service.key_auth;
    key_auth.key_names = key_auth
        .key_names
        .or(strategy.map(|strategy| strategy.key_names));
    let key_auth = Some(Plugin::KeyAuth(key_auth));
    Ok([key_auth, gate, own].into_iter().flatten().collect())
}

/// Returns the gate of approval. A version without a strategy is closed: its gate allows nobody.
fn gate(service: &Service, publication: Option<&Publication>) -> Option<Plugin> {
    let version = service.product_version?;
    let has_strategy = publication.is_some_and(|found| found.auth_strategy.is_some());
    let allow = has_strategy.then(|| version.to_string());
    Some(Plugin::Acl {
        allow: Some(allow.into_iter().collect()),
        deny: None,
        hide_groups_header: false,
    })
}
