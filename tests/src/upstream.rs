//! The API behind Envoy: answers everything and records what it got.
