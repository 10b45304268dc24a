//! Log-ins and their sessions: secrets, held in cookies, known here by digests.
//!
//! Developers log in on pages and through the API, administrators on pages; a session says whose it
//! is by its type.

use std::fmt;

use keystile_protocol::key::{ApiKey, KeyDigest};

use crate::domain::access::Actor;
use crate::domain::id::{DeveloperId, LoginId};
use crate::domain::name::named;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

mod page;
mod refresh;

pub use refresh::Refresh;

/// What begins every session's secret, so that scanners and people can tell it from a key.
pub const SESSION_PREFIX: &str = "kss";

/// How long a session lives that is not used: the idle timeout of a log-in.
const IDLE_MS: i64 = 30 * 60 * 1000;

/// How long a log-in lives, however often it is used.
const LOGIN_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// How long after the password was given a page makes secrets.
const RECENT_MS: i64 = 60 * 60 * 1000;

named! {
    /// What a session is good for; one kind is never taken for another.
    SessionKind {
        /// Calls of the portal's API, in the cookie `portalaccesstoken`.
        Access = "access",
        /// Another access session, in the cookie `portalrefreshtoken`.
        Refresh = "refresh",
        /// Our own pages.
        Page = "page",
    }
}

/// The secret of a session. Only its digest is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret(String);

/// A session, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session<Owner = DeveloperId> {
    /// What stands in for its secret.
    pub digest: KeyDigest,
    /// What it is good for.
    pub kind: SessionKind,
    /// The log-in it belongs to: its sessions end together.
    pub login: LoginId,
    /// Whose it is.
    pub owner: Owner,
    /// When it was made; the session of a page is made once, by logging in.
    pub created_at: Timestamp,
    /// When the password was last given.
    pub authenticated_at: Timestamp,
    /// When it was last used, roughly; only pages' sessions say.
    pub used_at: Option<Timestamp>,
    /// When it was exchanged for another; only refresh sessions are.
    pub spent_at: Option<Timestamp>,
    /// When it stops being valid.
    pub expires_at: Timestamp,
    /// How the browser or program called itself when it logged in.
    pub agent: Option<Line<255>>,
}

/// Someone who is logged in. Only a live session shows one, so whoever has one need not look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn<Owner = DeveloperId> {
    owner: Owner,
    login: LoginId,
    kind: SessionKind,
    authenticated_at: Timestamp,
}

/// A log-in, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Identifies it.
    pub id: LoginId,
    /// Where: `page` on our pages, `access` through the API.
    pub kind: SessionKind,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was last used, roughly.
    pub used_at: Timestamp,
    /// How the browser or program called itself.
    pub agent: Option<Line<255>>,
}

// === impl SessionSecret ===

impl SessionSecret {
    /// Takes the secret as it came in a cookie, or from the generator.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns what stands in for it. A random secret of 190 bits needs no slow hash.
    pub fn digest(&self) -> KeyDigest {
        ApiKey::new(self.0.as_bytes()).digest()
    }

    /// Lends the secret to the cookie that carries it, and to nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionSecret(..)")
    }
}

// === impl Session ===

impl<Owner: Copy> Session<Owner> {
    /// Whether it is worth anything, at a time.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.spent_at.is_none()
    }

    /// Returns who is logged in, if it is live and is good for more than another session.
    pub fn signed_in(&self, now: Timestamp) -> Option<SignedIn<Owner>> {
        (self.is_live(now) && self.kind != SessionKind::Refresh).then_some(SignedIn {
            owner: self.owner,
            login: self.login,
            kind: self.kind,
            authenticated_at: self.authenticated_at,
        })
    }

    fn first(
        secret: &SessionSecret,
        kind: SessionKind,
        (login, owner): (LoginId, Owner),
        now: Timestamp,
    ) -> Self {
        Self {
            digest: secret.digest(),
            kind,
            login,
            owner,
            created_at: now,
            authenticated_at: now,
            used_at: None,
            spent_at: None,
            expires_at: now.plus_ms(IDLE_MS),
            agent: None,
        }
    }
}

// === impl SignedIn ===

impl<Owner: Copy> SignedIn<Owner> {
    /// Returns who it is.
    pub const fn owner(self) -> Owner {
        self.owner
    }

    /// Returns the log-in it was shown by.
    pub const fn login(self) -> LoginId {
        self.login
    }

    /// Whether a secret may be made. On a page the password has to have been given lately, for
    /// browsers are left alone and cookies are stolen; clients of the API have no one to ask.
    pub fn may_make_secrets(self, now: Timestamp) -> bool {
        self.kind != SessionKind::Page || now < self.authenticated_at.plus_ms(RECENT_MS)
    }
}

impl SignedIn {
    /// Returns who it is.
    pub const fn developer(self) -> DeveloperId {
        self.owner
    }

    /// Returns in whose name changes are made.
    pub const fn actor(self) -> Actor {
        Actor::Developer(self.owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        assert_eq!(
            format!("{:?}", SessionSecret::new("x")),
            "SessionSecret(..)"
        );
    }
}
