//! The credentials of a developer's applications.

use crate::domain::credential::Credential;
use crate::domain::id::{ApplicationId, CredentialId, DeveloperId};
use crate::storage::credential::credential;
use crate::storage::list::Select;
use crate::storage::{Connection, List, Range, Result};

const OWN: &str = "credential c join application a on a.application_id = c.application_id";

/// Reads a credential of a developer's application.
pub async fn lookup(
    connection: &mut Connection,
    owner: DeveloperId,
    (application, id): (ApplicationId, CredentialId),
) -> Result<Option<Credential>> {
    let row = sqlx::query(
        "select c.* from credential c join application a on a.application_id = c.application_id \
         where c.credential_id = $1 and c.application_id = $2 and a.developer_id = $3",
    )
    .bind(id.to_string())
    .bind(application.to_string())
    .bind(owner.to_string())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(credential).transpose()
}

/// Lists the credentials of a developer's application, the oldest first.
pub async fn list(
    connection: &mut Connection,
    owner: DeveloperId,
    (application, range): (ApplicationId, Range),
) -> Result<List<Credential>> {
    Select::new("c.*", OWN, "c.created_at, c.credential_id")
        .equals("a.developer_id", Some(owner.to_string()))
        .equals("c.application_id", Some(application.to_string()))
        .list(connection, range, credential)
        .await
}
