//! A file of keys: what is good in it, and every line that is not.

use std::collections::HashMap;
use std::path::Path;

use keystile_protocol::key::KeyDigest;

use crate::domain::credential::{ImportedKey, WeakKeys};
use crate::domain::timestamp::Timestamp;
use crate::import::{Format, Mistake, Row, Written, csv, json_lines, kong};

/// What a file holds.
#[derive(Debug, Default)]
pub struct Read {
    /// The keys, each once, in their order.
    pub rows: Vec<Row>,
    /// How many lines say again what another says.
    pub repeated: usize,
    /// Every line that cannot be what it should, in their order.
    pub mistakes: Vec<Mistake>,
}

/// What a line came to.
pub(super) type Parsed = Result<Written, Mistake>;

// === impl Format ===

impl Format {
    /// Guesses from a file's name.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "yaml" | "yml" => Some(Self::Kong),
            _ => None,
        }
    }
}

/// Reads the keys of a file; ends that are said in seconds count from now.
pub fn read(bytes: &[u8], format: Format, now: Timestamp) -> Read {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return no_text(bytes.get(..error.valid_up_to()).unwrap_or_default()),
    };
    // Spreadsheets begin a file so.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = match format {
        Format::Csv => csv::lines(text),
        Format::JsonLines => json_lines::lines(text),
        Format::Kong => kong::lines(text, now),
    };
    let mut read = Read::default();
    let mut seen = HashMap::new();
    for line in lines {
        match line.and_then(Written::parse) {
            Ok(row) => read.take(row, &mut seen),
            Err(mistake) => read.mistakes.push(mistake),
        }
    }
    read
}

// === impl Read ===

impl Read {
    /// Takes a key, unless it was there before. The registry would find that out too, but not before
    /// the first of both is taken in.
    fn take(&mut self, row: Row, seen: &mut HashMap<KeyDigest, usize>) {
        let Ok(key) = ImportedKey::parse(&row.key, WeakKeys::Allowed) else {
            return;
        };
        let before = seen
            .get(&key.digest)
            .and_then(|index| self.rows.get(*index));
        match before {
            None => {
                seen.insert(key.digest, self.rows.len());
                self.rows.push(row);
            }
            Some(before) if before.application == row.application => self.repeated += 1,
            Some(before) => self.mistakes.push(Mistake {
                line: row.line,
                field: Some("key"),
                reason: format!("is that of line {}, for another application", before.line),
            }),
        }
    }
}

fn no_text(before: &[u8]) -> Read {
    let lines = std::str::from_utf8(before).map_or(0, |text| text.matches('\n').count());
    let line = lines as u64 + 1;
    let mistake = Mistake {
        line,
        field: None,
        reason: "is not UTF-8".to_owned(),
    };
    Read {
        mistakes: vec![mistake],
        ..Read::default()
    }
}

#[cfg(test)]
mod tests;
