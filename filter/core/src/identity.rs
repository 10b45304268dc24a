//! Who the upstream is told is calling.

use core::iter;

use keystile_protocol::application::Application;
use keystile_protocol::header;
use keystile_protocol::id::CredentialId;
use keystile_protocol::service::{Access, Service};
use uuid::Uuid;

use crate::head::{Head, Place};

/// How many headers there are for one caller at most.
const MOST_HEADERS: usize = 5;

/// How long their values are together, as a rule: three ids, a name and a reference.
const USUAL_BYTES: usize = 256;

/// Who a request acts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// The application whose key it carried.
    Authenticated(&'a Application, CredentialId),
    /// The service's anonymous application.
    Anonymous(&'a Application),
}

/// The headers that tell the upstream who is calling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The name of each, and where its value ends: they are one text, and one allocation.
    ends: Vec<(&'static str, usize)>,
    values: String,
}

/// Lists the owned headers the client sent.
pub fn owned_headers(head: &Head) -> impl Iterator<Item = Place> {
    head.places_where(header::is_owned)
}

// === impl Identity ===

impl Identity {
    /// Returns the headers to set for a caller.
    ///
    /// A value that no header can hold is left out with its header: the host would refuse it.
    pub fn of(service: &Service, caller: Caller<'_>) -> Self {
        let application = caller.application();
        let mut identity = Self {
            ends: Vec::with_capacity(MOST_HEADERS),
            values: String::with_capacity(USUAL_BYTES),
        };
        identity.set(header::X_CONSUMER_ID, |value| {
            push_id(value, application.id.0);
        });
        identity.set(header::X_CONSUMER_USERNAME, |value| {
            value.push_str(&application.name);
        });
        match caller {
            Caller::Authenticated(_, credential) => {
                identity.set(header::X_CREDENTIAL_IDENTIFIER, |value| {
                    push_id(value, credential.0);
                });
            }
            Caller::Anonymous(_) => {
                identity.set(header::X_ANONYMOUS_CONSUMER, |value| value.push_str("true"));
            }
        }
        if let Some(reference) = &application.reference {
            identity.set(header::X_CONSUMER_CUSTOM_ID, |value| {
                value.push_str(reference);
            });
        }
        if tells_groups(service) {
            identity.set(header::X_CONSUMER_GROUPS, |value| {
                push_groups(value, service.access, application);
            });
        }
        identity
    }

    /// Lists the headers.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let starts = iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        starts.zip(&self.ends).map(|(start, (name, end))| {
            let value = self.values.get(start..*end);
            (*name, value.unwrap_or_default())
        })
    }

    /// Returns the value of a header.
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|(header, _)| *header == name);
        found.map(|(_, value)| value)
    }

    fn set(&mut self, name: &'static str, write: impl FnOnce(&mut String)) {
        let start = self.values.len();
        write(&mut self.values);
        if self.values.get(start..).is_some_and(is_clean) {
            self.ends.push((name, self.values.len()));
        } else {
            self.values.truncate(start);
        }
    }
}

// === impl Caller ===

impl<'a> Caller<'a> {
    /// Returns the application.
    pub fn application(self) -> &'a Application {
        match self {
            Self::Authenticated(application, _) | Self::Anonymous(application) => application,
        }
    }
}

fn push_id(text: &mut String, id: Uuid) {
    let mut buffer = Uuid::encode_buffer();
    text.push_str(id.hyphenated().encode_lower(&mut buffer));
}

/// Whether the upstream is told of groups: not where they decide nothing, as in Kong without acl,
/// or are hidden.
fn tells_groups(service: &Service) -> bool {
    match &service.acl {
        Some(acl) => !acl.hide_groups_header,
        None => matches!(service.access, Access::Approved(_)),
    }
}

/// Writes the groups of an application, the product version it is approved for at their end.
fn push_groups(text: &mut String, access: Access, application: &Application) {
    let start = text.len();
    let groups = application.groups.iter();
    for group in groups.filter(|group| is_listable(group)) {
        text.push_str(if text.len() > start { ", " } else { "" });
        text.push_str(group);
    }
    if let Access::Approved(version) = access
        && application.approved.contains(&version)
    {
        text.push_str(if text.len() > start { ", " } else { "" });
        push_id(text, version.0);
    }
}

/// A group with a comma would read as two groups, one of which nobody gave.
fn is_listable(group: &str) -> bool {
    is_clean(group) && !group.contains(',')
}

/// A control character would end the header or the connection (RFC 9110, section 5.5).
fn is_clean(value: &str) -> bool {
    !value.bytes().any(|byte| byte.is_ascii_control())
}

#[cfg(test)]
mod tests;
