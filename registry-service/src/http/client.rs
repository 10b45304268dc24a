//! Where a request comes from: its address, its device, how it calls itself.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::domain::client::Client;
use crate::domain::text::Line;
use crate::http::device;
use crate::registry::{Registry, Settings};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How much of what a browser calls itself is kept.
const LONGEST_AGENT: usize = 255;

impl FromRequestParts<Arc<Registry>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, Infallible> {
        let settings = &registry.settings;
        Ok(Self {
            address: stranger(&parts.extensions, &parts.headers, settings),
            device: device::secret(&parts.headers, settings),
            agent: agent(&parts.headers),
        })
    }
}

/// Returns the address a request began at, this machine's too.
pub(super) fn address(
    extensions: &Extensions,
    headers: &HeaderMap,
    settings: &Settings,
) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(origin(peer.ip(), headers, &settings.trusted_proxies))
}

/// Returns the address a request began at if that has an allowance: everybody behind a proxy on this
/// machine that nobody told us of would share one.
pub(super) fn stranger(
    extensions: &Extensions,
    headers: &HeaderMap,
    settings: &Settings,
) -> Option<IpAddr> {
    address(extensions, headers, settings).filter(|address| !address.is_loopback())
}

/// Returns the address a request began at. `X-Forwarded-For` grows at its end, and only what a
/// trusted proxy wrote there is believed; the rest may be anybody's invention.
fn origin(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let named: Vec<&str> = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .collect();
    let mut nearest = peer.to_canonical();
    for text in named.into_iter().rev() {
        if !is_trusted(nearest) {
            break;
        }
        let Ok(address) = text.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = address.to_canonical();
    }
    nearest
}

fn agent(headers: &HeaderMap) -> Option<Line<LONGEST_AGENT>> {
    let text = headers.get(USER_AGENT)?.to_str().ok()?;
    let start: String = text.chars().take(LONGEST_AGENT).collect();
    Line::parse(start.trim()).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(peer: &str, forwarded: &[&'static str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let headers = forwarded
            .iter()
            .map(|value| (X_FORWARDED_FOR, HeaderValue::from_static(value)))
            .collect();
        origin(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_say_where_it_comes_from() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_says_where_a_request_comes_from() {
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("::ffff:10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn what_a_client_wrote_before_its_proxy_is_not_believed() {
        for forwarded in [
            &["203.0.113.9, 198.51.100.7"][..],
            &["203.0.113.9", "198.51.100.7, fd00::1"],
            &["10.9.9.9, 198.51.100.7, 10.0.0.2"],
        ] {
            assert_eq!(seen("10.0.0.1", forwarded), "198.51.100.7", "{forwarded:?}");
        }
    }

    #[test]
    fn what_is_no_address_ends_the_search() {
        assert_eq!(seen("10.0.0.1", &["198.51.100.7, unknown"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
    }
}
