//! Following `$ref`s, within the document alone.

use serde_json::Value;

use crate::domain::specification::InvalidSpecification;

/// How many references lead on from one another at most: some lead back to themselves.
const LONGEST_CHAIN: usize = 8;

/// A value of the document, and where it is.
#[derive(Debug, Clone)]
pub(super) struct Found<'a> {
    pub(super) value: &'a Value,
    pub(super) place: String,
}

// === impl Found ===

impl<'a> Found<'a> {
    /// Returns the whole document.
    pub(super) fn root(value: &'a Value) -> Self {
        Self {
            value,
            place: String::new(),
        }
    }

    /// Returns a member, if there is one.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(self.beneath(name, value))
    }

    /// Returns the members of an object, by name; nothing of what is no object.
    pub(super) fn members(&self) -> Vec<(&'a str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        members
            .map(|(name, value)| (name.as_str(), self.beneath(name, value)))
            .collect()
    }

    /// Returns the items of an array, which must be one if it is there.
    pub(super) fn items(&self, name: &str) -> Result<Vec<Self>, InvalidSpecification> {
        let Some(array) = self.member(name) else {
            return Ok(Vec::new());
        };
        let items = array
            .value
            .as_array()
            .ok_or_else(|| array.refused("must be a list"))?;
        let item = |(number, value): (usize, &'a Value)| array.beneath(&number.to_string(), value);
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// Returns a text, which must be one if it is there.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, InvalidSpecification> {
        match self.member(name) {
            None => Ok(None),
            Some(found) => match found.value.as_str() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(found.refused("must be text; in YAML, put quotes around numbers")),
            },
        }
    }

    /// Returns a text that has to be there.
    pub(super) fn required_text(&self, name: &str) -> Result<String, InvalidSpecification> {
        self.text(name)?
            .ok_or_else(|| self.refused(&format!("`{name}` is missing")))
    }

    /// Returns a switch, which must be one if it is there.
    pub(super) fn switch(&self, name: &str) -> Result<bool, InvalidSpecification> {
        match self.member(name) {
            None => Ok(false),
            Some(found) => found
                .value
                .as_bool()
                .ok_or_else(|| found.refused("must be `true` or `false`")),
        }
    }

    /// Insists on an object.
    pub(super) fn object(self) -> Result<Self, InvalidSpecification> {
        if self.value.is_object() {
            Ok(self)
        } else {
            Err(self.refused("must be an object"))
        }
    }

    /// Returns what it refers to, if it is a reference, and itself if not.
    pub(super) fn resolved(self, root: &'a Value) -> Result<Self, InvalidSpecification> {
        let begin = self.clone();
        let mut found = self;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = found.value.get("$ref").and_then(Value::as_str) else {
                return found.object();
            };
            found = found.follow(root, reference)?;
        }
        Err(begin.refused("the reference leads back to itself"))
    }

    /// Returns an error about this place.
    pub(super) fn refused(&self, reason: &str) -> InvalidSpecification {
        let place = if self.place.is_empty() {
            "."
        } else {
            &self.place
        };
        InvalidSpecification::At {
            place: place.to_owned(),
            reason: reason.to_owned(),
        }
    }

    fn follow(&self, root: &'a Value, reference: &str) -> Result<Self, InvalidSpecification> {
        let Some(pointer) = reference.strip_prefix('#') else {
            let reason = format!("`$ref` leads out of the document, to `{reference}`");
            return Err(self.refused(&reason));
        };
        let value = root.pointer(pointer).ok_or_else(|| {
            self.refused(&format!(
                "`$ref` leads to `{reference}`, which does not exist"
            ))
        })?;
        Ok(Self {
            value,
            place: pointer.trim_start_matches('/').replace('/', "."),
        })
    }

    fn beneath(&self, name: &str, value: &'a Value) -> Self {
        let place = if self.place.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.place)
        };
        Self { value, place }
    }
}
