//! Credentials: what a key stands for an application with.

use std::fmt;

use keystile_protocol::key::{ApiKey, KeyDigest};
use serde::Serialize;

use crate::domain::id::{ApplicationId, CredentialId};
use crate::domain::name::named;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

/// What begins every key issued here, unless configured otherwise.
pub const KEY_PREFIX: &str = "ks";

/// The longest key a gateway looks at, in bytes.
const LONGEST_KEY: usize = 256;

/// The shortest key that is taken in without `--allow-weak-keys`: 128 bits in base62.
const SHORTEST_KEY: usize = 22;

/// The fewest different characters a key that is not weak has.
const FEWEST_CHARACTERS: usize = 8;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// How much of a key's beginning may be shown, and of its end.
const SHOWN: usize = 4;

/// A credential, without its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credential {
    /// Identifies it; the upstream reads it as `X-Credential-Identifier`.
    pub id: CredentialId,
    /// Whose it is.
    pub application: ApplicationId,
    /// Its name, in its maker's words.
    pub display_name: Line<255>,
    /// What stands in for the key.
    #[serde(skip)]
    pub digest: KeyDigest,
    /// How the key looks, for people who hold several.
    #[serde(skip)]
    pub hint: KeyHint,
    /// When it stops being valid.
    pub expires_at: Option<Timestamp>,
    /// When it stopped being admitted, if it did.
    pub suspended_at: Option<Timestamp>,
    /// When its key was last used, to a few minutes; gateways tell.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How a key begins and ends; both empty where only a digest is known or the key is short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyHint {
    /// How it begins.
    pub prefix: String,
    /// How it ends.
    pub last_four: String,
}

/// A key that was just made, for whoever asked for it. Only its digest is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedKey(String);

/// A key to be taken in: its digest, and how it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedKey {
    /// What stands in for the key.
    pub digest: KeyDigest,
    /// How it looks.
    pub hint: KeyHint,
}

named! {
    /// How long a key that was replaced stays valid.
    Overlap {
        /// Not at all.
        None = "0",
        /// An hour.
        Hour = "1h",
        /// A day.
        Day = "24h",
        /// A week.
        Week = "7d",
        /// Thirty days.
        Month = "30d",
    }
}

/// Whether keys that could be guessed are taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakKeys {
    /// They are refused.
    Refused,
    /// They are taken; `--allow-weak-keys` says so.
    Allowed,
}

/// Why a key is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Nothing, or more than a gateway looks at.
    #[error("must have 1 to 256 bytes")]
    Length,
    /// Not what a digest looks like.
    #[error("must be `sha256:` and 64 lower-case hexadecimal digits")]
    Digest,
    /// It could be guessed.
    #[error("must not be guessable: at least 22 characters, 8 of them different")]
    Weak,
}

// === impl Credential ===

impl Credential {
    /// Returns it as it is once it was replaced, or nothing if it is withdrawn with that. It is never
    /// valid for longer than it was to be.
    pub fn replaced(self, overlap: Overlap, now: Timestamp) -> Option<Self> {
        let end = now.plus_ms(overlap.length_ms()?);
        Some(Self {
            expires_at: Some(self.expires_at.map_or(end, |own| own.min(end))),
            updated_at: now,
            ..self
        })
    }
}

// === impl Overlap ===

impl Overlap {
    const fn length_ms(self) -> Option<i64> {
        match self {
            Self::None => None,
            Self::Hour => Some(HOUR_MS),
            Self::Day => Some(24 * HOUR_MS),
            Self::Week => Some(7 * 24 * HOUR_MS),
            Self::Month => Some(30 * 24 * HOUR_MS),
        }
    }
}

// === impl KeyHint ===

impl KeyHint {
    /// Returns what may be shown of a key: nothing of one that is not much longer than that.
    pub fn of(key: &str) -> Self {
        let characters: Vec<char> = key.chars().collect();
        match (
            characters.first_chunk::<SHOWN>(),
            characters.last_chunk::<SHOWN>(),
        ) {
            (Some(first), Some(last)) if characters.len() >= SHORTEST_KEY => Self {
                prefix: first.iter().collect(),
                last_four: last.iter().collect(),
            },
            _ => Self::default(),
        }
    }
}

// === impl IssuedKey ===

impl IssuedKey {
    /// Takes the key from the generator.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// Lends the key to the one answer that carries it, and to nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns what is kept of it.
    pub fn kept(&self) -> ImportedKey {
        ImportedKey::issued(&self.0)
    }
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("IssuedKey(..)")
    }
}

// === impl ImportedKey ===

impl ImportedKey {
    /// Returns what is kept of a key that was just made.
    pub fn issued(secret: &str) -> Self {
        Self {
            digest: ApiKey::new(secret).digest(),
            hint: KeyHint::of(secret),
        }
    }

    /// Parses a key, or `sha256:` and its digest.
    pub fn parse(text: &str, weak: WeakKeys) -> Result<Self, InvalidKey> {
        if let Some(digest) = text.strip_prefix("sha256:") {
            let digest = digest.parse().map_err(|_| InvalidKey::Digest)?;
            return Ok(Self {
                digest,
                hint: KeyHint::default(),
            });
        }
        if !(1..=LONGEST_KEY).contains(&text.len()) {
            return Err(InvalidKey::Length);
        }
        if weak == WeakKeys::Refused && is_guessable(text) {
            return Err(InvalidKey::Weak);
        }
        Ok(Self::issued(text))
    }
}

fn is_guessable(key: &str) -> bool {
    let mut characters: Vec<char> = key.chars().collect();
    let length = characters.len();
    characters.sort_unstable();
    characters.dedup();
    length < SHORTEST_KEY || characters.len() < FEWEST_CHARACTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guessable_key_is_taken_in_only_if_allowed() {
        for key in ["kong", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(
                ImportedKey::parse(key, WeakKeys::Refused),
                Err(InvalidKey::Weak)
            );
            assert!(ImportedKey::parse(key, WeakKeys::Allowed).is_ok(), "{key}");
        }
    }

    #[test]
    fn a_key_and_its_digest_are_the_same_credential() {
        let key = "ks_0123456789ABCDEFGHIJKLMNOPQRSTUV08Wbiv";
        let by_value = ImportedKey::parse(key, WeakKeys::Refused).unwrap();
        let digest = format!("sha256:{}", ApiKey::new(key).digest());
        let by_digest = ImportedKey::parse(&digest, WeakKeys::Refused).unwrap();
        assert_eq!(by_value.digest, by_digest.digest);
        assert_eq!(by_value.hint.last_four, "Wbiv");
        assert_eq!(by_digest.hint, KeyHint::default());
    }

    #[test]
    fn nothing_of_a_short_key_is_shown() {
        assert_eq!(KeyHint::of("kong-kong-kong"), KeyHint::default());
    }
}
