//! Markdown as Konnect's document nodes, which its front-ends draw.
//!
//! The names are those of `DocumentBlock` in the Portal Client API's document. Raw HTML has none and
//! is left out.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Tag};
use serde::Serialize;

use crate::domain::markdown::{Markdown, is_safe};

/// An element of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    #[serde(flatten)]
    kind: Kind,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind {
    Document {
        version: &'static str,
    },
    Heading {
        level: u8,
    },
    Blockquote,
    Paragraph,
    /// What a list's item says where items are not set apart.
    TextBlock,
    Break,
    CodeBlock {
        lang: String,
    },
    List {
        #[serde(rename = "isOrdered")]
        is_ordered: bool,
    },
    ListItem,
    Text {
        text: String,
        #[serde(rename = "hardBreak")]
        hard_break: bool,
        #[serde(rename = "softBreak")]
        soft_break: bool,
    },
    Emphasis {
        level: u8,
    },
    Code,
    Link {
        href: String,
        title: String,
    },
    Image {
        url: String,
        alt: String,
        title: String,
    },
    #[serde(rename = "strikethrough")]
    StrikeThrough,
    Table {
        alignments: Vec<&'static str>,
    },
    TableHeader {
        alignments: Vec<&'static str>,
    },
    TableRow {
        alignments: Vec<&'static str>,
    },
    TableCell {
        alignment: &'static str,
    },
    TaskCheckbox {
        checked: bool,
    },
    /// An element without a name here: what it holds is drawn, it is not.
    #[serde(skip)]
    Nameless,
}

/// How a line ends: the next begins anew, or goes on after a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineBreak {
    Hard,
    Soft,
}

/// The elements begun and not ended yet, the outermost first.
struct Growing {
    open: Vec<Node>,
    alignments: Vec<&'static str>,
}

// === impl Markdown ===

impl Markdown {
    /// Returns the document's nodes; the outermost is the document.
    pub fn nodes(&self) -> Node {
        let document = Node::leaf(Kind::Document { version: "1" });
        let mut growing = Growing {
            open: vec![document.clone()],
            alignments: Vec::new(),
        };
        for event in self.events() {
            growing.take_in(event);
        }
        while growing.open.len() > 1 {
            growing.end();
        }
        growing.open.pop().unwrap_or(document)
    }
}

// === impl Node ===

impl Node {
    fn leaf(kind: Kind) -> Self {
        Self {
            kind,
            children: Vec::new(),
        }
    }

    fn text(text: impl Into<String>) -> Self {
        Self::leaf(Kind::Text {
            text: text.into(),
            hard_break: false,
            soft_break: false,
        })
    }

    fn is_inline(&self) -> bool {
        matches!(
            self.kind,
            Kind::Text { .. }
                | Kind::Emphasis { .. }
                | Kind::Code
                | Kind::Link { .. }
                | Kind::Image { .. }
                | Kind::StrikeThrough
                | Kind::TaskCheckbox { .. }
        )
    }

    /// Adds a child; text of a list's item gets a block of its own.
    fn add(&mut self, node: Node) {
        if self.kind != Kind::ListItem || !node.is_inline() {
            self.children.push(node);
            return;
        }
        match self.children.last_mut() {
            Some(block) if block.kind == Kind::TextBlock => block.children.push(node),
            _ => self.children.push(Node {
                kind: Kind::TextBlock,
                children: vec![node],
            }),
        }
    }

    /// Notes that a line ends after the last text.
    fn break_line(&mut self, line: LineBreak) {
        let holder = match self.children.last_mut() {
            Some(block) if block.kind == Kind::TextBlock => block,
            _ => self,
        };
        if !matches!(holder.children.last(), Some(node) if matches!(node.kind, Kind::Text { .. })) {
            holder.add(Node::text(""));
        }
        if let Some(Kind::Text {
            hard_break,
            soft_break,
            ..
        }) = holder.children.last_mut().map(|node| &mut node.kind)
        {
            *hard_break = line == LineBreak::Hard;
            *soft_break = line == LineBreak::Soft;
        }
    }

    fn plain_text(&self) -> String {
        match &self.kind {
            Kind::Text { text, .. } => text.clone(),
            _ => self.children.iter().map(Node::plain_text).collect(),
        }
    }
}

// === impl Growing ===

impl Growing {
    fn take_in(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => {
                let kind = self.kind(tag);
                self.open.push(Node::leaf(kind));
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.add(Node::text(&*text)),
            Event::Code(text) => self.add(Node {
                kind: Kind::Code,
                children: vec![Node::text(&*text)],
            }),
            Event::Rule => self.add(Node::leaf(Kind::Break)),
            Event::TaskListMarker(checked) => self.add(Node::leaf(Kind::TaskCheckbox { checked })),
            Event::HardBreak => self.break_line(LineBreak::Hard),
            Event::SoftBreak => self.break_line(LineBreak::Soft),
            _ => {}
        }
    }

    fn add(&mut self, node: Node) {
        if let Some(innermost) = self.open.last_mut() {
            innermost.add(node);
        }
    }

    fn break_line(&mut self, line: LineBreak) {
        if let Some(innermost) = self.open.last_mut() {
            innermost.break_line(line);
        }
    }

    /// Ends the innermost element.
    fn end(&mut self) {
        let Some(mut node) = self.open.pop() else {
            return;
        };
        if let Kind::Image { alt, .. } = &mut node.kind {
            *alt = node
                .children
                .drain(..)
                .map(|node| node.plain_text())
                .collect();
        }
        if node.kind == Kind::Nameless {
            node.children.into_iter().for_each(|child| self.add(child));
        } else {
            self.add(node);
        }
    }

    fn kind(&mut self, tag: Tag<'_>) -> Kind {
        match tag {
            Tag::Paragraph => Kind::Paragraph,
            Tag::Heading { level, .. } => Kind::Heading { level: level as u8 },
            Tag::BlockQuote(_) => Kind::Blockquote,
            Tag::CodeBlock(kind) => Kind::CodeBlock {
                lang: language(kind),
            },
            Tag::List(first) => Kind::List {
                is_ordered: first.is_some(),
            },
            Tag::Item => Kind::ListItem,
            Tag::Emphasis => Kind::Emphasis { level: 1 },
            Tag::Strong => Kind::Emphasis { level: 2 },
            Tag::Strikethrough => Kind::StrikeThrough,
            Tag::Link {
                dest_url, title, ..
            } => Kind::Link {
                href: address(&dest_url),
                title: title.into_string(),
            },
            Tag::Image {
                dest_url, title, ..
            } => Kind::Image {
                url: address(&dest_url),
                alt: String::new(),
                title: title.into_string(),
            },
            other => self.part_of_table(other),
        }
    }

    fn part_of_table(&mut self, tag: Tag<'_>) -> Kind {
        match tag {
            Tag::Table(alignments) => {
                self.alignments = alignments.into_iter().map(alignment).collect();
                Kind::Table {
                    alignments: self.alignments.clone(),
                }
            }
            Tag::TableHead => Kind::TableHeader {
                alignments: self.alignments.clone(),
            },
            Tag::TableRow => Kind::TableRow {
                alignments: self.alignments.clone(),
            },
            Tag::TableCell => {
                let column = self.open.last().map_or(0, |row| row.children.len());
                Kind::TableCell {
                    alignment: self.alignments.get(column).copied().unwrap_or("none"),
                }
            }
            _ => Kind::Nameless,
        }
    }
}

/// Returns an address that front-ends may link to; they would follow any.
fn address(text: &str) -> String {
    if is_safe(text) { text } else { "" }.to_owned()
}

fn language(kind: CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Indented => String::new(),
        CodeBlockKind::Fenced(information) => {
            let word = information.split_whitespace().next();
            word.unwrap_or_default().to_owned()
        }
    }
}

fn alignment(alignment: Alignment) -> &'static str {
    match alignment {
        Alignment::None => "none",
        Alignment::Left => "left",
        Alignment::Center => "center",
        Alignment::Right => "right",
    }
}
