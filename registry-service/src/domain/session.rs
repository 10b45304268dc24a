//! Log-ins of developers through the API: two secrets, held in cookies, known here by digests.

use std::fmt;

use keystile_protocol::key::{ApiKey, KeyDigest};

use crate::domain::access::Actor;
use crate::domain::id::{DeveloperId, LoginId};
use crate::domain::name::named;
use crate::domain::timestamp::Timestamp;

/// What begins every session's secret, so that scanners and people can tell it from a key.
pub const SESSION_PREFIX: &str = "kss";

/// How long an access session lives: the idle timeout of a log-in.
const ACCESS_LIFE_MS: i64 = 30 * 60 * 1000;

/// How long a log-in lives, however often it is refreshed.
const LOGIN_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// How long a refresh secret that was already used still gives an access session: the time in which
/// two tabs of one browser may both use it.
const REUSE_GRACE_MS: i64 = 30 * 1000;

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
pub struct Session {
    /// What stands in for its secret.
    pub digest: KeyDigest,
    /// What it is good for.
    pub kind: SessionKind,
    /// The log-in it belongs to: its sessions end together.
    pub login: LoginId,
    /// Whose it is.
    pub developer: DeveloperId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the password was last given.
    pub authenticated_at: Timestamp,
    /// When it was exchanged for another; only refresh sessions are.
    pub spent_at: Option<Timestamp>,
    /// When it stops being valid.
    pub expires_at: Timestamp,
}

/// A developer who is logged in. Only a live session shows one, so whoever has one need not look
/// again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    developer: DeveloperId,
    login: LoginId,
    kind: SessionKind,
    authenticated_at: Timestamp,
}

/// What a refresh session is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Refresh {
    /// A new access session and a new refresh session in its place.
    Rotate,
    /// A new access session alone: another tab was first and has the new refresh session.
    AccessOnly,
    /// The end of the log-in: its secret is known to someone who should not have it.
    EndLogin,
    /// Nothing.
    Nothing,
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

impl Session {
    /// Returns the first access session of a log-in.
    pub fn access(
        secret: &SessionSecret,
        login: LoginId,
        developer: DeveloperId,
        now: Timestamp,
    ) -> Self {
        Self {
            digest: secret.digest(),
            kind: SessionKind::Access,
            login,
            developer,
            created_at: now,
            authenticated_at: now,
            spent_at: None,
            expires_at: now.plus_ms(ACCESS_LIFE_MS),
        }
    }

    /// Returns the first refresh session of a log-in.
    pub fn refresh(
        secret: &SessionSecret,
        login: LoginId,
        developer: DeveloperId,
        now: Timestamp,
    ) -> Self {
        Self {
            kind: SessionKind::Refresh,
            expires_at: now.plus_ms(LOGIN_LIFE_MS),
            ..Self::access(secret, login, developer, now)
        }
    }

    /// Returns the access session that follows from this one, not outliving the log-in.
    #[must_use]
    pub fn next_access(&self, secret: &SessionSecret, now: Timestamp) -> Self {
        Self {
            authenticated_at: self.authenticated_at,
            expires_at: now.plus_ms(ACCESS_LIFE_MS).min(self.end_of_login()),
            ..Self::access(secret, self.login, self.developer, now)
        }
    }

    /// Returns the refresh session that takes this one's place, not outliving the log-in.
    #[must_use]
    pub fn next_refresh(&self, secret: &SessionSecret, now: Timestamp) -> Self {
        Self {
            authenticated_at: self.authenticated_at,
            expires_at: self.end_of_login(),
            ..Self::refresh(secret, self.login, self.developer, now)
        }
    }

    /// Whether it is worth anything, at a time.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.spent_at.is_none()
    }

    /// Returns who is logged in, if it is live and is good for more than another session.
    pub fn signed_in(&self, now: Timestamp) -> Option<SignedIn> {
        (self.is_live(now) && self.kind != SessionKind::Refresh).then_some(SignedIn {
            developer: self.developer,
            login: self.login,
            kind: self.kind,
            authenticated_at: self.authenticated_at,
        })
    }

    /// Decides what a refresh session is worth when it is presented. A secret that was exchanged
    /// long ago is in two hands (RFC 9700, section 4.14.2).
    pub fn on_refresh(&self, now: Timestamp) -> Refresh {
        if self.kind != SessionKind::Refresh || now >= self.expires_at {
            return Refresh::Nothing;
        }
        match self.spent_at {
            None => Refresh::Rotate,
            Some(spent_at) if now < spent_at.plus_ms(REUSE_GRACE_MS) => Refresh::AccessOnly,
            Some(_) => Refresh::EndLogin,
        }
    }

    fn end_of_login(&self) -> Timestamp {
        self.authenticated_at.plus_ms(LOGIN_LIFE_MS)
    }
}

// === impl SignedIn ===

impl SignedIn {
    /// Returns who it is.
    pub const fn developer(self) -> DeveloperId {
        self.developer
    }

    /// Returns the log-in it was shown by.
    pub const fn login(self) -> LoginId {
        self.login
    }

    /// Returns in whose name changes are made.
    pub const fn actor(self) -> Actor {
        Actor::Developer(self.developer)
    }

    /// Whether a secret may be made. On a page the password has to have been given lately, for
    /// browsers are left alone and cookies are stolen; clients of the API have no one to ask.
    pub fn may_make_secrets(self, now: Timestamp) -> bool {
        self.kind != SessionKind::Page || now < self.authenticated_at.plus_ms(RECENT_MS)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const START: Timestamp = Timestamp(1_000);
    const HOUR_MS: i64 = 60 * 60 * 1000;

    fn refresh_session() -> Session {
        let (login, developer) = (LoginId(Uuid::from_u128(1)), DeveloperId(Uuid::from_u128(2)));
        Session::refresh(&SessionSecret::new("one"), login, developer, START)
    }

    #[test]
    fn a_log_in_ends_after_a_day_however_often_it_is_refreshed() {
        let mut session = refresh_session();
        for hour in 1..24 {
            session =
                session.next_refresh(&SessionSecret::new("next"), START.plus_ms(hour * HOUR_MS));
        }
        let end = START.plus_ms(24 * HOUR_MS);
        assert_eq!(session.on_refresh(end.plus_ms(-1)), Refresh::Rotate);
        assert_eq!(session.on_refresh(end), Refresh::Nothing);
        let last = session.next_access(&SessionSecret::new("last"), end.plus_ms(-1));
        assert!(!last.is_live(end), "access does not outlive the log-in");
    }

    #[test]
    fn a_spent_secret_is_forgiven_for_half_a_minute_and_then_ends_the_log_in() {
        let session = Session {
            spent_at: Some(START),
            ..refresh_session()
        };
        assert_eq!(
            session.on_refresh(START.plus_ms(29_999)),
            Refresh::AccessOnly
        );
        assert_eq!(session.on_refresh(START.plus_ms(30_000)), Refresh::EndLogin);
    }

    #[test]
    fn an_access_session_refreshes_nothing() {
        let session = refresh_session().next_access(&SessionSecret::new("two"), START);
        assert!(session.is_live(START));
        assert_eq!(session.on_refresh(START), Refresh::Nothing);
    }

    #[test]
    fn a_secret_never_prints() {
        assert_eq!(
            format!("{:?}", SessionSecret::new("x")),
            "SessionSecret(..)"
        );
    }
}
