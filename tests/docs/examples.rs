//! Examples of configuration are what they are said to be.
//!
//! The word after a block's language says what it is: `json filter` is a plugin configuration,
//! `toml registry` a configuration file of the registry, `yaml envoy` a piece of an Envoy configuration.

use std::io::Write as _;

use keystile_core::config::Config;
use keystile_registry::config::file::File;
use serde_json::Value;
use stage::places;

use crate::page::{Block, Page};

fn every_block(kind: &str) -> Vec<(String, Block)> {
    let mut found = Vec::new();
    for page in Page::every() {
        let blocks = page.blocks();
        let of_kind = blocks.into_iter().filter(|block| block.kind == kind);
        found.extend(of_kind.map(|block| (page.path.display().to_string(), block)));
    }
    assert!(!found.is_empty(), "no page has a block `{kind}`");
    found
}

#[test]
fn the_filter_takes_every_plugin_configuration_of_the_documentation() {
    for (page, block) in every_block("json filter") {
        let config = Config::parse(block.text.as_bytes());
        assert!(config.is_ok(), "{page}: {config:?}\n{}", block.text);
    }
}

#[test]
fn the_registry_takes_every_configuration_file_of_the_documentation() {
    for (page, block) in every_block("toml registry") {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(block.text.as_bytes()).unwrap();
        let read = File::read(file.path());
        assert!(read.is_ok(), "{page}: {read:?}\n{}", block.text);
    }
}

/// Shipped files are validated by Envoy and used in journeys; what stands in one of them works.
#[test]
fn every_piece_of_envoy_configuration_stands_in_a_shipped_file() {
    let shipped = shipped();
    for (page, block) in every_block("yaml envoy") {
        let piece: Value = serde_saphyr::from_str(&block.text)
            .unwrap_or_else(|error| panic!("{page}: {error}\n{}", block.text));
        let is_shipped = shipped.iter().any(|whole| holds(whole, &piece));
        assert!(is_shipped, "{page}: no shipped file has\n{}", block.text);
    }
}

fn shipped() -> Vec<Value> {
    let files = std::fs::read_dir(places::repository("envoy")).unwrap();
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            serde_saphyr::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect()
}

/// Whether a piece stands somewhere in a whole, perhaps among more members.
fn holds(whole: &Value, piece: &Value) -> bool {
    let inside = match whole {
        Value::Object(members) => members.values().any(|member| holds(member, piece)),
        Value::Array(items) => items.iter().any(|item| holds(item, piece)),
        _ => false,
    };
    inside || covers(whole, piece)
}

fn covers(whole: &Value, piece: &Value) -> bool {
    match (whole, piece) {
        (Value::Object(whole), Value::Object(piece)) => piece.iter().all(|(name, value)| {
            let there = whole.get(name);
            there.is_some_and(|there| covers(there, value))
        }),
        (Value::Array(whole), Value::Array(piece)) => piece
            .iter()
            .all(|item| whole.iter().any(|there| covers(there, item))),
        (whole, piece) => whole == piece,
    }
}
