//! What a request is called in logs, answers and the audit.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

/// What Envoy calls a request.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request is called.
///
/// It is the name it came with, so that a proxy's log and ours tell of the same, if that is a UUID: a
/// name opens nothing, and this one has no room for anything but chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestId(String);

// === impl RequestId ===

impl RequestId {
    /// Returns the name a request came with, or the one that is made for it.
    pub(super) fn of(headers: &HeaderMap, make: impl FnOnce() -> Uuid) -> Self {
        let mut names = headers.get_all(X_REQUEST_ID).iter();
        let only = names.next().filter(|_| names.next().is_none());
        let given = only
            .and_then(|name| name.to_str().ok())
            // Other ways to write a UUID are longer or shorter.
            .filter(|name| name.len() == 36)
            .and_then(|name| Uuid::try_parse(name).ok());
        Self(given.unwrap_or_else(make).to_string())
    }

    /// Borrows the text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const MADE: Uuid = Uuid::from_u128(7);

    fn id(names: &[&'static str]) -> String {
        let headers = names
            .iter()
            .map(|name| (X_REQUEST_ID, HeaderValue::from_static(name)));
        RequestId::of(&headers.collect(), || MADE).0
    }

    #[test]
    fn a_name_that_is_a_uuid_is_kept() {
        let given = "5a3f0b86-8f0c-9d2e-8c1e-5f5d2c1b0a99";
        assert_eq!(
            id(&[given]),
            given,
            "Envoy marks sampled requests within the UUID"
        );
    }

    #[test]
    fn any_other_name_is_replaced() {
        for names in [
            &[][..],
            &["1"],
            &["{5a3f0b86-8f0c-9d2e-8c1e-5f5d2c1b0a9}"],
            &["5a3f0b868f0c9d2e8c1e5f5d2c1b0a99"],
            &[
                "5a3f0b86-8f0c-9d2e-8c1e-5f5d2c1b0a99",
                "5a3f0b86-8f0c-9d2e-8c1e-5f5d2c1b0a98",
            ],
        ] {
            assert_eq!(id(names), MADE.to_string(), "{names:?}");
        }
    }
}
