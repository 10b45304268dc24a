//! What was done, by whom.

use crate::administration::{Acting, Result};
use crate::storage::audit::{self, AuditEntry};
use crate::storage::{List, Wanted};

/// Lists writes, the latest first unless another order is wanted.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<AuditEntry>> {
    let mut snapshot = acting.read().await?;
    Ok(audit::list(&mut snapshot, wanted).await?)
}
