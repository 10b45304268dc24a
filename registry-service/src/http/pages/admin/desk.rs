//! An administrator at work on a page: who is logged in, and what they are shown.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;

use crate::accounts::administrator;
use crate::administration::{Acting, AdministrationError, Conflict};
use crate::domain::wish::Wish;
use crate::http::pages::{Browse, Draft, Flash, PageError, PageResult, Visit};
use crate::http::problem::Problem;
use crate::registry::Registry;
use crate::storage::{Operator, Range, StorageError, Wanted};

/// The most items of a list to choose from.
const CHOICES: i64 = 200;

/// An administrator who is logged in.
pub(super) struct Desk {
    pub(super) visit: Visit,
    pub(super) acting: Acting,
}

/// A field is refused; the form says why.
pub(super) struct Refused;

// === impl Desk ===

impl Desk {
    /// Answers with a page.
    pub(super) fn show(&self, template: &str, page: impl Serialize) -> PageResult {
        self.visit.show(template, page)
    }

    /// Answers with a page that says what is wrong with a form.
    pub(super) fn refuse(&self, template: &str, page: impl Serialize) -> PageResult {
        self.visit.refuse(template, page)
    }

    /// Leads on to a page that says what was done.
    #[expect(clippy::unnecessary_wraps, reason = "it is what handlers answer")]
    pub(super) fn done(&self, to: &str, text: impl Into<String>) -> PageResult {
        Ok(self.visit.go_with(to, &Flash::success(text)))
    }

    /// Asks for the password first: a secret is about to be made, and it was given long ago.
    #[expect(clippy::unnecessary_wraps, reason = "it is what handlers answer")]
    pub(super) fn password_first(&self, return_to: &str) -> PageResult {
        Ok(self.visit.password_first(return_to))
    }

    /// Leads on to a page that says what was not done.
    #[expect(clippy::unnecessary_wraps, reason = "it is what handlers answer")]
    pub(super) fn undone(&self, to: &str, text: impl Into<String>) -> PageResult {
        Ok(self.visit.go_with(to, &Flash::warning(text)))
    }
}

impl FromRequestParts<Arc<Registry>> for Desk {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, PageError> {
        let Ok(mut visit) = Visit::from_request_parts(parts, registry).await;
        let present = match visit.session() {
            Some(secret) => administrator::visit(registry, secret).await?,
            None => None,
        };
        let Some(present) = present else {
            return Err(PageError::elsewhere(visit.log_in_first()));
        };
        visit.recall().await?;
        visit.person = Some(present.admin.email.to_string());
        let by = present.administrator(registry.clock.now());
        let acting = Acting::new(Arc::clone(registry), by);
        Ok(Self { visit, acting })
    }
}

/// Wants the page of a list someone is at, with what they search for in a field.
pub(super) fn narrowed(browse: &Browse, field: &str) -> Wanted {
    let wanted = Wanted::all(browse.range());
    match browse.filled("q") {
        Some(text) => wanted.with(field, Operator::Contains, text),
        None => wanted,
    }
}

/// Wants as much of a list as there is to choose from.
pub(super) const fn choices() -> Wanted {
    Wanted::all(Range {
        limit: CHOICES,
        offset: 0,
    })
}

/// Says what a form wishes of something there may be none of.
pub(super) fn set<T>(value: Option<T>) -> Wish<T> {
    value.map_or(Wish::Clear, Wish::Set)
}

/// Takes it for an answer that there is no such thing.
pub(super) fn found<T>(
    result: Result<T, AdministrationError>,
) -> Result<Option<T>, AdministrationError> {
    match result {
        Ok(item) => Ok(Some(item)),
        Err(AdministrationError::Unknown) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Notes at its field what was refused; what is taken already is noted at the field that names it.
pub(super) fn noted(
    draft: &mut Draft,
    error: AdministrationError,
    name: &'static str,
) -> Result<(), Problem> {
    match error {
        AdministrationError::Conflict(
            Conflict::Service | Conflict::Reference | Conflict::Document | Conflict::Administrator,
        )
        | AdministrationError::Storage(StorageError::Duplicate) => {
            draft.refuse(name, "is taken already: choose another");
            Ok(())
        }
        error => draft.take_in(error),
    }
}
