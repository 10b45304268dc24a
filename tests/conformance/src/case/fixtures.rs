//! What is there before the first step: the service's settings, and what the registry holds.

use serde::Deserialize;

/// How the filter is configured: Kong's parameters of key-auth and acl.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The names a key may have.
    pub(crate) key_names: Vec<String>,
    /// Whether a header may carry it.
    pub(crate) key_in_header: bool,
    /// Whether the query may.
    pub(crate) key_in_query: bool,
    /// Whether the body may.
    pub(crate) key_in_body: bool,
    /// Whether it is hidden from the upstream.
    pub(crate) hide_credentials: bool,
    /// Whether preflight requests need one.
    pub(crate) run_on_preflight: bool,
    /// The realm of the challenge.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(crate) realm: Option<String>,
    /// Whom requests without a valid key act as: the name or id of a fixture, or of nobody.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(crate) anonymous: Option<String>,
    /// Which groups are let through.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(crate) acl: Option<Acl>,
    /// The product version the route serves.
    pub(crate) product_version: Option<String>,
    /// What comes before the key in a header: a parameter of ours, which Kong's cases do not have.
    pub(crate) value_prefix: Option<String>,
}

/// Which groups are let through.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenAcl")]
pub(crate) struct Acl {
    /// The groups, and what becomes of them.
    pub(crate) rule: AclRule,
    /// Whether the upstream is not told the groups.
    pub(crate) hide_groups_header: bool,
}

/// The groups, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AclRule {
    /// They alone are let through.
    Allow(Vec<String>),
    /// They are not.
    Deny(Vec<String>),
}

/// What the registry holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixtures {
    /// Applications without a developer.
    #[serde(default)]
    pub(crate) consumers: Vec<Consumer>,
    /// Applications of the portal.
    #[serde(default)]
    pub(crate) applications: Vec<Application>,
    /// Their registrations.
    #[serde(default)]
    pub(crate) registrations: Vec<Registration>,
    /// Whether registrations that are asked for are approved at once.
    #[serde(default)]
    pub(crate) auto_approve: bool,
    /// Whether the registry is unreachable from the start.
    #[serde(default)]
    pub(crate) datastore_down: bool,
}

/// An application without a developer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consumer {
    pub(crate) name: String,
    pub(crate) custom_id: Option<String>,
    #[serde(default)]
    pub(crate) keys: Vec<Key>,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
}

/// An application of the portal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) reference_id: Option<String>,
    #[serde(default)]
    pub(crate) keys: Vec<Key>,
}

/// A key and how long it lives.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenKey")]
pub(crate) struct Key {
    /// Its value.
    pub(crate) key: String,
    /// How long it lives.
    pub(crate) life: Life,
}

/// How long a key lives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Life {
    /// For ever.
    Endless,
    /// So many seconds from its creation.
    Seconds(f64),
    /// It is over.
    Over,
}

/// A registration of an application for a product version.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenRegistration")]
pub(crate) struct Registration {
    pub(crate) application: String,
    pub(crate) product_version: String,
    pub(crate) origin: Origin,
}

/// How a registration came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It has this status.
    Given(Status),
    /// Its developer asked for it through the portal.
    Requested,
}

/// How a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Approved,
    Pending,
    Rejected,
    Revoked,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAcl {
    allow: Option<Vec<String>>,
    deny: Option<Vec<String>>,
    hide_groups_header: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenKey {
    Plain(String),
    Limited(LimitedKey),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitedKey {
    key: String,
    ttl_seconds: Option<f64>,
    expired: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRegistration {
    application: String,
    product_version: String,
    status: Option<Status>,
    requested: Option<bool>,
}

// === impl Acl ===

impl TryFrom<WrittenAcl> for Acl {
    type Error = &'static str;

    fn try_from(written: WrittenAcl) -> Result<Self, Self::Error> {
        let rule = match (written.allow, written.deny) {
            (Some(groups), None) => AclRule::Allow(groups),
            (None, Some(groups)) => AclRule::Deny(groups),
            _ => return Err("`acl` has exactly one of `allow` and `deny`"),
        };
        Ok(Self {
            rule,
            hide_groups_header: written.hide_groups_header,
        })
    }
}

// === impl Key ===

impl TryFrom<WrittenKey> for Key {
    type Error = &'static str;

    fn try_from(written: WrittenKey) -> Result<Self, Self::Error> {
        let limited = match written {
            WrittenKey::Plain(key) => {
                let life = Life::Endless;
                return Ok(Self { key, life });
            }
            WrittenKey::Limited(limited) => limited,
        };
        let life = match (limited.ttl_seconds, limited.expired) {
            (Some(seconds), None) => Life::Seconds(seconds),
            (None, Some(true)) => Life::Over,
            _ => return Err("a key has `ttl_seconds` or `expired: true`"),
        };
        Ok(Self {
            key: limited.key,
            life,
        })
    }
}

// === impl Registration ===

impl TryFrom<WrittenRegistration> for Registration {
    type Error = &'static str;

    fn try_from(written: WrittenRegistration) -> Result<Self, Self::Error> {
        let origin = match (written.status, written.requested) {
            (Some(status), None) => Origin::Given(status),
            (None, Some(true)) => Origin::Requested,
            _ => return Err("a registration has `status` or `requested: true`"),
        };
        Ok(Self {
            application: written.application,
            product_version: written.product_version,
            origin,
        })
    }
}
