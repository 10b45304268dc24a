//! The harness's own tests: one rule of the host each, shown by a filter of a few lines.
#![cfg(test)]

mod callout;
mod exchange;
mod failure;
mod grpc;
mod module;
mod pause;
mod reply;
mod restriction;
mod roots;
mod shared;
mod support;
mod wasi;
