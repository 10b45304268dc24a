//! Links lead somewhere.

use std::path::{Component, Path, PathBuf};

use stage::places;

use crate::page::Page;

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let mut broken = Vec::new();
    for page in Page::every() {
        for destination in page.destinations() {
            if !leads_somewhere(&page, &destination) {
                broken.push(format!("{}: {destination}", page.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

fn leads_somewhere(page: &Page, destination: &str) -> bool {
    // Other people's pages are not looked at.
    if destination.contains("://") {
        return true;
    }
    let (path, anchor) = match destination.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (destination, None),
    };
    let target = match path {
        "" => page.path.clone(),
        path => within_repository(&page.beside(path)),
    };
    let is_there = places::repository(&target.to_string_lossy()).exists();
    let has_anchor = |anchor| Page::read(&target.to_string_lossy()).has_anchor(anchor);
    is_there && anchor.is_none_or(has_anchor)
}

/// Resolves `..` without asking the file system.
fn within_repository(path: &Path) -> PathBuf {
    let mut resolved = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                resolved.pop();
            }
            other => resolved.push(other),
        }
    }
    resolved
}
