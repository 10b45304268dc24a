//! The stage Keystile is proven on: real Envoy, real registry, a recording upstream.
