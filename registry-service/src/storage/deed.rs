//! What a write did, for the audit.

use serde::Serialize;
use serde_json::{Map, Value};

/// Members that say nothing of what was done.
const PASSING: [&str; 2] = ["created_at", "updated_at"];

/// What a write did: an action, to what, and what became of it.
#[derive(Debug, Clone)]
pub struct Deed {
    /// What, such as `application.add`.
    pub action: &'static str,
    /// To what.
    pub subject: String,
    was: Option<Value>,
    became: Option<Value>,
}

// === impl Deed ===

impl Deed {
    /// Names what was done, and to what.
    pub fn new(action: &'static str, subject: impl std::fmt::Display) -> Self {
        Self {
            action,
            subject: subject.to_string(),
            was: None,
            became: None,
        }
    }

    /// Says what the subject was before. What serializes has no secret in it.
    #[must_use]
    pub fn was(self, before: &impl Serialize) -> Self {
        Self {
            was: object(before),
            ..self
        }
    }

    /// Says what the subject became.
    #[must_use]
    pub fn became(self, after: &impl Serialize) -> Self {
        Self {
            became: object(after),
            ..self
        }
    }

    /// Returns what differs between what the subject was and what it became, as JSON.
    pub(super) fn difference(&self) -> (Option<String>, Option<String>) {
        let (mut was, mut became) = (self.was.clone(), self.became.clone());
        if let (Some(Value::Object(was)), Some(Value::Object(became))) = (&mut was, &mut became) {
            let same: Vec<String> = was
                .iter()
                .filter(|(name, value)| became.get(*name) == Some(*value))
                .map(|(name, _)| name.clone())
                .collect();
            for name in same {
                was.remove(&name);
                became.remove(&name);
            }
        }
        let text = |value: Option<Value>| value.map(|value| value.to_string());
        (text(was), text(became))
    }
}

fn object(of: &impl Serialize) -> Option<Value> {
    let value = serde_json::to_value(of).ok()?;
    let Value::Object(members) = value else {
        return Some(value);
    };
    let lasting = members
        .into_iter()
        .filter(|(name, value)| !PASSING.contains(&name.as_str()) && !value.is_null());
    Some(Value::Object(lasting.collect::<Map<_, _>>()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_said() {
        let deed = Deed::new("thing.update", 1)
            .was(&json!({"name": "a", "kept": 1, "gone": true, "updated_at": 1}))
            .became(&json!({"name": "b", "kept": 1, "gone": null, "updated_at": 2}));
        let (was, became) = deed.difference();
        assert_eq!(was.as_deref(), Some(r#"{"name":"a","gone":true}"#));
        assert_eq!(became.as_deref(), Some(r#"{"name":"b"}"#));
    }

    #[test]
    fn what_was_made_is_said_whole() {
        let deed = Deed::new("thing.add", 1).became(&json!({"name": "b"}));
        let said = (None, Some(r#"{"name":"b"}"#.to_owned()));
        assert_eq!(deed.difference(), said);
    }
}
