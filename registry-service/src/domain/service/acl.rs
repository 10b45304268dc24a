//! Which groups a service admits: Kong's acl.

use serde::{Deserialize, Serialize};

use crate::domain::schema::schema;
use crate::domain::service::InvalidService;
use crate::domain::text::Line;

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

schema!([] Acl = {
    "type": "object",
    "additionalProperties": false,
    "properties": {
        "allow": {"type": ["array", "null"], "items": {"type": "string"}},
        "deny": {"type": ["array", "null"], "items": {"type": "string"}},
        "hide_groups_header": {"type": "boolean"},
    },
});
