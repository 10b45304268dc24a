//! What Envoy knows an API as, and how it is guarded.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::id::{ApplicationId, ProductVersionId, ServiceId};
use crate::domain::schema::schema;
use crate::domain::text::Line;
use crate::domain::timestamp::Timestamp;

/// How many names a key may have (Konnect's limit for a strategy).
const MOST_KEY_NAMES: usize = 10;

/// The longest name a key may have (Konnect's limit).
const LONGEST_KEY_NAME: usize = 256;

/// The longest name of a service.
const LONGEST_NAME: usize = 128;

/// A guarded API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Identifies it; Konnect's `gateway_service.id`.
    pub id: ServiceId,
    /// What route metadata calls it.
    pub name: ServiceName,
    /// The product version whose registrations it asks for.
    pub product_version: Option<ProductVersionId>,
    /// The public URL that pages print in examples.
    pub proxy_url: Option<url::Url>,
    /// Where the key may be, and what happens to it.
    pub key_auth: KeyAuth,
    /// Which groups it admits.
    pub acl: Option<Acl>,
    /// Whether everyone is admitted without a key; never by default.
    pub public: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Kong's key-auth parameters, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeyAuth {
    /// The names a key may have; none means those of the auth strategy.
    pub key_names: Option<KeyNames>,
    /// Whether a request header may carry the key.
    pub key_in_header: bool,
    /// Whether a query argument may carry the key.
    pub key_in_query: bool,
    /// Whether a field of the body may carry the key.
    pub key_in_body: bool,
    /// Whether the key is removed before the request goes upstream.
    pub hide_credentials: bool,
    /// The application that requests without a valid key act as.
    pub anonymous: Option<ApplicationId>,
    /// Whether `OPTIONS` requests need a key too.
    pub run_on_preflight: bool,
    /// The realm of the challenge (RFC 9110, section 11.6.1).
    pub realm: Option<Line<128>>,
    /// What precedes the key in a header's value and is not part of it, such as `Bearer `.
    pub value_prefix: Option<ValuePrefix>,
}

/// Kong's acl parameters, by their names: exactly one of `allow` and `deny`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AclFields", into = "AclFields")]
pub struct Acl {
    /// Which groups are admitted or refused.
    pub rule: AclRule,
    /// Whether the upstream is kept from seeing `X-Consumer-Groups`.
    pub hide_groups_header: bool,
}

/// Kong's `allow` xor `deny`: exact, case-sensitive group names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AclRule {
    /// Only members of one of these groups; an empty list admits nobody.
    Allow(Vec<Line<128>>),
    /// Everyone but members of one of these groups.
    Deny(Vec<Line<128>>),
}

/// What route metadata calls a service: `[a-z0-9.-]{1,128}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceName(String);

/// The names a key may have, in the order they are looked for: 1 to 10 of Kong's `[A-Za-z0-9_-]+`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNames(Vec<String>);

/// What precedes the key in a header's value: visible ASCII and spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuePrefix(String);

/// Why a part of a service is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidService {
    /// Not a service name.
    #[error("must be 1 to 128 of a-z, 0-9, `.` and `-`")]
    Name,
    /// No key name, or too many.
    #[error("must have 1 to 10 names")]
    KeyNameCount,
    /// Not a key name.
    #[error("must be names of 1 to 256 of A-Z, a-z, 0-9, `_` and `-`")]
    KeyName,
    /// Both or neither of `allow` and `deny`.
    #[error("must have exactly one of `allow` and `deny`")]
    Acl,
    /// Not a value prefix.
    #[error("must be 1 to 64 visible ASCII characters or spaces")]
    ValuePrefix,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AclFields {
    #[serde(default)]
    allow: Option<Vec<Line<128>>>,
    #[serde(default)]
    deny: Option<Vec<Line<128>>>,
    #[serde(default)]
    hide_groups_header: bool,
}

// === impl KeyAuth ===

impl Default for KeyAuth {
    /// Kong's defaults, but for `hide_credentials`, which Kong itself turned on later.
    fn default() -> Self {
        Self {
            key_names: None,
            key_in_header: true,
            key_in_query: true,
            key_in_body: false,
            hide_credentials: true,
            anonymous: None,
            run_on_preflight: true,
            realm: None,
            value_prefix: None,
        }
    }
}

// === impl Acl ===

impl TryFrom<AclFields> for Acl {
    type Error = InvalidService;

    fn try_from(fields: AclFields) -> Result<Self, InvalidService> {
        let AclFields {
            allow,
            deny,
            hide_groups_header,
        } = fields;
        let rule = match (allow, deny) {
            (Some(groups), None) => AclRule::Allow(groups),
            (None, Some(groups)) => AclRule::Deny(groups),
            _ => return Err(InvalidService::Acl),
        };
        Ok(Self {
            rule,
            hide_groups_header,
        })
    }
}

impl From<Acl> for AclFields {
    fn from(acl: Acl) -> Self {
        let (allow, deny) = match acl.rule {
            AclRule::Allow(groups) => (Some(groups), None),
            AclRule::Deny(groups) => (None, Some(groups)),
        };
        Self {
            allow,
            deny,
            hide_groups_header: acl.hide_groups_header,
        }
    }
}

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
schema!([] Acl = {
    "type": "object",
    "additionalProperties": false,
    "properties": {
        "allow": {"type": ["array", "null"], "items": {"type": "string"}},
        "deny": {"type": ["array", "null"], "items": {"type": "string"}},
        "hide_groups_header": {"type": "boolean"},
    },
});
parsed!(ServiceName from String, borrowed);
parsed!(ValuePrefix from String, borrowed);
parsed!(KeyNames from Vec<String>, owned);

#[cfg(test)]
mod tests;
