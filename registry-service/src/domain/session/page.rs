//! Log-ins on pages: one session that lives while it is used, for a day at most.

use crate::domain::id::LoginId;
use crate::domain::session::{IDLE_MS, LOGIN_LIFE_MS, Session, SessionKind, SessionSecret};
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

/// How long a use is not worth another write.
const USE_INTERVAL_MS: i64 = 60 * 1000;

// === impl Session ===

impl<Owner: Copy> Session<Owner> {
    /// Returns the session of a new log-in on a page.
    pub fn page(
        secret: &SessionSecret,
        (login, owner): (LoginId, Owner),
        agent: Option<Line<255>>,
        now: Timestamp,
    ) -> Self {
        Self {
            used_at: Some(now),
            agent,
            ..Self::first(secret, SessionKind::Page, (login, owner), now)
        }
    }

    /// Returns the session as it is after it was used, if that is worth writing down.
    #[must_use]
    pub fn after_use(&self, now: Timestamp) -> Option<Self> {
        let last = self.used_at.unwrap_or(self.created_at);
        let is_due = self.is_live(now) && last.plus_ms(USE_INTERVAL_MS) <= now;
        is_due.then(|| Self {
            used_at: Some(now),
            expires_at: self.idle_end(now),
            ..self.clone()
        })
    }

    /// Returns the session that takes this one's place when the password was given again. The
    /// log-in is still the one that began when it began.
    #[must_use]
    pub fn authenticated_again(&self, secret: &SessionSecret, now: Timestamp) -> Self {
        Self {
            digest: secret.digest(),
            authenticated_at: now,
            used_at: Some(now),
            expires_at: self.idle_end(now),
            ..self.clone()
        }
    }

    fn idle_end(&self, now: Timestamp) -> Timestamp {
        now.plus_ms(IDLE_MS)
            .min(self.created_at.plus_ms(LOGIN_LIFE_MS))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::id::DeveloperId;

    const START: Timestamp = Timestamp(1_000);
    const MINUTE_MS: i64 = 60 * 1000;

    fn session() -> Session {
        let owner = (LoginId(Uuid::from_u128(1)), DeveloperId(Uuid::from_u128(2)));
        Session::page(&SessionSecret::new("one"), owner, None, START)
    }

    #[test]
    fn a_log_in_that_is_not_used_ends_after_half_an_hour() {
        let session = session();
        assert!(session.is_live(START.plus_ms(30 * MINUTE_MS - 1)));
        assert!(!session.is_live(START.plus_ms(30 * MINUTE_MS)));
        assert_eq!(session.after_use(START.plus_ms(30 * MINUTE_MS)), None);
    }

    #[test]
    fn a_log_in_ends_after_a_day_however_often_it_is_used_or_the_password_is_given() {
        let mut session = session();
        for quarter in 1..96 {
            let now = START.plus_ms(quarter * 15 * MINUTE_MS);
            session = session.after_use(now).unwrap();
            session = session.authenticated_again(&SessionSecret::new("next"), now);
        }
        let end = START.plus_ms(24 * 60 * MINUTE_MS);
        assert!(session.is_live(end.plus_ms(-1)));
        assert!(!session.is_live(end));
    }

    #[test]
    fn not_every_use_is_written_down() {
        assert_eq!(session().after_use(START.plus_ms(MINUTE_MS - 1)), None);
    }

    #[test]
    fn a_secret_is_made_within_an_hour_of_the_password() {
        let mut session = session();
        for minutes in [29, 58] {
            let now = START.plus_ms(minutes * MINUTE_MS);
            session = session.after_use(now).unwrap();
            assert!(session.signed_in(now).unwrap().may_make_secrets(now));
        }
        let now = START.plus_ms(60 * MINUTE_MS);
        assert!(!session.signed_in(now).unwrap().may_make_secrets(now));
        let again = session.authenticated_again(&SessionSecret::new("two"), now);
        assert!(again.signed_in(now).unwrap().may_make_secrets(now));
    }
}
