//! A mail in the making: to whom, which one, and what its template needs.

use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use crate::domain::developer::Developer;
use crate::domain::id::MessageId;
use crate::domain::mail::MailTemplate;
use crate::domain::text::Email;
use crate::registry::Registry;
use crate::storage::outbox::{self, Draft};
use crate::storage::{Result, Write};

/// A mail in the making.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    recipient: Email,
    template: MailTemplate,
    content: Map<String, Value>,
}

// === impl Letter ===

impl Letter {
    /// Begins a mail with a link.
    pub(crate) fn new(recipient: &Email, template: MailTemplate, link: &Url) -> Self {
        let letter = Self {
            recipient: recipient.clone(),
            template,
            content: Map::new(),
        };
        letter.saying("link", link.as_str())
    }

    /// Begins a mail with a link to a developer.
    pub(crate) fn to(developer: &Developer, template: MailTemplate, link: &Url) -> Self {
        Self::new(&developer.email, template, link).saying("full_name", &developer.full_name)
    }

    /// Adds what the template needs.
    pub(crate) fn saying(mut self, name: &'static str, value: impl Serialize) -> Self {
        // Names and moments cannot fail to be written.
        let value = serde_json::to_value(value).unwrap_or_default();
        self.content.insert(name.to_owned(), value);
        self
    }

    /// Puts it into the outbox, for an administrator to pass on if there is no mail server.
    pub(crate) async fn post(self, registry: &Registry, write: &mut Write) -> Result<()> {
        let draft = Draft {
            id: MessageId(registry.random.uuid()),
            recipient: self.recipient,
            template: self.template,
            content: Value::Object(self.content),
        };
        outbox::add(write, &draft).await
    }

    /// Puts it into the outbox if there is a mail server: without its link nobody loses anything.
    pub(crate) async fn post_if_sent(self, registry: &Registry, write: &mut Write) -> Result<()> {
        if registry.settings.mail.is_none() {
            return Ok(());
        }
        self.post(registry, write).await
    }
}

/// Returns the address of a portal page; it follows from the settings, never from a request.
pub(crate) fn page(registry: &Registry, path: &str) -> Url {
    let mut url = registry.settings.public_url.clone();
    url.set_path(path);
    url
}

/// Returns the address of an administrators' page.
pub(crate) fn desk(registry: &Registry, path: &str) -> Url {
    let mut url = registry.settings.admin_url.clone();
    url.set_path(path);
    url
}
