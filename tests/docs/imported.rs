//! Files of keys in the documentation are taken in as they stand.
//!
//! The word after a block's language is `keys`; the language says which format it is.

use std::fs;

use stage::process::run;
use stage::registry::{Database, Registry};

use crate::page::Page;

const PAGE: &str = "docs/operations.md";

/// How a file of a language is called.
const FILES: [(&str, &str); 3] = [
    ("csv keys", "keys.csv"),
    ("json keys", "keys.jsonl"),
    ("yaml keys", "kong.yaml"),
];

#[test]
fn the_registry_takes_in_every_file_of_keys_of_the_documentation() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let admin = registry.admin().unwrap();
    for reference in ["acme", "umbrella"] {
        admin.create_application(reference, reference).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let blocks = Page::read(PAGE).blocks();
    for (kind, name) in FILES {
        let block = blocks.iter().find(|block| block.kind == kind);
        let text = &block
            .unwrap_or_else(|| panic!("{PAGE} has no block `{kind}`"))
            .text;
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        let command = ["import-keys", file.to_str().unwrap()];
        let said = run(kind, &mut registry.called(&command).unwrap()).unwrap();
        assert!(said.contains(" 0 refused"), "{kind}: {said}");
        assert!(!said.starts_with("0 keys"), "{kind}: {said}");
    }
}
