//! The key in the query.

use super::located::Located;
use crate::urlencoded;

/// How many arguments are searched; a query with more has no key.
const MAX_ARGUMENTS: usize = 4096;

/// Looks for a key name among the query's arguments.
pub(super) fn locate(path: &[u8], name: &str) -> Located<'static> {
    let Some(query) = searchable(path) else {
        return Located::Absent;
    };
    urlencoded::pairs(query)
        .filter(|pair| pair.is_named(name))
        .map(Located::from)
        .fold(Located::Absent, Located::and)
}

/// Returns a request target's path, and what follows the first `?`.
pub(crate) fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let mark = path.iter().position(|byte| *byte == b'?')?;
    Some((path.get(..mark)?, path.get(mark + 1..)?))
}

/// A request target has no fragment (RFC 9112, section 3.2); upstreams differ in whether one ends
/// the query, so a query in front of one is not believed.
fn searchable(path: &[u8]) -> Option<&[u8]> {
    let (_, query) = split(path)?;
    let is_clear = !path.contains(&b'#');
    let is_small = urlencoded::pairs(query).nth(MAX_ARGUMENTS).is_none();
    (is_clear && is_small).then_some(query)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn text(value: &str) -> Located<'static> {
        Located::Text(Cow::Owned(value.as_bytes().to_vec()))
    }

    #[test]
    fn a_value_is_found_in_any_encoding_of_name_and_value() {
        for path in ["/?k=v", "/?a=1&k=v&b", "/?%6B=%76", "/?&k=v&", "/p?k=v"] {
            assert_eq!(locate(path.as_bytes(), "k"), text("v"), "{path}");
        }
    }

    #[test]
    fn a_path_or_another_name_holds_nothing() {
        for path in [
            "/k=v",
            "/",
            "",
            "/??k=v",
            "/?K=v",
            "/?k[]=v",
            "/?a=1;k=v",
            "/?a=1?k=v",
        ] {
            assert_eq!(locate(path.as_bytes(), "k"), Located::Absent, "{path}");
        }
    }

    #[test]
    fn a_bare_flag_is_not_usable() {
        assert_eq!(locate(b"/?k", "k"), Located::Unusable);
    }

    #[test]
    fn a_repeat_is_one_whatever_its_values() {
        for path in ["/?k=v&k=v", "/?k=&k=v", "/?k=v&k", "/?k&k", "/?k=v&%6b=w"] {
            assert_eq!(locate(path.as_bytes(), "k"), Located::Repeated, "{path}");
        }
    }

    #[test]
    fn a_fragment_makes_the_query_unreadable() {
        for path in ["/?k=v#x", "/?x#&k=v", "/#?k=v"] {
            assert_eq!(locate(path.as_bytes(), "k"), Located::Absent, "{path}");
        }
    }

    #[test]
    fn the_last_argument_that_is_searched_can_be_the_key() {
        let path = format!("/?{}k=v", "a&".repeat(MAX_ARGUMENTS - 1));
        assert_eq!(locate(path.as_bytes(), "k"), text("v"));
        let longer = format!("{path}&b");
        assert_eq!(locate(longer.as_bytes(), "k"), Located::Absent);
    }
}
