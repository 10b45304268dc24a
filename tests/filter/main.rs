//! The filter in the wasmtime harness, named after the parameters it documents.
