//! The format of a backup: gzip of JSON lines.
//!
//! The first line is the [`Header`]; a line with a table's name and columns, and one for each of its
//! rows, follow for each table; the last line says how many rows there were, so that half a file is
//! no backup. What lets somebody in for a while is left out: sessions, one-time links, and mails that
//! hold such links.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::storage::backup::BackupError;
use crate::storage::table::{Table, Value};

/// Tables that are not in a backup.
const LEFT_OUT: [&str; 5] = [
    "session",
    "one_time_link",
    "email_change",
    "outbox_message",
    "spent_form",
];

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format.
    pub keystile_backup: u32,
    /// The version of the schema it was taken of.
    pub schema: i64,
    /// The history it was taken in.
    pub epoch: String,
    /// The newest revision in it.
    pub revision: i64,
    /// When it was taken, in milliseconds since 1970.
    pub taken_at: i64,
}

/// A line of a backup after the first.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Row(Vec<Cell>),
    Table { table: String, columns: Vec<String> },
    End { rows: u64 },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Cell {
    Null(()),
    Number(i64),
    Text(String),
}

/// What comes out of a backup, one after the other.
#[derive(Debug)]
pub(super) enum Item {
    /// From here on rows of this table, with these columns.
    Table(String, Vec<String>),
    /// A row.
    Row(Vec<Value>),
}

/// A backup in the making.
#[derive(Debug)]
pub(super) struct Writer<W: Write> {
    out: BufWriter<GzEncoder<W>>,
    rows: u64,
}

/// A backup that is read.
#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    lines: std::io::Lines<BufReader<MultiGzDecoder<File>>>,
    rows: u64,
    is_whole: bool,
}

/// Whether a table is in a backup.
pub(super) fn is_kept(table: &Table) -> bool {
    !LEFT_OUT.contains(&table.name.as_str())
}

// === impl Writer ===

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W, header: &Header) -> std::io::Result<Self> {
        let mut writer = Self {
            out: BufWriter::new(GzEncoder::new(out, Compression::fast())),
            rows: 0,
        };
        writer.line(header)?;
        Ok(writer)
    }

    pub(super) fn table(&mut self, table: &Table) -> std::io::Result<()> {
        let columns = table.columns.iter().map(|column| column.name.clone());
        self.line(&Line::Table {
            table: table.name.clone(),
            columns: columns.collect(),
        })
    }

    pub(super) fn row(&mut self, values: Vec<Value>) -> std::io::Result<()> {
        self.rows += 1;
        let cells = values.into_iter().map(|value| match value {
            Value::Null => Cell::Null(()),
            Value::Text(text) => Cell::Text(text),
            Value::Number(number) => Cell::Number(number),
        });
        self.line(&Line::Row(cells.collect()))
    }

    /// Ends it; returns where it was written, and how many rows.
    pub(super) fn end(mut self) -> std::io::Result<(W, u64)> {
        let rows = self.rows;
        self.line(&Line::End { rows })?;
        let encoder = self
            .out
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        Ok((encoder.finish()?, rows))
    }

    fn line(&mut self, line: &impl Serialize) -> std::io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}

// === impl Reader ===

impl Reader {
    /// Opens a backup and reads what it says of itself.
    pub(super) fn open(path: &Path) -> Result<(Self, Header), BackupError> {
        let file = File::open(path).map_err(|source| BackupError::File {
            path: path.to_owned(),
            source,
        })?;
        let mut reader = Self {
            path: path.to_owned(),
            lines: BufReader::new(MultiGzDecoder::new(file)).lines(),
            rows: 0,
            is_whole: false,
        };
        let first = reader.text()?.unwrap_or_default();
        let header: Header = serde_json::from_str(&first)
            .map_err(|_| reader.broken("its first line is no header"))?;
        if header.keystile_backup != 1 {
            return Err(reader.broken("a newer keystile-registry made it"));
        }
        Ok((reader, header))
    }

    /// Returns what comes next; nothing once it was read to the end, and only if it has one.
    pub(super) fn next(&mut self) -> Result<Option<Item>, BackupError> {
        let Some(text) = self.text()? else {
            let cut_off = || self.broken("it ends in the middle");
            return self.is_whole.then_some(None).ok_or_else(cut_off);
        };
        let line = serde_json::from_str(&text);
        match line.map_err(|_| self.broken("a line is none of a backup"))? {
            _ if self.is_whole => Err(self.broken("something follows its end")),
            Line::Row(cells) => {
                self.rows += 1;
                let values = cells.into_iter().map(|cell| match cell {
                    Cell::Null(()) => Value::Null,
                    Cell::Text(text) => Value::Text(text),
                    Cell::Number(number) => Value::Number(number),
                });
                Ok(Some(Item::Row(values.collect())))
            }
            Line::Table { table, columns } => Ok(Some(Item::Table(table, columns))),
            Line::End { rows } if rows == self.rows => {
                self.is_whole = true;
                self.next()
            }
            Line::End { .. } => Err(self.broken("rows are missing")),
        }
    }

    pub(super) fn broken(&self, why: impl Into<String>) -> BackupError {
        BackupError::Broken {
            path: self.path.clone(),
            why: why.into(),
        }
    }

    fn text(&mut self) -> Result<Option<String>, BackupError> {
        let text = self.lines.next().transpose();
        text.map_err(|error| self.broken(error.to_string()))
    }
}
