//! A request's header map, fetched from the host once, as bytes.

use core::fmt;

/// The header map of a request: pseudo-headers included, in order, repeats kept.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Head {
    headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// Wraps the host's header map; hosts give names in lower case.
    pub fn new(headers: Vec<(String, Vec<u8>)>) -> Self {
        Self { headers }
    }

    /// Lists every header in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Lists the names for which `is_wanted` holds, each once, in order.
    pub fn names_where(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<&str> {
        let mut names = Vec::new();
        for (name, _) in self.iter() {
            // Hosts bound how many headers there are; a sort would be most of this crate's code.
            if is_wanted(name) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Lists the values of a header, given in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(move |(candidate, _)| *candidate == name)
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
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
        Self::new(headers.iter().map(owned).collect())
    }
}

/// Any value may be a key: only names are printed.
impl fmt::Debug for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.headers.iter().map(|(name, _)| name);
        formatter.debug_list().entries(names).finish()
    }
}
