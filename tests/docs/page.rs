//! Pages of the documentation, as readers of Markdown see them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use stage::places;

/// Where pages are, besides the folders in [`FOLDERS`].
const SINGLE: [&str; 8] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "tests/README.md",
    "tests/harness/README.md",
    "docs/README.md",
];
const FOLDERS: [&str; 2] = ["docs", "docs/adr"];

/// A page.
pub(crate) struct Page {
    /// Where it is in the repository.
    pub(crate) path: PathBuf,
    /// What it says.
    pub(crate) text: String,
}

/// A fenced block of code.
pub(crate) struct Block {
    /// What follows the fence: a language, and what else is to be known.
    pub(crate) kind: String,
    /// What is in it.
    pub(crate) text: String,
}

// === impl Page ===

impl Page {
    /// Reads a page.
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(places::repository(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        Self {
            path: PathBuf::from(path),
            text,
        }
    }

    /// Reads every page.
    pub(crate) fn every() -> Vec<Self> {
        let mut paths: Vec<String> = SINGLE.map(str::to_owned).to_vec();
        for folder in FOLDERS {
            paths.extend(pages_in(folder));
        }
        paths.sort();
        paths.dedup();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// Returns its blocks of code, in order.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for event in Parser::new(&self.text) {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                    let (kind, text) = (kind.into_string(), String::new());
                    open = Some(Block { kind, text });
                }
                Event::Text(text) => {
                    if let Some(block) = &mut open {
                        block.text.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
                _ => {}
            }
        }
        blocks
    }

    /// Returns where its links and pictures lead.
    pub(crate) fn destinations(&self) -> Vec<String> {
        Parser::new(&self.text)
            .filter_map(|event| match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    Some(dest_url.into_string())
                }
                _ => None,
            })
            .collect()
    }

    /// Whether a heading has this anchor, as code hosts make them.
    pub(crate) fn has_anchor(&self, anchor: &str) -> bool {
        self.anchors().iter().any(|one| one == anchor)
    }

    /// Returns a path that the page names, seen from the repository.
    pub(crate) fn beside(&self, path: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    fn anchors(&self) -> Vec<String> {
        let mut anchors = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut heading: Option<String> = None;
        for event in Parser::new(&self.text) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = slug(&heading.take().unwrap_or_default());
                    let times = seen.entry(anchor.clone()).or_default();
                    anchors.push(match *times {
                        0 => anchor,
                        again => format!("{anchor}-{again}"),
                    });
                    *times += 1;
                }
                _ => {}
            }
        }
        anchors
    }
}

fn pages_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(places::repository(folder)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

/// Makes an anchor of a heading: letters, digits, `-` and `_` stay, spaces become `-`.
fn slug(heading: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || matches!(character, '-' | '_');
    let lower = heading.to_lowercase();
    let spaced = lower.chars().map(|c| if c == ' ' { '-' } else { c });
    spaced.filter(kept).collect()
}
