//! Who acts on the registry, and what they may do.

use crate::domain::id::{AdminId, DeveloperId, TokenId};
use crate::domain::name::named;
use crate::domain::text::{Email, Line};
use crate::domain::timestamp::Timestamp;

/// What begins every access token, so that scanners and people can tell it from a key.
pub const TOKEN_PREFIX: &str = "kst";

/// Who makes a change; the audit names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Whoever runs the program on its machine.
    Operator,
    /// An access token of an administrator.
    Token(TokenId),
    /// A developer, in the portal.
    Developer(DeveloperId),
    /// The registry itself.
    Registry,
}

/// Someone who runs the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// Identifies them.
    pub id: AdminId,
    /// Where they read mail.
    pub email: Email,
    /// How much they may do.
    pub role: Role,
}

named! {
    /// How much an administrator may do.
    Role {
        /// Everything, other administrators included.
        Owner = "owner",
        /// Everything but other administrators.
        Operator = "operator",
    }
}

named! {
    /// What a token may do. Larger scopes contain smaller ones, but for `gateway`, which stands alone.
    Scope {
        /// Everything the admin API does.
        Admin = "admin",
        /// Approve, reject and revoke, and read.
        Approve = "approve",
        /// Read what the admin API shows.
        Read = "read",
        /// Follow the gateways' feed, and nothing else.
        Gateway = "gateway",
    }
}

/// An access token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Identifies it.
    pub id: TokenId,
    /// Whose it is.
    pub admin: AdminId,
    /// What it is for, in its maker's words.
    pub name: Line<255>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

// === impl Scope ===

impl Scope {
    /// Whether a token with this scope may do what the other allows.
    pub const fn contains(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Admin, Self::Admin | Self::Approve | Self::Read)
                | (Self::Approve, Self::Approve | Self::Read)
                | (Self::Read, Self::Read)
                | (Self::Gateway, Self::Gateway)
        )
    }
}

// === impl Token ===

impl Token {
    /// Whether the token may do what a scope allows, at a time.
    pub fn permits(&self, scope: Scope, now: Timestamp) -> bool {
        self.is_live(now) && self.scopes.iter().any(|held| held.contains(scope))
    }

    /// Whether the token is worth anything, at a time.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scope_but_its_own_reaches_the_gateways_feed() {
        for scope in [Scope::Read, Scope::Approve, Scope::Admin] {
            assert!(!scope.contains(Scope::Gateway), "{scope}");
            assert!(!Scope::Gateway.contains(scope), "{scope}");
            assert!(Scope::Admin.contains(scope), "{scope}");
        }
        assert!(!Scope::Read.contains(Scope::Approve));
        assert!(!Scope::Approve.contains(Scope::Admin));
    }
}
