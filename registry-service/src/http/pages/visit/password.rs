//! Ways that lead through a password first, and back to where somebody was, with what they typed.

use axum::response::Response;
use url::form_urlencoded;

use crate::domain::session::SessionSecret;
use crate::http::pages::kept::{Kept, PasswordFirst};
use crate::http::pages::{Flash, Form, ReturnTo, Visit};
use crate::storage::StorageError;

// === impl Visit ===

impl Visit {
    /// Leads to the log-in and back; what a form brought is kept on the way.
    pub fn log_in_first(mut self) -> Response {
        let path = with_return("/login", &self.place);
        if self.session.is_none() {
            return self.go(&path);
        }
        let over = "Your log-in is over. Log in again to go on where you were.";
        let response = self.logging_out(self.go_with(&path, &Flash::notice(over)));
        self.flash = Some(Flash::notice(format!("{over} What you typed is kept.")));
        let page = (self.site.log_in_template(), &self.place);
        PasswordFirst::mark(&self, page, response)
    }

    /// Leads to the password of somebody who gave it long ago, and back to a page; what a form brought
    /// is kept on the way.
    pub fn password_first(&self, back: &str) -> Response {
        let back = ReturnTo::parse(back);
        let response = self.go(&with_return(self.site.password_path(), &back));
        PasswordFirst::mark(self, (self.site.password_template(), &back), response)
    }

    /// Recalls what was typed before the log-in that led here.
    pub async fn recall(&mut self) -> Result<(), StorageError> {
        let waits = self.flash.as_ref().is_some_and(Flash::has_form);
        if let Some(secret) = self.session.as_ref().filter(|_| waits) {
            self.kept = Kept::recall(&self.registry, secret, self.place.path()).await?;
        }
        Ok(())
    }

    /// Leads on from a password that was given, with what its form carried along.
    pub async fn go_on(
        &self,
        secret: &SessionSecret,
        form: &Form,
    ) -> Result<Response, StorageError> {
        let to = ReturnTo::parse(form.text("return_to"));
        let kept = Kept::carried(form);
        let response = match kept.wait(&self.registry, secret, &to).await? {
            Some(flash) => self.go_with(to.as_str(), &flash),
            None => self.go(to.as_str()),
        };
        Ok(self.logging_in(response, secret))
    }
}

/// Returns the path of a page that leads on to another.
fn with_return(path: &str, to: &ReturnTo) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("return_to", to.as_str())
        .finish();
    format!("{path}?{query}")
}
