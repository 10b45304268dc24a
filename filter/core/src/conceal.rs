//! Takes the key out of a request, byte for byte, and nothing else.

use keystile_protocol::service::KeyAuth;

use crate::head::Head;

/// What has to change in the header map so that no key is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Concealment {
    /// The request target without the key, if it had one.
    pub path: Option<Vec<u8>>,
    /// The names of the headers to remove, as the host spells them.
    pub headers: Vec<String>,
}

/// Takes every configured name out of headers and query, whatever locations are enabled.
pub fn conceal_head(_key_auth: &KeyAuth, _head: &Head) -> Concealment {
    Concealment::default()
}

/// Whether the body of this request would have to be read to take a key out of it.
pub fn is_body_concealable(_key_auth: &KeyAuth, _head: &Head) -> bool {
    false
}

/// Returns the body without the key, if it had one.
pub fn conceal_body(_key_auth: &KeyAuth, _head: &Head, _body: &[u8]) -> Option<Vec<u8>> {
    None
}
