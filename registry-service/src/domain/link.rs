//! Links in mails: each works once, for a while, and proves that whoever has it reads the mail.

use std::fmt;
use std::str::FromStr;

use keystile_protocol::key::{ApiKey, KeyDigest};
use uuid::Uuid;

use crate::domain::id::{DeveloperId, InvalidId};
use crate::domain::name::named;
use crate::domain::timestamp::Timestamp;

const HOUR_MS: i64 = 60 * 60 * 1000;

named! {
    /// What a link is good for.
    LinkPurpose {
        /// Shows that an address is its developer's.
        VerifyEmail = "verify-email",
        /// Sets a password.
        ResetPassword = "reset-password",
    }
}

/// The secret of a link: a random UUID, as Konnect's API asks for. Only its digest is kept, but for
/// the mail itself, which waits in the outbox until the link is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LinkSecret(Uuid);

/// A link, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What stands in for its secret.
    pub digest: KeyDigest,
    /// What it is good for.
    pub purpose: LinkPurpose,
    /// Whom it was sent to.
    pub developer: DeveloperId,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was used, or another took its place.
    pub used_at: Option<Timestamp>,
}

/// The link has been used or has run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link has been used or has run out")]
pub struct LinkGone;

// === impl LinkPurpose ===

impl LinkPurpose {
    /// Returns how long such a link works: the one that lets its holder in, an hour at most.
    pub const fn life_ms(self) -> i64 {
        match self {
            Self::VerifyEmail => 24 * HOUR_MS,
            Self::ResetPassword => HOUR_MS,
        }
    }
}

// === impl LinkSecret ===

impl LinkSecret {
    /// Takes 122 random bits.
    pub const fn new(random: Uuid) -> Self {
        Self(random)
    }

    /// Returns what stands in for it.
    pub fn digest(self) -> KeyDigest {
        ApiKey::new(self.reveal()).digest()
    }

    /// Returns the secret for the link that carries it, and for nothing else.
    pub fn reveal(self) -> String {
        self.0.to_string()
    }
}

impl FromStr for LinkSecret {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LinkSecret(..)")
    }
}

// === impl Link ===

impl Link {
    /// Returns a new link.
    pub fn new(
        secret: LinkSecret,
        purpose: LinkPurpose,
        developer: DeveloperId,
        now: Timestamp,
    ) -> Self {
        Self {
            digest: secret.digest(),
            purpose,
            developer,
            expires_at: now.plus_ms(purpose.life_ms()),
            used_at: None,
        }
    }

    /// Uses the link up.
    pub fn spend(self, now: Timestamp) -> Result<Self, LinkGone> {
        if self.used_at.is_some() || now >= self.expires_at {
            return Err(LinkGone);
        }
        Ok(Self {
            used_at: Some(now),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once_and_not_after_its_end() {
        let now = Timestamp(5);
        let secret = LinkSecret::new(Uuid::from_u128(1));
        let link = Link::new(
            secret,
            LinkPurpose::ResetPassword,
            DeveloperId(Uuid::nil()),
            now,
        );
        assert_eq!(link.clone().spend(now.plus_ms(HOUR_MS)), Err(LinkGone));
        let used = link.spend(now.plus_ms(HOUR_MS - 1)).unwrap();
        assert_eq!(used.spend(now), Err(LinkGone));
    }

    #[test]
    fn a_secret_is_the_same_however_its_uuid_is_written_and_never_prints() {
        let secret = LinkSecret::new(Uuid::from_u128(0xabcd));
        let shouted: LinkSecret = secret.reveal().to_uppercase().parse().unwrap();
        assert_eq!(shouted.digest(), secret.digest());
        assert_eq!(format!("{secret:?}"), "LinkSecret(..)");
    }
}
