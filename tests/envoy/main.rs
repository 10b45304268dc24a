//! Journeys through a real Envoy.
