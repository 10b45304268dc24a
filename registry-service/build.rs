//! Rebuilds the crate when a migration, template or asset is added; the macros that embed them see
//! only known files.

fn main() {
    for folder in ["migrations", "templates", "assets"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
