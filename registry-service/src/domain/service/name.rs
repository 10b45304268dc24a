//! What services and keys are called: texts with rules.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::schema::schema;
use crate::domain::service::InvalidService;

/// How many names a key may have (Konnect's limit for a strategy).
const MOST_KEY_NAMES: usize = 10;

/// The longest name a key may have (Konnect's limit).
const LONGEST_KEY_NAME: usize = 256;

/// The longest name of a service.
const LONGEST_NAME: usize = 128;

/// What route metadata calls a service: `[a-z0-9.-]{1,128}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceName(String);

/// The names a key may have, in the order they are looked for: 1 to 10 of Kong's `[A-Za-z0-9_-]+`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNames(Vec<String>);

/// What precedes the key in a header's value: visible ASCII and spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuePrefix(String);

// === impl ServiceName ===

impl ServiceName {
    /// Parses a name.
    pub fn parse(text: &str) -> Result<Self, InvalidService> {
        let is_allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(is_allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidService::Name)
        }
    }

    /// Returns the name a product version's service has by default: `<product>-<version>`.
    ///
    /// Whatever a service name cannot hold becomes `-`, as long as something remains.
    pub fn of_version(product: &str, version: &str) -> Result<Self, InvalidService> {
        let mut name = String::new();
        for character in format!("{product}-{version}").to_lowercase().chars() {
            match character {
                'a'..='z' | '0'..='9' | '.' => name.push(character),
                _ if name.ends_with('-') || name.is_empty() => {}
                _ => name.push('-'),
            }
        }
        name.truncate(LONGEST_NAME);
        Self::parse(name.trim_end_matches('-'))
    }

    /// Borrows the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

// === impl KeyNames ===

impl KeyNames {
    /// Parses a list of names.
    pub fn parse(names: Vec<String>) -> Result<Self, InvalidService> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let is_name = |name: &String| {
            (1..=LONGEST_KEY_NAME).contains(&name.len()) && name.bytes().all(is_allowed)
        };
        if !(1..=MOST_KEY_NAMES).contains(&names.len()) {
            return Err(InvalidService::KeyNameCount);
        }
        if !names.iter().all(is_name) {
            return Err(InvalidService::KeyName);
        }
        Ok(Self(names))
    }

    /// Borrows the names.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

// === impl ValuePrefix ===

impl ValuePrefix {
    /// Parses a prefix.
    pub fn parse(text: &str) -> Result<Self, InvalidService> {
        let is_allowed = |byte: u8| (b' '..=b'~').contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(is_allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidService::ValuePrefix)
        }
    }

    /// Borrows the prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServiceName {
    type Err = InvalidService;

    fn from_str(text: &str) -> Result<Self, InvalidService> {
        Self::parse(text)
    }
}

impl FromStr for ValuePrefix {
    type Err = InvalidService;

    fn from_str(text: &str) -> Result<Self, InvalidService> {
        Self::parse(text)
    }
}

macro_rules! parsed {
    ($name:ident from $from:ty, $borrow:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <$from>::deserialize(deserializer)?;
                Self::parse(parsed!(@$borrow value)).map_err(de::Error::custom)
            }
        }
    };
    (@borrowed $value:ident) => { &$value };
    (@owned $value:ident) => { $value };
}

schema!([] ServiceName = {
    "type": "string",
    "pattern": format!("^[a-z0-9.-]{{1,{LONGEST_NAME}}}$"),
});
schema!([] ValuePrefix = {"type": "string", "pattern": "^[ -~]{1,64}$"});
schema!([] KeyNames = {
    "type": "array",
    "minItems": 1,
    "maxItems": MOST_KEY_NAMES,
    "items": {"type": "string", "pattern": format!("^[A-Za-z0-9_-]{{1,{LONGEST_KEY_NAME}}}$")},
});
parsed!(ServiceName from String, borrowed);
parsed!(ValuePrefix from String, borrowed);
parsed!(KeyNames from Vec<String>, owned);
