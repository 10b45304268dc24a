//! The registry as a process of its own.
