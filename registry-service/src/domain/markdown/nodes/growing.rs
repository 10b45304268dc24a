//! From the parser's events to nodes.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Tag};

use crate::domain::markdown::is_safe;
use crate::domain::markdown::nodes::{Kind, LineBreak, Node};

/// The elements begun and not ended yet, the outermost first.
pub(super) struct Growing {
    open: Vec<Node>,
    alignments: Vec<&'static str>,
}

// === impl Growing ===

impl Growing {
    /// Begins with a document.
    pub(super) fn new(document: Node) -> Self {
        Self {
            open: vec![document],
            alignments: Vec::new(),
        }
    }

    /// Ends what is open, and returns the document.
    pub(super) fn grown(mut self) -> Option<Node> {
        while self.open.len() > 1 {
            self.end();
        }
        self.open.pop()
    }

    pub(super) fn take_in(&mut self, event: Event<'_>) {
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
