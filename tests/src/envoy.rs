//! A real Envoy with the filter loaded, on free ports of its own.
