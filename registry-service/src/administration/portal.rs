//! The one portal and its switches.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::administration::{Acting, AdministrationError, InvalidField, Result};
use crate::domain::access::Duty;
use crate::domain::change::Change;
use crate::domain::id::AuthStrategyId;
use crate::domain::portal::Portal;
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;
use crate::domain::wish::Wish;
use crate::storage::{Deed, StorageError, portal};

/// What may be changed about the portal.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortalChanges {
    /// Its name.
    pub name: Option<Line<255>>,
    /// What it is about.
    #[serde(default)]
    pub description: Wish<Prose<512>>,
    /// Whether everyone sees it; self-service is off then.
    pub is_public: Option<bool>,
    /// Whether teams decide who sees which product.
    pub rbac_enabled: Option<bool>,
    /// Whether developers are approved as soon as they have verified their address.
    pub auto_approve_developers: Option<bool>,
    /// Whether registrations are approved at once.
    pub auto_approve_applications: Option<bool>,
    /// Whether keys of a revoked developer go on working.
    pub revoke_keeps_traffic: Option<bool>,
    /// The auth strategy of applications that name none.
    #[serde(default)]
    pub default_application_auth_strategy_id: Wish<AuthStrategyId>,
}

/// Reads the portal.
pub async fn show(acting: &Acting) -> Result<Portal> {
    let mut snapshot = acting.read().await?;
    Ok(portal::lookup(&mut snapshot).await?)
}

/// Changes the portal.
pub async fn change(acting: &Acting, changes: PortalChanges) -> Result<Portal> {
    let mut write = acting.write(Duty::Own).await?;
    let before = portal::lookup(&mut write).await?;
    acting.expect(before.updated_at)?;
    let now = write.now.later_than(before.updated_at);
    let after = changes.apply(before.clone(), now);
    portal::update(&mut write, &after)
        .await
        .map_err(unknown_strategy)?;
    if after.revoke_keeps_traffic != before.revoke_keeps_traffic {
        for application in portal::applications_without_approved_developer(&mut write).await? {
            write.changed(Change::Application(application));
        }
    }
    let deed = Deed::new("portal.update", after.id).was(&before);
    write.commit(deed.became(&after)).await?;
    Ok(after)
}

// === impl PortalChanges ===

impl PortalChanges {
    fn apply(self, mut portal: Portal, now: Timestamp) -> Portal {
        self.description.apply(&mut portal.description);
        self.default_application_auth_strategy_id
            .apply(&mut portal.default_auth_strategy);
        Portal {
            name: self.name.unwrap_or(portal.name),
            is_public: self.is_public.unwrap_or(portal.is_public),
            rbac_enabled: self.rbac_enabled.unwrap_or(portal.rbac_enabled),
            auto_approve_developers: self
                .auto_approve_developers
                .unwrap_or(portal.auto_approve_developers),
            auto_approve_applications: self
                .auto_approve_applications
                .unwrap_or(portal.auto_approve_applications),
            revoke_keeps_traffic: self
                .revoke_keeps_traffic
                .unwrap_or(portal.revoke_keeps_traffic),
            updated_at: now,
            ..portal
        }
    }
}

fn unknown_strategy(error: StorageError) -> AdministrationError {
    match error {
        StorageError::Referenced => {
            let field = "default_application_auth_strategy_id";
            InvalidField::new(field, "exists", "names no strategy").into()
        }
        error => error.into(),
    }
}
