//! Who acts on the registry, and what they may do.

use serde::Serialize;

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
    /// An administrator, on a page.
    Admin(AdminId),
    /// A developer, in the portal.
    Developer(DeveloperId),
    /// The registry itself.
    Registry,
}

/// Someone who runs the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
        /// Everything.
        Owner = "owner",
        /// Everything but administrators, tokens and the portal's settings.
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

named! {
    /// What an act asks of an administrator.
    Duty {
        /// Look at what the admin API shows.
        Look = "look",
        /// Decide about developers and registrations.
        Decide = "decide",
        /// Change what is offered and what hangs on it.
        Manage = "manage",
        /// Change who administers, what tokens there are, and how the portal is set up.
        Own = "own",
    }
}

/// An administrator who acts: through a token, on a page, or at the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    /// Whom the audit names.
    pub actor: Actor,
    /// Who it is; nobody in particular at the command line.
    pub id: Option<AdminId>,
    /// How much they may do.
    pub role: Role,
    /// What the token they use, if any, leaves of it.
    pub scopes: Vec<Scope>,
    /// Whether a secret may be made: on a page only soon after the password was given.
    pub may_make_secrets: bool,
}

/// An access token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

// === impl Duty ===

impl Duty {
    /// Returns the smallest scope that a token needs for it.
    pub const fn scope(self) -> Scope {
        match self {
            Self::Look => Scope::Read,
            Self::Decide => Scope::Approve,
            Self::Manage | Self::Own => Scope::Admin,
        }
    }
}

// === impl Administrator ===

impl Administrator {
    /// Returns whoever runs the program on its machine, who may do everything.
    pub fn at_the_command_line() -> Self {
        Self {
            actor: Actor::Operator,
            id: None,
            role: Role::Owner,
            scopes: vec![Scope::Admin],
            may_make_secrets: true,
        }
    }

    /// Returns an administrator who acts through a token of theirs.
    pub fn with_token(token: &Token, role: Role) -> Self {
        Self {
            actor: Actor::Token(token.id),
            id: Some(token.admin),
            role,
            scopes: token.scopes.clone(),
            may_make_secrets: true,
        }
    }

    /// Whether they may do what a duty asks: scopes bound a token, roles bound the person.
    pub fn may(&self, duty: Duty) -> bool {
        let has_scope = self.scopes.iter().any(|held| held.contains(duty.scope()));
        has_scope && (duty != Duty::Own || self.role == Role::Owner)
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
