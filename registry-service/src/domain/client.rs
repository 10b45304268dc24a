//! Where a request comes from, as far as anyone can tell.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use keystile_protocol::key::{ApiKey, KeyDigest};

use crate::domain::text::Line;

/// What begins every device's secret, so that scanners and people can tell it from a key.
pub const DEVICE_PREFIX: &str = "ksd";

/// How much of an IPv6 address is one customer's (RFC 6177).
const CUSTOMER_BITS: u32 = 64;

/// What sent a request.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Its address; none if it is this machine, which may be a proxy that nobody told us of.
    pub address: Option<IpAddr>,
    /// The device it says it is.
    pub device: Option<DeviceSecret>,
    /// How its browser or program calls itself.
    pub agent: Option<Line<255>>,
}

/// What a browser keeps from a log-in, to be told from strangers at the next one; it opens nothing.
/// Only its digest is kept here.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceSecret(String);

// === impl Client ===

impl Client {
    /// Returns the network it comes from: who has one address of it has them all.
    pub fn network(&self) -> Option<IpAddr> {
        self.address.map(|address| match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let mask = u128::MAX << (u128::BITS - CUSTOMER_BITS);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        })
    }
}

// === impl DeviceSecret ===

impl DeviceSecret {
    /// Takes the secret as it came in a cookie, or from the generator.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns what stands in for it.
    pub fn digest(&self) -> KeyDigest {
        ApiKey::new(self.0.as_bytes()).digest()
    }

    /// Lends the secret to the cookie that carries it, and to nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DeviceSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> String {
        let client = Client {
            address: Some(address.parse().unwrap()),
            ..Client::default()
        };
        client.network().unwrap().to_string()
    }

    #[test]
    fn addresses_of_one_customer_are_one_network() {
        for (address, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            assert_eq!(network(address), expected, "{address}");
        }
    }

    #[test]
    fn a_secret_never_prints() {
        assert_eq!(format!("{:?}", DeviceSecret::new("x")), "DeviceSecret(..)");
    }
}
