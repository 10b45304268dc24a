//! What lists are narrowed to: `filter[name]`, `filter[name][eq]`, `filter[name][contains]`.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::domain::name::UnknownName;
use crate::http::problem::Problem;

/// The query of a list.
#[derive(Debug, Clone)]
pub(super) struct Filters(Vec<(String, String)>);

/// What a text has to equal or contain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TextFilter {
    /// What it equals.
    pub(super) equals: Option<String>,
    /// What it contains, whatever the case.
    pub(super) contains: Option<String>,
}

// === impl Filters ===

impl Filters {
    /// Returns what a field has to equal or contain.
    pub(super) fn text(&self, field: &str) -> TextFilter {
        TextFilter {
            equals: self.equals(field),
            contains: self.find(&format!("filter[{field}][contains]")),
        }
    }

    /// Returns what a field has to equal.
    pub(super) fn equals(&self, field: &str) -> Option<String> {
        self.find(&format!("filter[{field}]"))
            .or_else(|| self.find(&format!("filter[{field}][eq]")))
    }

    /// Returns which of some names a field has to equal.
    pub(super) fn named<T>(&self, field: &str) -> Result<Option<T>, Problem>
    where
        T: FromStr<Err = UnknownName>,
    {
        self.equals(field)
            .map(|text| text.parse())
            .transpose()
            .map_err(|error: UnknownName| {
                Problem::invalid_query(format!("filter[{field}]"), error.to_string())
            })
    }

    /// Returns a switch of the query; its name alone turns it on.
    pub(super) fn switch(&self, name: &str) -> Result<bool, Problem> {
        match self.find(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true" | "") => Ok(true),
            Some(_) => Err(Problem::invalid_query(name, "must be `true` or `false`")),
        }
    }

    /// Returns a free text of the query.
    pub(super) fn find(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.clone())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Filters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pairs: Result<Query<Vec<(String, String)>>, _> =
            Query::from_request_parts(parts, state).await;
        let Ok(Query(pairs)) = pairs else {
            return Err(Problem::invalid_query(
                "query",
                "must be a list of names and values",
            ));
        };
        // PostgreSQL cannot compare with NUL.
        match pairs.iter().find(|(_, value)| value.contains('\0')) {
            Some((name, _)) => Err(Problem::invalid_query(name, "must not contain NUL")),
            None => Ok(Self(pairs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::registration::RegistrationStatus;

    fn filters(pairs: &[(&str, &str)]) -> Filters {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Filters(pairs.iter().map(pair).collect())
    }

    #[test]
    fn the_short_and_the_long_form_say_the_same() {
        for name in ["filter[name]", "filter[name][eq]"] {
            let found = filters(&[(name, "Weather")]).equals("name");
            assert_eq!(found.as_deref(), Some("Weather"), "{name}");
        }
    }

    #[test]
    fn a_status_that_does_not_exist_is_refused() {
        let found = filters(&[("filter[status]", "asleep")]).named::<RegistrationStatus>("status");
        assert_eq!(found.map_err(|problem| problem.status().as_u16()), Err(400));
    }

    #[test]
    fn a_switch_is_on_when_it_is_named() {
        assert!(!filters(&[]).switch("unregistered").unwrap());
        for (value, expected) in [("", true), ("true", true), ("false", false)] {
            let found = filters(&[("unregistered", value)]).switch("unregistered");
            assert_eq!(found.unwrap(), expected, "{value}");
        }
    }
}
