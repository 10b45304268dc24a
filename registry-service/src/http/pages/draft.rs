//! What was typed into a form, and what is wrong with it, field by field.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;

use crate::http::pages::Form;
use crate::http::problem::Problem;

/// A form as a page shows it again: every field with what was typed and with why it is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Draft(BTreeMap<&'static str, Field>);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Field {
    value: String,
    error: Option<String>,
}

// === impl Draft ===

impl Draft {
    /// Returns a form nobody has typed into.
    pub fn blank(names: &[&'static str]) -> Self {
        let field = |name: &&'static str| (*name, Field::default());
        Self(names.iter().map(field).collect())
    }

    /// Returns a form as it was sent. Passwords are not among the names: they are never shown again.
    pub fn of(form: &Form, names: &[&'static str]) -> Self {
        let mut draft = Self::blank(names);
        for (name, field) in &mut draft.0 {
            form.text(name).clone_into(&mut field.value);
        }
        draft
    }

    /// Fills a field in.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.0.entry(name).or_default().value = value.to_string();
        self
    }

    /// Borrows what was typed into a field.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |field| field.value.as_str())
    }

    /// Parses a field, without the white space around it, or notes why it cannot be.
    pub fn parse<T>(&mut self, name: &'static str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        match self.text(name).trim().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(name, error);
                None
            }
        }
    }

    /// Parses a field that may be left empty; the outer `None` is a refusal.
    pub fn parse_filled<T>(&mut self, name: &'static str) -> Option<Option<T>>
    where
        T: FromStr<Err: Display>,
    {
        if self.text(name).trim().is_empty() {
            return Some(None);
        }
        self.parse(name).map(Some)
    }

    /// Notes why a field is refused.
    pub fn refuse(&mut self, name: &'static str, reason: impl Display) {
        self.0.entry(name).or_default().error = Some(reason.to_string());
    }

    /// Whether a field is refused.
    pub fn is_refused(&self) -> bool {
        self.0.values().any(|field| field.error.is_some())
    }

    /// Notes at its fields what an operation refused, or gives the problem back if it is about
    /// something else.
    pub fn take_in(&mut self, problem: impl Into<Problem>) -> Result<(), Problem> {
        let problem = problem.into();
        let mut is_here = false;
        for parameter in problem.invalid_parameters() {
            if let Some(field) = self.0.get_mut(parameter.field.as_str()) {
                field.error = Some(parameter.reason.clone());
                is_here = true;
            }
        }
        if is_here { Ok(()) } else { Err(problem) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Email;

    #[test]
    fn what_was_typed_is_kept_beside_the_refusal() {
        let mut draft = Draft::blank(&["email", "full_name"]).with("email", " ada ");
        assert_eq!(draft.parse::<Email>("email"), None);
        assert!(draft.is_refused());
        let json = serde_json::to_value(&draft).unwrap();
        assert_eq!(json["email"]["value"], " ada ");
        assert_eq!(json["email"]["error"], "must be an e-mail address");
    }

    #[test]
    fn a_refusal_of_an_operation_lands_at_its_field_or_comes_back() {
        let mut draft = Draft::blank(&["name"]);
        let refused = Problem::invalid_field("name", "unique", "is taken");
        assert!(draft.take_in(refused).is_ok());
        assert!(draft.is_refused());
        assert!(draft.take_in(Problem::not_found()).is_err());
    }
}
