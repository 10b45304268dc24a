//! The thin proxy-wasm layer around `keystile-core`.
