//! How an API is called with a key: commands that work as they stand.

use url::Url;

use crate::domain::service::KeyAuth;

/// One way to send a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Where the key is.
    pub place: Place,
    /// The name it has there.
    pub name: String,
    /// The command that sends it.
    pub command: String,
}

/// Where a key may be, in the order in which it is better kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a header.
    Header,
    /// In the body.
    Body,
    /// In the query.
    Query,
}

/// Returns a command for each place a service takes keys in, the best first.
///
/// Every key name works; the first is shown. Kong's documentation has `apikey:=` for the body, which
/// would send a field named `apikey:`.
pub fn examples(url: &Url, key_auth: &KeyAuth, (name, key): (&str, &str)) -> Vec<Example> {
    let url = quoted(url.as_str());
    let prefix = key_auth.value_prefix.as_ref();
    let prefix = prefix.map_or("", |prefix| prefix.as_str());
    let header = quoted(&format!("{name}: {prefix}{key}"));
    let field = quoted(&format!("{name}={key}"));
    [
        (
            key_auth.key_in_header,
            Place::Header,
            format!("curl -i -X GET {url} -H {header}"),
        ),
        (
            key_auth.key_in_body,
            Place::Body,
            format!("curl -i -X POST {url} -d {field}"),
        ),
        // Not in the URL itself, where curl takes braces for a pattern.
        (
            key_auth.key_in_query,
            Place::Query,
            format!("curl -i -G {url} -d {field}"),
        ),
    ]
    .into_iter()
    .filter(|(is_taken, _, _)| *is_taken)
    .map(|(_, place, command)| Example {
        place,
        name: name.to_owned(),
        command,
    })
    .collect()
}

/// Quotes a text for a shell (POSIX, "Single-Quotes").
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::service::ValuePrefix;

    fn commands(key_auth: &KeyAuth) -> Vec<String> {
        let url = Url::parse("http://localhost:8000/mock").unwrap();
        let examples = examples(&url, key_auth, ("apikey", "{API_KEY}"));
        examples.into_iter().map(|one| one.command).collect()
    }

    #[test]
    fn there_is_a_command_for_each_place_and_the_header_is_first() {
        let everywhere = KeyAuth {
            key_in_body: true,
            ..KeyAuth::default()
        };
        assert_eq!(
            commands(&everywhere),
            [
                "curl -i -X GET 'http://localhost:8000/mock' -H 'apikey: {API_KEY}'",
                "curl -i -X POST 'http://localhost:8000/mock' -d 'apikey={API_KEY}'",
                "curl -i -G 'http://localhost:8000/mock' -d 'apikey={API_KEY}'",
            ]
        );
    }

    #[test]
    fn a_place_that_is_turned_off_has_none() {
        let nowhere = KeyAuth {
            key_in_header: false,
            key_in_query: false,
            ..KeyAuth::default()
        };
        assert!(commands(&nowhere).is_empty());
    }

    #[test]
    fn what_precedes_the_key_is_in_the_header_and_nothing_ends_the_quotes() {
        let odd = KeyAuth {
            value_prefix: Some(ValuePrefix::parse("it's ").unwrap()),
            key_in_query: false,
            ..KeyAuth::default()
        };
        let expected =
            r"curl -i -X GET 'http://localhost:8000/mock' -H 'apikey: it'\''s {API_KEY}'";
        assert_eq!(commands(&odd), [expected]);
    }
}
