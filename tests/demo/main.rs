//! Walks both documented flows on real parts and prints each step.

fn main() {}
