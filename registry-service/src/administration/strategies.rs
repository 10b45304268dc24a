//! Auth strategies.

use crate::administration::{Acting, AdministrationError, InvalidField, Result};
use crate::domain::access::Duty;
use crate::domain::auth_strategy::{AuthStrategy, Ttl};
use crate::domain::id::AuthStrategyId;
use crate::domain::service::KeyNames;
use crate::domain::text::Line;
use crate::storage::{Connection, Deed, List, Wanted, auth_strategy};

/// A key-auth strategy to be made; `openid_connect` is not available yet.
#[derive(Debug, Clone)]
pub struct NewStrategy {
    /// Its name, unique in the registry.
    pub name: Line<255>,
    /// Its name as developers see it; missing: the same.
    pub display_name: Option<Line<255>>,
    /// What it settles.
    pub key_auth: KeyAuthConfig,
}

/// What a key-auth strategy settles.
#[derive(Debug, Clone)]
pub struct KeyAuthConfig {
    /// The names a key may have.
    pub key_names: KeyNames,
    /// How long a new key lives.
    pub ttl: Option<Ttl>,
    /// Whether an application gets its first key when it is made on our pages.
    pub default_credential: bool,
}

/// What may be changed about a strategy.
#[derive(Debug, Clone, Default)]
pub struct StrategyChanges {
    /// Its name.
    pub name: Option<Line<255>>,
    /// Its name as developers see it.
    pub display_name: Option<Line<255>>,
    /// What it settles.
    pub key_auth: Option<KeyAuthConfig>,
}

/// Lists strategies.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<AuthStrategy>> {
    let mut snapshot = acting.read().await?;
    Ok(auth_strategy::list(&mut snapshot, wanted).await?)
}

/// Adds a strategy.
pub async fn add(acting: &Acting, new: NewStrategy) -> Result<AuthStrategy> {
    let mut write = acting.write(Duty::Manage).await?;
    let key_auth = new.key_auth.checked()?;
    let strategy = AuthStrategy {
        id: AuthStrategyId(acting.new_id()),
        display_name: new.display_name.unwrap_or_else(|| new.name.clone()),
        name: new.name,
        key_names: key_auth.key_names,
        ttl: key_auth.ttl,
        default_credential: key_auth.default_credential,
        created_at: write.now,
        updated_at: write.now,
    };
    auth_strategy::add(&mut write, &strategy).await?;
    let deed = Deed::new("auth-strategy.add", strategy.id).became(&strategy);
    write.commit(deed).await?;
    Ok(strategy)
}

/// Reads a strategy.
pub async fn lookup(acting: &Acting, id: AuthStrategyId) -> Result<AuthStrategy> {
    let mut snapshot = acting.read().await?;
    existing(&mut snapshot, id).await
}

/// Changes a strategy; keys that were issued keep their end.
pub async fn change(
    acting: &Acting,
    id: AuthStrategyId,
    changes: StrategyChanges,
) -> Result<AuthStrategy> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    let mut strategy = before.clone();
    strategy.name = changes.name.unwrap_or(strategy.name);
    strategy.display_name = changes.display_name.unwrap_or(strategy.display_name);
    if let Some(key_auth) = changes.key_auth {
        let key_auth = key_auth.checked()?;
        strategy.key_names = key_auth.key_names;
        strategy.ttl = key_auth.ttl;
        strategy.default_credential = key_auth.default_credential;
    }
    strategy.updated_at = write.now.later_than(before.updated_at);
    auth_strategy::update(&mut write, &strategy).await?;
    let deed = Deed::new("auth-strategy.update", id).was(&before);
    write.commit(deed.became(&strategy)).await?;
    Ok(strategy)
}

/// Removes a strategy that nothing uses.
pub async fn remove(acting: &Acting, id: AuthStrategyId) -> Result<()> {
    let mut write = acting.write(Duty::Manage).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    auth_strategy::remove(&mut write, id).await?;
    let deed = Deed::new("auth-strategy.remove", id).was(&before);
    write.commit(deed).await?;
    Ok(())
}

// === impl KeyAuthConfig ===

impl KeyAuthConfig {
    fn checked(self) -> Result<Self> {
        if self.ttl.is_some_and(|ttl| ttl.value == 0) {
            let field = "configs.key-auth.ttl.value";
            return Err(InvalidField::new(field, "min", "must be at least 1").into());
        }
        Ok(self)
    }
}

async fn existing(connection: &mut Connection, id: AuthStrategyId) -> Result<AuthStrategy> {
    auth_strategy::lookup(connection, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}
