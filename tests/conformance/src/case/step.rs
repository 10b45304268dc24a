//! What happens in a case, one thing after the other.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::expect::Expect;
use super::fixtures::Status;
use super::request::Request;

/// One thing that happens.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a case has a handful of steps")]
pub(crate) enum Step {
    /// A client asks.
    Exchange {
        /// What it sends.
        request: Request,
        /// What must come of it.
        expect: Expect,
    },
    /// Something else.
    Action(Action),
}

/// Something that happens between exchanges.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Action {
    /// A key is made.
    CreateKey {
        consumer: String,
        key: String,
        ttl_seconds: Option<f64>,
    },
    /// A key is deleted.
    DeleteKey { key: String },
    /// A key gets another value: the old one stops, the new one works.
    ChangeKey { key: String, to: String },
    /// An application without a developer is deleted.
    DeleteConsumer { consumer: String },
    /// An application joins a group.
    AddGroup { consumer: String, group: String },
    /// An application leaves a group.
    RemoveGroup { consumer: String, group: String },
    /// An application changes from one group to another.
    RenameGroup {
        consumer: String,
        group: String,
        to: String,
    },
    /// An application of the portal is deleted.
    DeleteApplication { application: String },
    /// An administrator decides.
    SetRegistration {
        application: String,
        product_version: String,
        status: Status,
    },
    /// A registration is deleted.
    DeleteRegistration {
        application: String,
        product_version: String,
    },
    /// The registry is unreachable from now on; what the filter remembers stays.
    DatastoreDown {},
    /// Time passes.
    WaitSeconds { seconds: f64 },
    /// What was changed gets its time to reach the filter, at most what is promised.
    WaitPropagation {},
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    request: Request,
    expect: Expect,
    recommend: Option<Expect>,
}

// === impl Step ===

impl Step {
    /// Returns the product version it speaks of.
    pub(crate) fn product_version(&self) -> Option<&str> {
        match self {
            Self::Action(
                Action::SetRegistration {
                    product_version, ..
                }
                | Action::DeleteRegistration {
                    product_version, ..
                },
            ) => Some(product_version),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.get("action").is_some() {
            let action = Action::deserialize(value).map_err(de::Error::custom)?;
            return Ok(Self::Action(action));
        }
        let exchange = Exchange::deserialize(value).map_err(de::Error::custom)?;
        Ok(Self::Exchange {
            request: exchange.request,
            expect: exchange.recommend.unwrap_or(exchange.expect),
        })
    }
}
