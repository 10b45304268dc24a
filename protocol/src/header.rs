//! Header names that mean something between filter, registry and upstream.

/// The headers that only the filter may set towards an upstream (Kong's names); a client's own are
/// removed in any spelling.
pub const OWNED: [&str; 8] = [
    X_CONSUMER_ID,
    X_CONSUMER_CUSTOM_ID,
    X_CONSUMER_USERNAME,
    X_CONSUMER_GROUPS,
    X_CREDENTIAL_IDENTIFIER,
    X_CREDENTIAL_USERNAME,
    X_ANONYMOUS_CONSUMER,
    X_AUTHENTICATED_GROUPS,
];

/// The id of the application: the only one of these that identifies it.
pub const X_CONSUMER_ID: &str = "x-consumer-id";
/// The application's reference id.
pub const X_CONSUMER_CUSTOM_ID: &str = "x-consumer-custom-id";
/// The application's name; not unique.
pub const X_CONSUMER_USERNAME: &str = "x-consumer-username";
/// The application's groups and the product version it is approved for.
pub const X_CONSUMER_GROUPS: &str = "x-consumer-groups";
/// The id of the credential.
pub const X_CREDENTIAL_IDENTIFIER: &str = "x-credential-identifier";
/// Never set; Kong used it before 3.0, so upstreams may still read it.
pub const X_CREDENTIAL_USERNAME: &str = "x-credential-username";
/// `true` when a request acts as the service's anonymous application.
pub const X_ANONYMOUS_CONSUMER: &str = "x-anonymous-consumer";
/// Never set; Kong's `always_use_authenticated_groups` reads it.
pub const X_AUTHENTICATED_GROUPS: &str = "x-authenticated-groups";

/// Marks an answer of the registry; an answer without it came from somewhere else.
pub const X_KEYSTILE_REGISTRY: &str = "x-keystile-registry";

/// Whether a header name is one of [`OWNED`] in any spelling: case is ignored and every character
/// that is not alphanumeric counts as `-`, as upstreams that map headers to variables read them.
pub fn is_owned(name: &[u8]) -> bool {
    OWNED.iter().any(|owned| {
        owned.len() == name.len()
            && owned.bytes().zip(name).all(|(owned, byte)| {
                owned == byte.to_ascii_lowercase() || owned == b'-' && !byte.is_ascii_alphanumeric()
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owned_name_is_known_in_any_spelling() {
        for name in [
            "x-consumer-id",
            "X-Consumer-ID",
            "X_CONSUMER_ID",
            "x.consumer.id",
        ] {
            assert!(is_owned(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn another_name_is_not_owned() {
        for name in [
            "x-consumer",
            "x-consumer-idx",
            "xaconsumer-id",
            "apikey",
            "",
        ] {
            assert!(!is_owned(name.as_bytes()), "{name}");
        }
    }
}
