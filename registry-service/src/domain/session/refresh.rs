//! Log-ins through the API: an access session for calls, a refresh session for the next one.

use crate::domain::id::{DeveloperId, LoginId};
use crate::domain::session::{IDLE_MS, LOGIN_LIFE_MS, Session, SessionKind, SessionSecret};
use crate::domain::timestamp::Timestamp;

/// How long a refresh secret that was already used still gives an access session: the time in which
/// two tabs of one browser may both use it.
const REUSE_GRACE_MS: i64 = 30 * 1000;

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

// === impl Session ===

impl Session {
    /// Returns the first access session of a log-in.
    pub fn access(
        secret: &SessionSecret,
        login: LoginId,
        developer: DeveloperId,
        now: Timestamp,
    ) -> Self {
        Self::first(secret, SessionKind::Access, (login, developer), now)
    }

    /// Returns the first refresh session of a log-in.
    pub fn refresh(
        secret: &SessionSecret,
        login: LoginId,
        developer: DeveloperId,
        now: Timestamp,
    ) -> Self {
        Self {
            expires_at: now.plus_ms(LOGIN_LIFE_MS),
            ..Self::first(secret, SessionKind::Refresh, (login, developer), now)
        }
    }

    /// Returns the access session that follows from this one, not outliving the log-in.
    #[must_use]
    pub fn next_access(&self, secret: &SessionSecret, now: Timestamp) -> Self {
        Self {
            authenticated_at: self.authenticated_at,
            expires_at: now.plus_ms(IDLE_MS).min(self.end_of_login()),
            agent: self.agent.clone(),
            ..Self::access(secret, self.login, self.owner, now)
        }
    }

    /// Returns the refresh session that takes this one's place, not outliving the log-in.
    #[must_use]
    pub fn next_refresh(&self, secret: &SessionSecret, now: Timestamp) -> Self {
        Self {
            authenticated_at: self.authenticated_at,
            expires_at: self.end_of_login(),
            agent: self.agent.clone(),
            ..Self::refresh(secret, self.login, self.owner, now)
        }
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
}
