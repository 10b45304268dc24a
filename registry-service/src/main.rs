//! `keystile-registry`, the program.

fn main() {}
