//! All parts together: an upstream, a registry, and an Envoy with the filter between.

use crate::envoy::{Envoy, EnvoyConfig};
use crate::error::StageError;
use crate::registry::Registry;
use crate::upstream::Upstream;

/// The parts; each ends when they are dropped, Envoy first.
#[derive(Debug)]
pub struct Scene {
    /// Envoy with the filter.
    pub envoy: Envoy,
    /// The registry it follows.
    pub registry: Registry,
    /// The API behind it.
    pub upstream: Upstream,
}

// === impl Scene ===

impl Scene {
    /// Puts an Envoy between an upstream and a registry, which may not run yet.
    pub fn set(
        registry: Registry,
        configure: impl FnOnce(EnvoyConfig) -> Result<EnvoyConfig, StageError>,
    ) -> Result<Self, StageError> {
        let upstream = Upstream::start()?;
        let config = EnvoyConfig::shipped(upstream.address())?
            .registry(registry.listeners().gateway, registry.gateway_token())?;
        Ok(Self {
            envoy: Envoy::start(&configure(config)?)?,
            registry,
            upstream,
        })
    }
}
