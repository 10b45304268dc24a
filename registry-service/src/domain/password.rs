//! Passwords: what may be one, and what is kept of one.
//!
//! Everything here takes as long as it takes; [`crate::hashing`] keeps that off the runtime.

use std::fmt;

use argon2::Argon2;
use argon2::password_hash::phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

/// The fewest characters of a password (NIST SP 800-63B, section 3.1.1.2, asks for at least 8).
const FEWEST_CHARACTERS: usize = 8;

/// The most characters of a password: far above the 64 that must be possible, and no burden to hash.
const MOST_CHARACTERS: usize = 512;

/// What guessing begins with, one a line, in lower case, for [`Password::choose`].
const COMMON: &str = include_str!("password/common.txt");

/// What unknown accounts are verified against, so that they take as long as known ones.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA\
                     $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password as someone gave it, to the byte: nothing is trimmed, folded or cut off.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// What is kept of a password: argon2id in the PHC string format.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// 16 random bytes that make the hashes of equal passwords differ.
#[derive(Clone, Copy)]
pub struct Salt(pub [u8; 16]);

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// It could be tried out.
    #[error("must have at least {FEWEST_CHARACTERS} characters")]
    TooShort,
    /// It is a burden to hash.
    #[error("must have at most {MOST_CHARACTERS} characters")]
    TooLong,
    /// It is among the first to be tried.
    #[error("must not be one of the most common passwords")]
    Common,
}

/// The text does not hold an argon2 hash, or one cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a password hash")]
pub struct InvalidPasswordHash;

// === impl Password ===

impl Password {
    /// Takes a password to be compared with one that was chosen; the rules for choosing are not its
    /// business.
    pub fn attempt(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Takes a new password.
    pub fn choose(text: impl Into<String>) -> Result<Self, InvalidPassword> {
        let text = text.into();
        let length = text.chars().count();
        if length < FEWEST_CHARACTERS {
            return Err(InvalidPassword::TooShort);
        }
        if length > MOST_CHARACTERS {
            return Err(InvalidPassword::TooLong);
        }
        let folded = text.to_lowercase();
        if COMMON.lines().any(|common| common == folded) {
            return Err(InvalidPassword::Common);
        }
        Ok(Self(text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

// === impl PasswordHash ===

impl PasswordHash {
    /// Hashes a password with argon2id, 19 MiB, two passes, one lane (OWASP Password Storage Cheat
    /// Sheet).
    pub fn of(password: &Password, salt: Salt) -> Result<Self, InvalidPasswordHash> {
        // The crate's defaults are these figures; a test holds them.
        let hash: phc::PasswordHash = Argon2::default()
            .hash_password_with_salt(password.0.as_bytes(), &salt.0)
            .map_err(|_| InvalidPasswordHash)?;
        Ok(Self(hash.to_string()))
    }

    /// Parses what [`PasswordHash::as_str`] lent.
    pub fn parse(text: &str) -> Result<Self, InvalidPasswordHash> {
        match phc::PasswordHash::new(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(InvalidPasswordHash),
        }
    }

    /// Returns a hash that no password has.
    pub fn of_nobody() -> Self {
        Self(DUMMY.to_owned())
    }

    /// Whether it is the hash of a password.
    pub fn is_of(&self, password: &Password) -> bool {
        phc::PasswordHash::new(&self.0).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.0.as_bytes(), &hash)
                .is_ok()
        })
    }

    /// Borrows the PHC string, to keep it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for PasswordHash {
    type Err = InvalidPasswordHash;

    fn from_str(text: &str) -> Result<Self, InvalidPasswordHash> {
        Self::parse(text)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash(..)")
    }
}

// === impl Salt ===

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Salt = Salt(*b"sixteen bytes ..");

    fn hash(text: &str) -> PasswordHash {
        PasswordHash::of(&Password::attempt(text), SALT).unwrap()
    }

    #[test]
    fn a_hash_is_argon2id_with_19_mib_and_two_passes() {
        let hash = hash("correct horse");
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[test]
    fn a_password_is_taken_to_the_byte() {
        let long = "x".repeat(128);
        let emoji = "\u{1f40e}".repeat(8);
        for text in ["correct horse", " eight  ", "nul\0nul\0", &emoji, &long] {
            let chosen = Password::choose(text).unwrap();
            let shorter = &text[..text.len() - text.chars().last().unwrap().len_utf8()];
            assert!(hash(text).is_of(&chosen), "{text:?}");
            assert!(!hash(shorter).is_of(&chosen), "{text:?}");
        }
    }

    #[test]
    fn passwords_that_differ_at_the_73rd_byte_differ() {
        let start = "x".repeat(72);
        let chosen = hash(&format!("{start}a"));
        assert!(!chosen.is_of(&Password::attempt(format!("{start}b"))));
    }

    #[test]
    fn short_long_and_common_passwords_are_refused() {
        let cases = [
            ("seven c".to_owned(), InvalidPassword::TooShort),
            ("x".repeat(513), InvalidPassword::TooLong),
            ("Password1".to_owned(), InvalidPassword::Common),
            ("12345678".to_owned(), InvalidPassword::Common),
        ];
        for (text, refusal) in cases {
            assert_eq!(Password::choose(text), Err(refusal));
        }
    }

    #[test]
    fn every_common_password_on_the_list_could_match() {
        for line in COMMON.lines() {
            assert_eq!(line, line.trim().to_lowercase());
            assert!(line.chars().count() >= FEWEST_CHARACTERS, "{line}");
        }
    }

    #[test]
    fn nobodys_hash_costs_what_others_cost() {
        let cost = |hash: &PasswordHash| hash.as_str()[..31].to_owned();
        assert_eq!(
            cost(&PasswordHash::of_nobody()),
            cost(&hash("correct horse"))
        );
        assert!(PasswordHash::parse(DUMMY).is_ok());
        assert!(!PasswordHash::of_nobody().is_of(&Password::attempt("")));
    }

    #[test]
    fn neither_a_password_nor_its_hash_prints() {
        let password = Password::attempt("correct horse");
        assert_eq!(format!("{password:?}"), "Password(..)");
        assert_eq!(format!("{:?}", hash("correct horse")), "PasswordHash(..)");
    }
}
