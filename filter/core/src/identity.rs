//! Who the upstream is told is calling.

use keystile_protocol::application::Application;
use keystile_protocol::header;
use keystile_protocol::id::CredentialId;
use keystile_protocol::service::Service;

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
    let mut names: Vec<&str> = head
        .iter()
        .map(|(name, _)| name)
        .filter(|name| header::is_owned(name.as_bytes()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Returns the headers to set for a caller.
pub fn headers(_service: &Service, _caller: Caller<'_>) -> Vec<(&'static str, Vec<u8>)> {
    Vec::new()
}
