//! The ways to authenticate, as developers choose among them.

use crate::domain::auth_strategy::AuthStrategy;
use crate::storage::auth_strategy::strategy;
use crate::storage::list::Select;
use crate::storage::{Connection, List, Range, Result};

/// Which strategies are wanted.
#[derive(Debug, Clone, Default)]
pub struct Strategies {
    /// Those shown with this name.
    pub name: Option<String>,
    /// Those whose shown name contains this.
    pub name_contains: Option<String>,
}

/// Lists the strategies, by the name they are shown with.
pub async fn list(
    connection: &mut Connection,
    wanted: Strategies,
    range: Range,
) -> Result<List<AuthStrategy>> {
    Select::new("*", "auth_strategy", "display_name, auth_strategy_id")
        .equals("display_name", wanted.name)
        .contains("display_name", wanted.name_contains)
        .list(connection, range, strategy)
        .await
}
