//! The registrations of a developer's applications.

use crate::domain::id::{ApplicationId, DeveloperId, RegistrationId};
use crate::domain::registration::RegistrationStatus;
use crate::storage::list::Select;
use crate::storage::registration::{OVERVIEW, OVERVIEW_FROM, Overview, overview};
use crate::storage::{Connection, List, Range, Result};

/// Which registrations of an application are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The one with this id.
    pub id: Option<String>,
    /// Those that stand like this.
    pub status: Option<RegistrationStatus>,
    /// Those for the product with this name.
    pub product_name: Option<String>,
    /// Those for products whose name contains this, whatever the case.
    pub product_name_contains: Option<String>,
    /// Those for versions with this name.
    pub version_name: Option<String>,
    /// Those for versions whose name contains this, whatever the case.
    pub version_name_contains: Option<String>,
}

/// Reads a registration of a developer's application.
pub async fn lookup(
    connection: &mut Connection,
    owner: DeveloperId,
    (application, id): (ApplicationId, RegistrationId),
) -> Result<Option<Overview>> {
    let wanted = Wanted {
        id: Some(id.to_string()),
        ..Wanted::default()
    };
    let found = list(connection, owner, (application, wanted, Range::FIRST)).await?;
    Ok(found.items.into_iter().next())
}

/// Lists the registrations of a developer's application, the oldest first.
pub async fn list(
    connection: &mut Connection,
    owner: DeveloperId,
    (application, wanted, range): (ApplicationId, Wanted, Range),
) -> Result<List<Overview>> {
    let lower = |text: Option<String>| text.map(|text| text.to_lowercase());
    let status = wanted.status.map(|status| status.name().to_owned());
    Select::new(OVERVIEW, OVERVIEW_FROM, "r.created_at, r.registration_id")
        .equals("a.developer_id", Some(owner.to_string()))
        .equals("r.application_id", Some(application.to_string()))
        .equals("r.registration_id", wanted.id)
        .equals("r.status", status)
        .equals("p.name", wanted.product_name)
        .contains("p.name_key", lower(wanted.product_name_contains))
        .equals("v.name", wanted.version_name)
        .contains("v.name_key", lower(wanted.version_name_contains))
        .list(connection, range, overview)
        .await
}
