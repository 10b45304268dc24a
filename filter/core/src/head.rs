//! A request's header map, fetched from the host once, as the bytes the host gave.

use core::fmt;
use core::ops::Range;

/// The header map of a request: pseudo-headers included, in order, repeats kept.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Head {
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

/// Where a header stands in the bytes of a header map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Range<usize>,
    /// Its value.
    pub value: Range<usize>,
}

/// The place of a header in its header map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(usize);

// === impl Head ===

impl Head {
    /// Wraps the host's header map; hosts give names in lower case.
    ///
    /// What is outside of the bytes is empty.
    pub fn new(bytes: Vec<u8>, fields: Vec<Field>) -> Self {
        Self { bytes, fields }
    }

    /// Lists every header in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields
            .iter()
            .map(|field| (self.slice(&field.name), self.slice(&field.value)))
    }

    /// Lists the places of the headers whose name is wanted.
    pub fn places_where(&self, is_wanted: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = Place> {
        self.iter()
            .enumerate()
            .filter(move |(_, (name, _))| is_wanted(name))
            .map(|(index, _)| Place(index))
    }

    /// Returns the name of the header at a place.
    pub fn name(&self, place: Place) -> &[u8] {
        let field = self.fields.get(place.0);
        field.map_or(&[], |field| self.slice(&field.name))
    }

    /// Lists the values of a header, given in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(move |(candidate, _)| *candidate == name.as_bytes())
            .map(|(_, value)| value)
    }

    /// Returns the first value of a header, given in lower case.
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.values(name).next()
    }

    /// Returns the request's method; empty if the host gave none.
    pub fn method(&self) -> &[u8] {
        self.first(":method").unwrap_or_default()
    }

    /// Returns the request target, query included; empty for a `CONNECT` without one.
    pub fn path(&self) -> &[u8] {
        self.first(":path").unwrap_or_default()
    }

    #[cfg(test)]
    pub(crate) fn of(headers: &[(&str, &str)]) -> Self {
        headers.iter().copied().collect()
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Head {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(headers: T) -> Self {
        let mut head = Self::default();
        let mut append = |bytes: &[u8]| {
            let start = head.bytes.len();
            head.bytes.extend(bytes);
            start..head.bytes.len()
        };
        for (name, value) in headers {
            let (name, value) = (append(name.as_ref()), append(value.as_ref()));
            head.fields.push(Field { name, value });
        }
        head
    }
}

/// Any value may be a key: only names are printed.
impl fmt::Debug for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.iter().map(|(name, _)| String::from_utf8_lossy(name));
        formatter.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_keep_their_order_and_repeats() {
        let head = Head::of(&[("a", "1"), ("b", "2"), ("a", "3"), ("c", "")]);
        let all: Vec<_> = head.iter().collect();
        let expected: [(&[u8], &[u8]); 4] = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3"), (b"c", b"")];
        assert_eq!(all, expected);
        assert_eq!(head.values("a").collect::<Vec<_>>(), [b"1", b"3"]);
    }

    #[test]
    fn a_field_outside_of_the_bytes_is_empty() {
        let field = Field {
            name: 0..1,
            value: 1..9,
        };
        let head = Head::new(b"ab".to_vec(), vec![field]);
        assert_eq!(head.first("a"), Some(b"".as_slice()));
    }

    #[test]
    fn no_value_is_printed() {
        let head = Head::of(&[("apikey", "secret")]);
        assert_eq!(format!("{head:?}"), r#"["apikey"]"#);
    }
}
