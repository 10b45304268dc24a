//! What a gateway has to hear of.

use crate::domain::id::{ApplicationId, CredentialId, ServiceId};

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
