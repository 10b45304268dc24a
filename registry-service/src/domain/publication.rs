//! A product version as the portal shows it.

use serde::Serialize;

use crate::domain::id::{AuthStrategyId, ProductVersionId, PublicationId};
use crate::domain::name::named;
use crate::domain::portal::Portal;
use crate::domain::registration::RegistrationStatus;
use crate::domain::timestamp::Timestamp;

/// Whether and how developers can register for a product version.
///
/// Unpublishing it or turning registration off stops new registrations, not traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Publication {
    /// Identifies it.
    pub id: PublicationId,
    /// What is published.
    pub product_version: ProductVersionId,
    /// Whether the catalogue shows it.
    pub publish_status: PublishStatus,
    /// Whether new registrations are taken.
    pub application_registration_enabled: bool,
    /// Whether they are approved at once.
    pub auto_approve_registration: bool,
    /// How applications authenticate; none closes the version.
    pub auth_strategy: Option<AuthStrategyId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

named! {
    /// Whether the catalogue shows a product version.
    PublishStatus {
        /// It does.
        Published = "published",
        /// It does not.
        Unpublished = "unpublished",
    }
}

/// Why an application cannot register for a product version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationRefused {
    /// The catalogue does not show the version.
    #[error("the product version is not published")]
    Unpublished,
    /// The version takes no registrations.
    #[error("application registration is not enabled for the product version")]
    NotEnabled,
    /// One key serves all versions of one strategy, and no others.
    #[error("the application and the product version have different auth strategies")]
    OtherStrategy,
}

// === impl Publication ===

impl Publication {
    /// Decides how a registration a developer asks for begins.
    pub fn admit(
        &self,
        portal: &Portal,
        strategy: Option<AuthStrategyId>,
    ) -> Result<RegistrationStatus, RegistrationRefused> {
        if self.publish_status != PublishStatus::Published {
            return Err(RegistrationRefused::Unpublished);
        }
        if !self.application_registration_enabled {
            return Err(RegistrationRefused::NotEnabled);
        }
        self.accepts(strategy)?;
        if self.approves_at_once(portal) {
            Ok(RegistrationStatus::Approved)
        } else {
            Ok(RegistrationStatus::Pending)
        }
    }

    /// Whether registrations are approved at once: portal or publication may say so, and neither can
    /// take it back.
    pub fn approves_at_once(&self, portal: &Portal) -> bool {
        portal.auto_approve_applications || self.auto_approve_registration
    }

    /// Whether applications with a strategy can be registered, by whomever.
    pub fn accepts(&self, strategy: Option<AuthStrategyId>) -> Result<(), RegistrationRefused> {
        if self.auth_strategy.is_some() && self.auth_strategy == strategy {
            Ok(())
        } else {
            Err(RegistrationRefused::OtherStrategy)
        }
    }
}
