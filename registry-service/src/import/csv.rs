//! Keys as comma-separated values (RFC 4180), with a head that names the columns in any order.

use csv::{Error, ErrorKind, ReaderBuilder, StringRecord};

use crate::domain::wish::Wish;
use crate::import::read::Parsed;
use crate::import::{Mistake, Written};

const COLUMNS: [&str; 4] = ["application", "key", "display_name", "expires_at"];

/// How many of them there have to be.
const REQUIRED: usize = 2;

/// What stands for no end.
const NEVER: &str = "never";

/// Where the columns are.
struct Head([Option<usize>; COLUMNS.len()]);

/// Reads the lines.
pub(super) fn lines(text: &str) -> Vec<Parsed> {
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let head = match reader
        .headers()
        .map_err(|error| broken(&error))
        .map(Head::of)
    {
        Ok(Ok(head)) => head,
        Ok(Err(mistake)) | Err(mistake) => return vec![Err(mistake)],
    };
    let records = reader.records();
    records
        .map(|record| match record {
            Ok(record) => Ok(head.written(&record)),
            Err(error) => Err(broken(&error)),
        })
        .collect()
}

// === impl Head ===

impl Head {
    /// Finds the columns. What stands there is never shown: without a head it is a key.
    fn of(record: &StringRecord) -> Result<Self, Mistake> {
        let place = |name: &str| record.iter().position(|column| column.trim() == name);
        let places = COLUMNS.map(place);
        let is_known = |column: &str| COLUMNS.contains(&column.trim());
        let has_required = places.iter().take(REQUIRED).all(Option::is_some);
        let found = places.iter().flatten().count();
        if has_required && record.iter().all(is_known) && found == record.len() {
            return Ok(Self(places));
        }
        Err(Mistake {
            line: 1,
            field: None,
            reason: "must name the columns, each once: `application` and `key`, and perhaps \
                     `display_name` and `expires_at`"
                .to_owned(),
        })
    }

    fn written(&self, record: &StringRecord) -> Written {
        let [application, key, display_name, expires_at] = self.0.map(|place| {
            let value = place.and_then(|place| record.get(place));
            value.filter(|value| !value.is_empty())
        });
        Written {
            line: record.position().map_or(0, csv::Position::line),
            application: application.unwrap_or_default().to_owned(),
            display_name: display_name.map(str::to_owned),
            key: key.unwrap_or_default().to_owned(),
            expires_at: match expires_at {
                None => Wish::Keep,
                Some(NEVER) => Wish::Clear,
                Some(text) => Wish::Set(text.to_owned()),
            },
        }
    }
}

fn broken(error: &Error) -> Mistake {
    let line = error.position().map_or(1, csv::Position::line);
    let reason = match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("has {len} values, and the head names {expected_len} columns"),
        _ => "is not comma-separated values".to_owned(),
    };
    Mistake {
        line,
        field: None,
        reason,
    }
}
