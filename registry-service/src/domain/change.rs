//! What a gateway has to hear of.

use uuid::Uuid;

use crate::domain::id::{ApplicationId, CredentialId, ServiceId};
use crate::domain::name::named;

/// Something of the gateways' feed that is not as it was, or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A service, its product version's strategy included.
    Service(ServiceId),
    /// An application, its groups and registrations included.
    Application(ApplicationId),
    /// A credential.
    Credential(CredentialId),
}

named! {
    /// The kinds of things gateways hear of.
    ChangeKind {
        /// Services.
        Service = "service",
        /// Applications.
        Application = "application",
        /// Credentials.
        Credential = "credential",
    }
}

// === impl Change ===

impl Change {
    /// Names what changed.
    pub const fn of(kind: ChangeKind, id: Uuid) -> Self {
        match kind {
            ChangeKind::Service => Self::Service(ServiceId(id)),
            ChangeKind::Application => Self::Application(ApplicationId(id)),
            ChangeKind::Credential => Self::Credential(CredentialId(id)),
        }
    }

    /// Returns its kind.
    pub const fn kind(self) -> ChangeKind {
        match self {
            Self::Service(_) => ChangeKind::Service,
            Self::Application(_) => ChangeKind::Application,
            Self::Credential(_) => ChangeKind::Credential,
        }
    }

    /// Returns its id.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Service(id) => id.0,
            Self::Application(id) => id.0,
            Self::Credential(id) => id.0,
        }
    }
}
