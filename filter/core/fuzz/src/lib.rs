//! What has to hold for any input there is: one function for each fuzz target.
//!
//! The targets' programs are in `bin/`; `./just fuzz` builds and runs them. What holds for requests
//! is said once, in the core's own `properties/laws.rs`.

mod choices;
mod feed;
mod json;
#[path = "../../src/properties/laws.rs"]
mod laws;
mod pairs;
mod requests;

// Where `laws` looks for what it is about.
use keystile_core::{conceal, extract, head};

pub use feed::feed;
pub use requests::{concealment, content_type, form, json, multipart, query};

use keystile_core::config::Config;

/// Any text is a configuration that can be worked with, or is refused with a reason.
pub fn configuration(data: &[u8]) {
    match Config::parse(data) {
        Ok(config) => {
            assert!(config.max_stale_ms() > 0);
            assert!(config.bounds().is_none_or(|bounds| bounds.max_entries > 0));
        }
        Err(error) => assert!(error.to_string().starts_with("configuration: ")),
    }
}
