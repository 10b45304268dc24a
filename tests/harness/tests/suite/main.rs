//! The harness's own tests: one rule of the host each, shown by a filter of a few lines.

mod callout;
mod exchange;
mod failure;
mod support;
