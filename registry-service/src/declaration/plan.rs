//! What has to be done so that what is there becomes what was declared.

use std::fmt;

use serde_json::{Map, Value};

use crate::declaration::objects::{Kind, Name, Object, Objects};

/// How much of a long text a difference shows.
const SHOWN: usize = 60;

/// A step on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it is about.
    pub name: Name,
    /// What is done with it.
    pub deed: Deed,
}

/// What is done with a thing.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// It is made, as it shall be.
    Add(Map<String, Value>),
    /// Its fields change: each as it is, and as it shall be.
    Change(Vec<(String, Value, Value)>),
    /// It goes.
    Remove,
}

/// Whether what is not declared goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// It stays.
    No,
    /// It goes, from each list that the declaration has.
    Declared,
}

/// Compares what is declared with what is there; nothing to do is an empty list.
///
/// What is made comes in the order it can be made in, what goes comes last and in the other order.
pub fn plan(declared: &Objects, present: &Objects, prune: Prune) -> Vec<Step> {
    let mut wanted: Vec<(&Name, &Object)> = declared.things.iter().collect();
    wanted.sort_by_key(|(name, object)| (name.kind, object.order));
    let mut steps: Vec<Step> = wanted
        .into_iter()
        .filter_map(|(name, object)| towards(name, object, present.things.get(name)))
        .collect();
    if prune == Prune::Declared {
        let mut gone: Vec<(&Name, &Object)> = present
            .things
            .iter()
            .filter(|(name, _)| goes(name, declared, present))
            .collect();
        gone.sort_by_key(|(name, object)| (name.kind, object.order));
        steps.extend(gone.into_iter().rev().map(|(name, _)| Step {
            name: name.clone(),
            deed: Deed::Remove,
        }));
    }
    steps
}

fn towards(name: &Name, object: &Object, present: Option<&Object>) -> Option<Step> {
    let deed = match present {
        None => Deed::Add(object.content.clone()),
        Some(present) => Deed::Change(differences(&object.content, &present.content)?),
    };
    let name = name.clone();
    Some(Step { name, deed })
}

/// Lists the fields that are declared and are otherwise; none if there are none.
fn differences(
    declared: &Map<String, Value>,
    present: &Map<String, Value>,
) -> Option<Vec<(String, Value, Value)>> {
    let differences: Vec<_> = declared
        .iter()
        .filter_map(|(field, value)| {
            let is = present.get(field).cloned().unwrap_or_default();
            (is != *value).then(|| (field.clone(), is, value.clone()))
        })
        .collect();
    (!differences.is_empty()).then_some(differences)
}

/// Whether a thing is in a list that the declaration has, and not in the declaration's.
fn goes(name: &Name, declared: &Objects, present: &Objects) -> bool {
    if declared.things.contains_key(name) {
        return false;
    }
    if declared.lists.contains(&name.list()) {
        return !goes_with_another(name, declared, present);
    }
    false
}

/// Whether a thing goes with what it belongs to, which goes too.
fn goes_with_another(name: &Name, declared: &Objects, present: &Objects) -> bool {
    let outer = match name.kind {
        Kind::Version | Kind::Document => Kind::Product,
        Kind::Registration => Kind::Application,
        _ => return false,
    };
    let names: Vec<&str> = name.names.iter().take(1).map(String::as_str).collect();
    goes(&Name::new(outer, &names), declared, present)
}

// === impl Step ===

/// A line, and one more for each field that changes.
impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.deed {
            Deed::Add(_) => write!(out, "+ {}", self.name),
            Deed::Remove => write!(out, "- {}", self.name),
            Deed::Change(differences) => {
                write!(out, "~ {}", self.name)?;
                for (field, is, shall) in differences {
                    write_difference(out, field, (is, shall))?;
                }
                Ok(())
            }
        }
    }
}

/// Goes into objects, so that a switch of a service is one line and not all of them.
fn write_difference(
    out: &mut fmt::Formatter<'_>,
    field: &str,
    (is, shall): (&Value, &Value),
) -> fmt::Result {
    if let (Value::Object(is), Value::Object(shall)) = (is, shall) {
        for (name, shall) in shall {
            let is = is.get(name).unwrap_or(&Value::Null);
            if is != shall {
                write_difference(out, &format!("{field}.{name}"), (is, shall))?;
            }
        }
        return Ok(());
    }
    write!(out, "\n    {field}: {} -> {}", short(is), short(shall))
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return text;
    }
    let beginning: String = text.chars().take(SHOWN).collect();
    format!("{beginning}.. ({} bytes)", text.len())
}

#[cfg(test)]
mod tests;
