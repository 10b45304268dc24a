//! Secrets among the settings: shown without what must not be seen, and refused where nobody chose one.

use url::Url;

/// What stands for a secret.
pub(super) const HIDDEN: &str = "***";

/// What examples and templates say in the place of a secret.
const PLACEHOLDERS: [&str; 8] = [
    "changeme",
    "change-me",
    "change_me",
    "replaceme",
    "replace-me",
    "replace_me",
    "placeholder",
    "your-password",
];

/// Returns a secret setting's text as people may see it: where a URL leads, but not with which password.
pub(super) fn masked(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let Ok(mut url) = Url::parse(text) else {
        return HIDDEN.to_owned();
    };
    let has_place = url.has_host() || url.scheme().starts_with("postgres");
    if !has_place {
        return HIDDEN.to_owned();
    }
    if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
        return HIDDEN.to_owned();
    }
    let shown: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            let is_secret = name.contains("password");
            let shown = if is_secret { HIDDEN } else { &*value };
            (name.to_string(), shown.to_owned())
        })
        .collect();
    if !shown.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.to_string()
}

/// Whether nobody chose a secret setting: it is, or holds as its password, what an example says there.
pub(super) fn is_left_open(text: &str) -> bool {
    let url = Url::parse(text).ok();
    let password = url.as_ref().and_then(Url::password);
    is_placeholder(password.unwrap_or(text))
}

fn is_placeholder(secret: &str) -> bool {
    let lower = secret.to_ascii_lowercase();
    PLACEHOLDERS.contains(&lower.as_str())
        || (secret.starts_with('<') && secret.ends_with('>'))
        || (secret.starts_with('{') && secret.ends_with('}'))
        // What a URL's parser makes of those.
        || (secret.starts_with("%3C") && secret.ends_with("%3E"))
        || (secret.starts_with("%7B") && secret.ends_with("%7D"))
        || secret.starts_with("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_shown_without_its_password() {
        for (text, shown) in [
            ("sqlite:var/keystile.db", "sqlite:var/keystile.db"),
            ("postgres://k:hunter2@db/k", "postgres://k:***@db/k"),
            (
                "postgres://db/k?password=hunter2&sslmode=verify-full",
                "postgres://db/k?password=***&sslmode=verify-full",
            ),
            ("hunter2", "***"),
            ("hunter:2", "***"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn what_an_example_says_is_no_secret() {
        for text in ["changeme", "<password>", "{PASSWORD}", "${PW}"] {
            assert!(is_left_open(text), "{text}");
        }
        assert!(is_left_open(
            "postgres://keystile:CHANGE-ME@localhost/keystile"
        ));
        assert!(!is_left_open("hunter2"));
        assert!(!is_left_open("postgres://keystile@localhost/keystile"));
    }
}
