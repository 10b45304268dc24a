//! Header lists: ordered, names in lower case, values of any bytes.

use std::fmt;

/// An ordered list of headers whose names are in lower case and whose values are bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, Vec<u8>)>);

/// Bytes that a failed assertion shows as text, escaped where they are none.
pub(crate) struct Readable<'a>(pub(crate) &'a [u8]);

// === impl Headers ===

impl Headers {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a header, even if the name is there already.
    pub fn add(&mut self, name: &str, value: impl AsRef<[u8]>) {
        self.0
            .push((name.to_ascii_lowercase(), value.as_ref().to_vec()));
    }

    /// Replaces every header of this name by one at the end, as Envoy does (tried on 1.40);
    /// pseudo-headers keep their place.
    pub fn set(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let is_pseudo = name.starts_with(':');
        let place = self.0.iter_mut().find(|entry| is_pseudo && entry.0 == name);
        if let Some(entry) = place {
            entry.1 = value.as_ref().to_vec();
        } else {
            self.remove(name);
            self.add(name, value);
        }
    }

    /// Removes every header of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|entry| !entry.0.eq_ignore_ascii_case(name));
    }

    /// Returns the first value of this name, as Envoy's `get_header_map_value` does.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter()
            .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Returns the first value of this name if it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok()
    }

    /// Returns every value of this name in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Returns whether there is a header of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Returns how many headers there are, repeats included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the bytes of all names and values.
    pub fn byte_size(&self) -> usize {
        self.iter()
            .map(|(name, value)| name.len() + value.len())
            .sum()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let readable = self.iter().map(|(name, value)| (name, Readable(value)));
        formatter.debug_list().entries(readable).finish()
    }
}

impl fmt::Debug for Readable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", self.0.escape_ascii())
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Extend<(N, V)> for Headers {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, pairs: I) {
        for (name, value) in pairs {
            self.add(name.as_ref(), value);
        }
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = Self::new();
        headers.extend(pairs);
        headers
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const COUNT: usize> From<[(N, V); COUNT]> for Headers {
    fn from(pairs: [(N, V); COUNT]) -> Self {
        pairs.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_a_repeated_header_leaves_one_at_the_end() {
        let mut headers = Headers::from([("a", "1"), ("b", "2"), ("A", "3")]);
        headers.set("a", "4");
        assert_eq!(headers, Headers::from([("b", "2"), ("a", "4")]));
    }

    #[test]
    fn setting_a_pseudo_header_keeps_its_place() {
        let mut headers = Headers::from([(":path", "1"), ("b", "2")]);
        headers.set(":path", "3");
        assert_eq!(headers, Headers::from([(":path", "3"), ("b", "2")]));
    }

    #[test]
    fn setting_an_absent_header_appends_it() {
        let mut headers = Headers::from([("a", "1")]);
        headers.set("B", [0xff]);
        assert_eq!(headers.get("b"), Some([0xff].as_slice()));
    }

    #[test]
    fn a_failed_assertion_shows_text() {
        let headers = Headers::from([("a", b"x\xff".as_slice())]);
        assert_eq!(format!("{headers:?}"), r#"[("a", "x\xff")]"#);
    }

    #[test]
    fn reading_a_repeated_header_gives_the_first_value() {
        let headers = Headers::from([("a", "1"), ("a", "2")]);
        assert_eq!(headers.text("A"), Some("1"));
        assert_eq!(headers.all("a").count(), 2);
    }
}
