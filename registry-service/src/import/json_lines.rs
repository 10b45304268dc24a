//! Keys as a JSON object in each line.

use serde::Deserialize;

use crate::domain::wish::Wish;
use crate::import::read::Parsed;
use crate::import::{Mistake, Written};

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    application: String,
    key: String,
    display_name: Option<String>,
    #[serde(default)]
    expires_at: Wish<String>,
}

/// Reads the lines; empty ones are none.
pub(super) fn lines(text: &str) -> Vec<Parsed> {
    (1..)
        .zip(text.lines())
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(line, text)| object(line, text))
        .collect()
}

fn object(line: u64, text: &str) -> Parsed {
    let object: Object = serde_json::from_str(text).map_err(|error| Mistake {
        line,
        field: None,
        // The parser's own words may hold what stands there.
        reason: if error.is_data() {
            "must have the texts `application` and `key`, and may have `display_name` and \
             `expires_at`, and nothing else"
                .to_owned()
        } else {
            format!("is not JSON at column {}", error.column())
        },
    })?;
    Ok(Written {
        line,
        application: object.application,
        display_name: object.display_name,
        key: object.key,
        expires_at: object.expires_at,
    })
}
