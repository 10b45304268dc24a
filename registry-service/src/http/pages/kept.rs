//! What was typed into a form whose sender has to give a password first.
//!
//! It travels through the page that asks for the password, in hidden fields, so nothing is kept of
//! whoever does not log in. After the log-in it waits with the session for one page: the form, which
//! is filled in again, and sent by a person and not by us. Secrets are left out on the way.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::session::SessionSecret;
use crate::http::body;
use crate::http::pages::form::{self, Form};
use crate::http::pages::{Draft, Flash, PageError, ReturnTo, Visit};
use crate::registry::Registry;
use crate::storage::StorageError;

/// What the names of fields begin with that travel through the page in between.
const CARRIED: &str = "kept.";

/// What is never kept: the form's own machinery, and secrets. Names with `password` in them are
/// secrets too.
const LEFT_OUT: [&str; 5] = ["form_token", "once", "return_to", "token", "sought"];

/// What was typed, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Kept(Vec<(String, String)>);

/// Goes with an answer that leads to a password: what was sent need not be lost.
#[derive(Clone)]
pub(super) struct PasswordFirst {
    visit: Arc<Visit>,
    template: &'static str,
    return_to: ReturnTo,
}

// === impl Kept ===

impl Kept {
    /// Takes what was typed from a form.
    fn of(form: &Form) -> Self {
        let typed = form.pairs().filter(|(name, _)| is_kept(name));
        Self(typed.map(owned).collect())
    }

    /// Takes what a password's form carries along.
    pub(super) fn carried(form: &Form) -> Self {
        let carried = form
            .pairs()
            .filter_map(|(name, value)| Some((name.strip_prefix(CARRIED)?, value)));
        Self(
            carried
                .filter(|(name, _)| is_kept(name))
                .map(owned)
                .collect(),
        )
    }

    /// Whether nothing was typed.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fills a page's form in. A box that was not ticked was not sent; of boxes that share a name the
    /// field has the values of all that were.
    pub(super) fn fill(&self, page: &mut Value) {
        let Some(form) = page.get_mut("form").and_then(Value::as_object_mut) else {
            return;
        };
        for (name, field) in form.iter_mut().filter(|(name, _)| is_kept(name)) {
            let typed = self.0.iter().filter(|(kept, _)| kept == name);
            let values: Vec<&str> = typed.map(|(_, value)| value.as_str()).collect();
            let value = values.join(" ");
            if let Some(shown) = field.get_mut("value") {
                *shown = Value::from(value);
            }
        }
    }

    /// Lets it wait with a session for the form it is of; returns where the log-in leads, and with
    /// which message.
    pub(super) async fn wait(
        &self,
        registry: &Registry,
        secret: &SessionSecret,
        to: &ReturnTo,
    ) -> Result<Option<Flash>, StorageError> {
        if self.is_empty() {
            return Ok(None);
        }
        let fields = serde_json::to_string(self).unwrap_or_default();
        let kept = (to.path(), fields.as_str());
        let now = registry.clock.now();
        registry
            .storage
            .keep_form(secret.digest(), kept, now)
            .await?;
        let text = "You are logged in again. What you typed is here, and not sent yet.";
        Ok(Some(Flash::notice(text).with_form()))
    }

    /// Reads what waits with a session for a page, for the only time.
    pub(super) async fn recall(
        registry: &Registry,
        secret: &SessionSecret,
        path: &str,
    ) -> Result<Option<Self>, StorageError> {
        let kept = registry.storage.take_kept_form(secret.digest()).await?;
        let fields = kept.filter(|(of, _)| of == path).map(|(_, fields)| fields);
        Ok(fields
            .and_then(|fields| serde_json::from_str(&fields).ok())
            .map(Self))
    }
}

// === impl PasswordFirst ===

impl PasswordFirst {
    /// Marks an answer that leads to a page with a password.
    #[must_use]
    pub(super) fn mark(
        visit: &Visit,
        (template, return_to): (&'static str, &ReturnTo),
        mut response: Response,
    ) -> Response {
        response.extensions_mut().insert(Self {
            visit: Arc::new(visit.clone()),
            template,
            return_to: return_to.clone(),
        });
        response
    }

    /// Asks for the password on a page that carries what was typed.
    fn page(&self, kept: &Kept) -> Result<Response, PageError> {
        let form = Draft::blank(&["email", "password"]).with("return_to", self.return_to.as_str());
        self.visit
            .show(self.template, json!({"form": form, "kept": kept}))
    }
}

/// Keeps what a form brought that is answered with a password's page.
pub(super) async fn keep(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST || !form::is_form(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let limited = Request::from_parts(parts.clone(), body);
    let bytes = match body::read(limited, &registry).await {
        Ok(bytes) => bytes,
        Err(problem) => return PageError::from(problem).into_response(),
    };
    let request = Request::from_parts(parts, Body::from(bytes.clone()));
    let response = next.run(request).await;
    answer(&headers, &bytes, &response).unwrap_or(response)
}

/// Only what one of our pages sent is kept.
fn answer(headers: &HeaderMap, bytes: &[u8], response: &Response) -> Option<Response> {
    let first = response.extensions().get::<PasswordFirst>()?;
    let form = Form::of_page(&first.visit, headers, bytes).ok()?;
    let kept = Kept::of(&form);
    if kept.is_empty() {
        return None;
    }
    first.page(&kept).ok()
}

fn is_kept(name: &str) -> bool {
    !LEFT_OUT.contains(&name) && !name.contains("password")
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pairs: &[(&str, &str)]) -> Kept {
        Kept(pairs.iter().copied().map(owned).collect())
    }

    #[test]
    fn a_form_is_filled_in_as_it_was_sent() {
        let mut page = json!({"title": "x", "form": {
            "name": {"value": "", "error": null},
            "public": {"value": "on", "error": null},
            "once": {"value": "fresh", "error": null},
        }});
        kept(&[("name", "Umbrella"), ("once", "spent"), ("other", "y")]).fill(&mut page);
        assert_eq!(page["form"]["name"]["value"], "Umbrella");
        assert_eq!(page["form"]["public"]["value"], "", "it was not ticked");
        assert_eq!(page["form"]["once"]["value"], "fresh");
        assert_eq!(page["title"], "x");
    }

    #[test]
    fn secrets_are_left_out() {
        for name in ["password", "new_password", "form_token", "token", "sought"] {
            assert!(!is_kept(name), "{name}");
        }
    }
}
