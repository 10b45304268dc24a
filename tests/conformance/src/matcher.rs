//! Expected values: exact ones, and those that begin with `@`.

use std::collections::BTreeMap;

use fancy_regex::Regex;

use crate::case::request::Encoding;

/// The ids the registry gave, which a case file cannot know.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ids {
    /// Of applications, by their names.
    pub(crate) consumers: BTreeMap<String, String>,
    /// Of credentials, by their keys.
    pub(crate) credentials: BTreeMap<String, String>,
}

/// What a value must be.
#[derive(Debug)]
pub(crate) enum Matcher {
    /// There, whatever it is.
    Any,
    /// Something a regular expression finds a match in.
    Pattern(Box<Regex>),
    /// This.
    Exactly(String),
}

/// Why an expected value means nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidMatcher {
    /// It begins with `@` and is none of the matchers.
    #[error("unknown matcher `{0}`")]
    Unknown(String),
    /// It names an application or key that is not there.
    #[error("nothing has the name in `{0}`")]
    NoSuchName(String),
    /// Its regular expression is none.
    #[error("no regular expression: `{0}`")]
    Pattern(String),
}

// === impl Matcher ===

impl Matcher {
    /// Parses an expected value.
    pub(crate) fn parse(text: &str, ids: &Ids) -> Result<Self, InvalidMatcher> {
        if text == "@any" {
            return Ok(Self::Any);
        }
        if let Some(pattern) = text.strip_prefix("@re:") {
            let regex = Regex::new(pattern);
            let regex = regex.map_err(|_| InvalidMatcher::Pattern(pattern.to_owned()))?;
            return Ok(Self::Pattern(Box::new(regex)));
        }
        if !text.starts_with('@') {
            return Ok(Self::Exactly(text.to_owned()));
        }
        let (names, name) = [
            ("@consumer_id(", &ids.consumers),
            ("@credential_id(", &ids.credentials),
        ]
        .into_iter()
        .find_map(|(call, names)| Some((names, text.strip_prefix(call)?.strip_suffix(')')?)))
        .ok_or_else(|| InvalidMatcher::Unknown(text.to_owned()))?;
        let id = names.get(name).cloned();
        id.map(Self::Exactly)
            .ok_or_else(|| InvalidMatcher::NoSuchName(text.to_owned()))
    }

    /// Whether bytes are what they must be.
    pub(crate) fn matches(&self, seen: &[u8], encoding: Encoding) -> bool {
        match self {
            Self::Any => true,
            Self::Pattern(regex) => {
                let text = String::from_utf8_lossy(seen);
                regex.is_match(text.as_ref()).unwrap_or(false)
            }
            Self::Exactly(text) => {
                // A value sent as latin-1 is expected as it was sent.
                text.as_bytes() == seen || encoding.encode(text).is_ok_and(|bytes| bytes == seen)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Ids {
        Ids {
            consumers: BTreeMap::from([("bob".to_owned(), "id-1".to_owned())]),
            credentials: BTreeMap::from([("k(1)".to_owned(), "id-2".to_owned())]),
        }
    }

    #[test]
    fn values_match_by_their_matchers() {
        for (expected, seen, matches) in [
            ("@any", "", true),
            ("@re:^a+$", "aaa", true),
            ("@re:a", "xax", true),
            ("@re:^a+$", "ab", false),
            ("@re:^(?!.*evil)", "fine", true),
            ("@consumer_id(bob)", "id-1", true),
            ("@consumer_id(bob)", "bob", false),
            ("@credential_id(k(1))", "id-2", true),
            ("plain", "plain", true),
            ("plain", "Plain", false),
            ("a@any", "x", false),
        ] {
            let matcher = Matcher::parse(expected, &ids()).unwrap();
            let found = matcher.matches(seen.as_bytes(), Encoding::Utf8);
            assert_eq!(found, matches, "{expected} and {seen}");
        }
    }

    #[test]
    fn a_matcher_nobody_knows_is_refused() {
        for text in ["@", "@anything", "@consumer_id(bob", "@uuid", "@Any"] {
            let error = Matcher::parse(text, &ids()).unwrap_err();
            assert_eq!(error, InvalidMatcher::Unknown(text.to_owned()));
        }
    }

    #[test]
    fn a_name_nothing_has_is_refused() {
        for text in ["@consumer_id(eve)", "@credential_id(bob)"] {
            let error = Matcher::parse(text, &ids()).unwrap_err();
            assert_eq!(error, InvalidMatcher::NoSuchName(text.to_owned()));
        }
        assert!(Matcher::parse("@re:(", &ids()).is_err());
    }

    #[test]
    fn latin_1_is_compared_as_it_was_sent() {
        let matcher = Matcher::parse("k\u{e9}", &ids()).unwrap();
        assert!(matcher.matches(b"k\xe9", Encoding::Latin1));
        assert!(!matcher.matches(b"k\xe9", Encoding::Utf8));
        assert!(matcher.matches("k\u{e9}".as_bytes(), Encoding::Utf8));
    }
}
