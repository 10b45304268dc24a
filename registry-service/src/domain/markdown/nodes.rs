//! Markdown as Konnect's document nodes, which its front-ends draw.
//!
//! The names are those of `DocumentBlock` in the Portal Client API's document. Raw HTML has none and
//! is left out.

mod growing;

use serde::Serialize;

use crate::domain::markdown::Markdown;
use growing::Growing;

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

// === impl Markdown ===

impl Markdown {
    /// Returns the document's nodes; the outermost is the document.
    pub fn nodes(&self) -> Node {
        let document = Node::leaf(Kind::Document { version: "1" });
        let mut growing = Growing::new(document.clone());
        for event in self.events() {
            growing.take_in(event);
        }
        growing.grown().unwrap_or(document)
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
