//! Passwords: what may be one, and what is kept of one.
//!
//! Everything here takes as long as it takes; [`crate::hashing`] keeps that off the runtime.

use std::fmt;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Block, Params, Version};

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

/// The 19 MiB that a password is hashed in, taken from the system at the first use.
///
/// Whoever hashes often keeps one: an allocator that hands out and takes back so much time and again
/// ends up keeping several times as much.
#[derive(Default)]
pub struct Workspace(Vec<Block>);

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
    pub fn of(
        password: &Password,
        salt: Salt,
        workspace: &mut Workspace,
    ) -> Result<Self, InvalidPasswordHash> {
        let salt = phc::Salt::new(&salt.0).map_err(invalid)?;
        // The crate's defaults are these figures; a test holds them.
        let params = Params::default();
        let mut hash = phc::PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: phc::ParamsString::try_from(&params).map_err(invalid)?,
            salt: Some(salt),
            hash: None,
        };
        hash.hash = Some(workspace.output(&hash, password)?);
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
    pub fn is_of(&self, password: &Password, workspace: &mut Workspace) -> bool {
        let Ok(hash) = phc::PasswordHash::new(&self.0) else {
            return false;
        };
        let output = workspace.output(&hash, password);
        // Outputs are compared in the same time wherever they differ.
        output.is_ok_and(|output| hash.hash == Some(output))
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

// === impl Workspace ===

impl Workspace {
    /// Hashes a password the way a hash says it was made.
    fn output(
        &mut self,
        hash: &phc::PasswordHash,
        password: &Password,
    ) -> Result<phc::Output, InvalidPasswordHash> {
        let salt = hash.salt.as_ref().ok_or(InvalidPasswordHash)?;
        let version = hash.version.ok_or(InvalidPasswordHash)?;
        let argon2 = Argon2::new(
            Algorithm::try_from(hash.algorithm.as_str()).map_err(invalid)?,
            Version::try_from(version).map_err(invalid)?,
            Params::try_from(hash).map_err(invalid)?,
        );
        let blocks = self.blocks(argon2.params().block_count())?;
        let length = argon2.params().output_len();
        let mut buffer = [0; phc::Output::MAX_LENGTH];
        let output = buffer
            .get_mut(..length.unwrap_or(Params::DEFAULT_OUTPUT_LEN))
            .ok_or(InvalidPasswordHash)?;
        argon2
            .hash_password_into_with_memory(password.0.as_bytes(), salt, output, blocks)
            .map_err(invalid)?;
        phc::Output::new(output).map_err(invalid)
    }

    fn blocks(&mut self, count: usize) -> Result<&mut [Block], InvalidPasswordHash> {
        let more = count.saturating_sub(self.0.len());
        self.0.try_reserve_exact(more).map_err(invalid)?;
        self.0.resize_with(self.0.len() + more, Block::default);
        self.0.get_mut(..count).ok_or(InvalidPasswordHash)
    }
}

// === impl Salt ===

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(..)")
    }
}

/// Whatever is wrong with a hash, nobody's password is right.
fn invalid<E>(_: E) -> InvalidPasswordHash {
    InvalidPasswordHash
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Salt = Salt(*b"sixteen bytes ..");

    /// What the reference implementation prints for `printf password | argon2 somesalt -id -t 3 -k 256 -p 2
    /// -l 24 -e`.
    const FOREIGN: &str =
        "$argon2id$v=19$m=256,t=3,p=2$c29tZXNhbHQ$RmjTCsQYfmh47t6s8P2DxaCjDbLMFu8L";

    fn hash(text: &str) -> PasswordHash {
        PasswordHash::of(&Password::attempt(text), SALT, &mut Workspace::default()).unwrap()
    }

    fn is_of(hash: &PasswordHash, password: &Password) -> bool {
        hash.is_of(password, &mut Workspace::default())
    }

    #[test]
    fn a_hash_is_argon2id_with_19_mib_and_two_passes() {
        let hash = hash("correct horse");
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    #[test]
    fn what_was_hashed_before_leaves_no_trace_in_what_is_hashed_next() {
        let password = Password::attempt("correct horse");
        let mut used = Workspace::default();
        PasswordHash::of(&Password::attempt("another"), Salt([7; 16]), &mut used).unwrap();
        let again = PasswordHash::of(&password, SALT, &mut used).unwrap();
        assert_eq!(again.as_str(), hash("correct horse").as_str());
        assert!(again.is_of(&password, &mut used));
    }

    #[test]
    fn a_hash_is_verified_with_the_figures_it_was_made_with() {
        let hash = PasswordHash::parse(FOREIGN).unwrap();
        assert!(is_of(&hash, &Password::attempt("password")));
        assert!(!is_of(&hash, &Password::attempt("passwords")));
    }

    #[test]
    fn a_password_is_taken_to_the_byte() {
        let long = "x".repeat(128);
        let emoji = "\u{1f40e}".repeat(8);
        for text in ["correct horse", " eight  ", "nul\0nul\0", &emoji, &long] {
            let chosen = Password::choose(text).unwrap();
            let shorter = &text[..text.len() - text.chars().last().unwrap().len_utf8()];
            assert!(is_of(&hash(text), &chosen), "{text:?}");
            assert!(!is_of(&hash(shorter), &chosen), "{text:?}");
        }
    }

    #[test]
    fn passwords_that_differ_at_the_73rd_byte_differ() {
        let start = "x".repeat(72);
        let chosen = hash(&format!("{start}a"));
        assert!(!is_of(&chosen, &Password::attempt(format!("{start}b"))));
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
        assert!(!is_of(&PasswordHash::of_nobody(), &Password::attempt("")));
    }

    #[test]
    fn neither_a_password_nor_its_hash_prints() {
        let password = Password::attempt("correct horse");
        assert_eq!(format!("{password:?}"), "Password(..)");
        assert_eq!(format!("{:?}", hash("correct horse")), "PasswordHash(..)");
    }
}
