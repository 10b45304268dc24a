//! Who the upstream is told is calling.

use keystile_protocol::application::Application;
use keystile_protocol::header;
use keystile_protocol::id::CredentialId;
use keystile_protocol::service::{Access, Service};

use crate::head::Head;

/// Who a request acts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// The application whose key it carried.
    Authenticated(&'a Application, CredentialId),
    /// The service's anonymous application.
    Anonymous(&'a Application),
}

/// Lists the owned headers the client sent, as the host spells them, each name once.
pub fn owned_headers(head: &Head) -> Vec<&str> {
    head.names_where(|name| header::is_owned(name.as_bytes()))
}

/// Returns the headers to set for a caller.
///
/// A value that no header can hold is left out with its header: the host would refuse it.
pub fn headers(service: &Service, caller: Caller<'_>) -> Vec<(&'static str, Vec<u8>)> {
    let (application, mark) = match caller {
        Caller::Authenticated(application, credential) => (
            application,
            (header::X_CREDENTIAL_IDENTIFIER, credential.to_string()),
        ),
        Caller::Anonymous(application) => (
            application,
            (header::X_ANONYMOUS_CONSUMER, "true".to_owned()),
        ),
    };
    let mut headers = vec![
        (header::X_CONSUMER_ID, application.id.to_string()),
        (header::X_CONSUMER_USERNAME, application.name.clone()),
        mark,
    ];
    if let Some(reference) = &application.reference {
        headers.push((header::X_CONSUMER_CUSTOM_ID, reference.clone()));
    }
    if let Some(groups) = groups(service, application) {
        headers.push((header::X_CONSUMER_GROUPS, groups));
    }
    headers
        .into_iter()
        .filter(|(_, value)| is_clean(value))
        .map(|(name, value)| (name, value.into_bytes()))
        .collect()
}

/// Returns the groups the upstream is told of; `None` where groups decide nothing, as in Kong
/// without acl, or are hidden.
fn groups(service: &Service, application: &Application) -> Option<String> {
    let approved = match service.access {
        Access::Approved(version) => Some(version),
        Access::Public | Access::Closed | Access::AnyKey => None,
    };
    match &service.acl {
        Some(acl) if acl.hide_groups_header => return None,
        None if approved.is_none() => return None,
        _ => {}
    }
    let approved = approved
        .filter(|version| application.approved.contains(version))
        .map(|version| version.to_string());
    let groups: Vec<&str> = application
        .groups
        .iter()
        .map(String::as_str)
        .filter(|group| is_listable(group))
        .chain(approved.as_deref())
        .collect();
    Some(groups.join(", "))
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
