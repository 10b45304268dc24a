//! The secret of a credential, the digest that stands in for it, and the format of the keys we issue.

use core::fmt;
use core::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// How many random characters of `0-9A-Za-z` a key has: 190 bits.
pub const RANDOM_LENGTH: usize = 32;

/// How many base62 digits of CRC-32 end a key.
pub const CHECKSUM_LENGTH: usize = 6;

/// The digits of base62 in the order of their values.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A secret key as a client sent it.
///
/// It is never stored, serialized or printed; only its [`KeyDigest`] travels.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Vec<u8>);

/// The SHA-256 of a key's bytes (FIPS 180-4); lower-case hex for people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest([u8; 32]);

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidDigest;

// === impl ApiKey ===

impl ApiKey {
    /// Takes the key's bytes as they came; any bytes are a key, known or not.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Returns what stands in for the key from here on.
    pub fn digest(&self) -> KeyDigest {
        KeyDigest(Sha256::digest(&self.0).into())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(..)")
    }
}

// === impl KeyDigest ===

impl KeyDigest {
    /// Wraps the 32 bytes of a digest.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Borrows the 32 bytes of the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// A digest says nothing about the key, but it finds the credential: logs do not need it.
impl fmt::Debug for KeyDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyDigest(..)")
    }
}

impl FromStr for KeyDigest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let pairs: &[[u8; 2]; 32] = pairs.try_into().map_err(|_| InvalidDigest)?;
        if !rest.is_empty() {
            return Err(InvalidDigest);
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for KeyDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for KeyDigest {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeyDigest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9a-f]{64}$"})
    }
}

impl<'de> Deserialize<'de> for KeyDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(DigestText)
        } else {
            <[u8; 32]>::deserialize(deserializer).map(Self)
        }
    }
}

struct DigestText;

impl Visitor<'_> for DigestText {
    type Value = KeyDigest;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("64 lower-case hexadecimal digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<KeyDigest, E> {
        text.parse().map_err(E::custom)
    }
}

// === impl InvalidDigest ===

impl fmt::Display for InvalidDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not 64 lower-case hexadecimal digits")
    }
}

impl core::error::Error for InvalidDigest {}

/// Returns the key made of a prefix and 32 random characters of `0-9A-Za-z`:
/// `<prefix>_<random><checksum>`.
pub fn compose(prefix: &str, random: &str) -> String {
    let mut key = format!("{prefix}_{random}");
    let checksum = checksum(key.as_bytes());
    key.extend(checksum.iter().map(|digit| char::from(*digit)));
    key
}

/// Whether a key has the form of those issued under `prefix`, checksum included.
///
/// The checksum is no security, anyone can compute it: it lets typing errors and scanners' noise be
/// refused without asking.
pub fn is_well_formed(prefix: &str, key: &[u8]) -> bool {
    let Some(random_and_checksum) = key
        .strip_prefix(prefix.as_bytes())
        .and_then(|rest| rest.strip_prefix(b"_"))
    else {
        return false;
    };
    let Some((before, found)) = key.split_last_chunk::<CHECKSUM_LENGTH>() else {
        return false;
    };
    random_and_checksum.len() == RANDOM_LENGTH + CHECKSUM_LENGTH
        && random_and_checksum.iter().all(u8::is_ascii_alphanumeric)
        && checksum(before) == *found
}

/// Returns the CRC-32/IEEE of `bytes` in base62, most significant digit first, zero-padded.
fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let mut rest = crc32fast::hash(bytes);
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        if let Some(value) = BASE62.get((rest % 62) as usize) {
            *digit = *value;
        }
        rest /= 62;
    }
    digits
}

fn nibble(digit: u8) -> Result<u8, InvalidDigest> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(InvalidDigest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_sha256_of_the_bytes() {
        let digest = ApiKey::new("abc").digest();
        assert_eq!(
            digest.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "FIPS 180-4's own example"
        );
    }

    #[test]
    fn a_digest_reads_back_what_it_prints() {
        let digest = ApiKey::new([0xff, 0x00]).digest();
        assert_eq!(digest.to_string().parse(), Ok(digest));
    }

    #[test]
    fn a_digest_in_upper_case_or_of_another_length_is_refused() {
        let text = ApiKey::new("abc").digest().to_string();
        for wrong in [
            text.to_uppercase(),
            text[1..].to_owned(),
            format!("{text}0"),
        ] {
            assert_eq!(wrong.parse::<KeyDigest>(), Err(InvalidDigest), "{wrong}");
        }
    }

    #[test]
    fn a_key_never_prints() {
        assert_eq!(format!("{:?}", ApiKey::new("secret")), "ApiKey(..)");
        assert_eq!(
            format!("{:?}", ApiKey::new("secret").digest()),
            "KeyDigest(..)"
        );
    }

    #[test]
    fn keys_end_in_their_checksum() {
        let vectors = [
            ("ks", "00000000000000000000000000000000", VECTOR_ZEROS),
            ("ks", "0123456789ABCDEFGHIJKLMNOPQRSTUV", VECTOR_ORDER),
            ("acme", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", VECTOR_PREFIX),
        ];
        for (prefix, random, key) in vectors {
            assert_eq!(compose(prefix, random), key);
            assert!(is_well_formed(prefix, key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn one_changed_character_is_noticed() {
        for index in 0..VECTOR_ORDER.len() {
            let mut key = VECTOR_ORDER.as_bytes().to_vec();
            key[index] = if key[index] == b'x' { b'y' } else { b'x' };
            assert!(!is_well_formed("ks", &key), "changed at {index}");
        }
    }

    const VECTOR_ZEROS: &str = "ks_000000000000000000000000000000004bHn5a";
    const VECTOR_ORDER: &str = "ks_0123456789ABCDEFGHIJKLMNOPQRSTUV08Wbiv";
    const VECTOR_PREFIX: &str = "acme_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz4Jbez0";
}
