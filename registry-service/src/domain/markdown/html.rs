//! Markdown as HTML that is safe to put into a page.

use std::collections::{BTreeMap, HashSet};

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Tag, TagEnd, html};

use crate::domain::markdown::{Markdown, SCHEMES};

/// What begins every anchor, so that none is mistaken for an id of the page around it.
const ANCHOR: &str = "doc-";

const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

/// A document as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its HTML, of which nothing runs.
    pub html: String,
    /// Its headings, for a table of contents.
    pub headings: Vec<Heading>,
}

/// A heading of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// From 2, as the page's own heading is the 1, to 6.
    pub level: u8,
    /// The id of its element: links lead to `#` and this.
    pub anchor: String,
    /// What it says.
    pub text: String,
}

/// Gives each heading an anchor of its own.
#[derive(Debug, Default)]
struct Anchors(BTreeMap<String, usize>);

// === impl Markdown ===

impl Markdown {
    /// Renders it for a page, below whose own heading its headings come. A document that begins
    /// with the page's `title` does not say it twice. A heading's anchor is
    /// `doc-` and its words in lower case, and links within the document (`#the-words`) lead there.
    pub fn render(&self, title: Option<&str>) -> Rendered {
        let mut events: Vec<Event<'_>> = self.events().map(adapted).collect();
        if let Some(title) = title {
            drop_title(&mut events, title);
        }
        let headings = anchored(&mut events);
        let mut unsafe_html = String::with_capacity(self.as_str().len() * 3 / 2);
        html::push_html(&mut unsafe_html, events.into_iter());
        Rendered {
            html: cleaned(&unsafe_html),
            headings,
        }
    }
}

// === impl Anchors ===

impl Anchors {
    fn add(&mut self, text: &str) -> String {
        let words = slug(text);
        let wanted = if words.is_empty() { "section" } else { &words };
        let mut anchor = format!("{ANCHOR}{wanted}");
        // As on the sites people copy from: the second `Usage` is `usage-1`.
        while let Some(count) = self.0.get_mut(&anchor) {
            *count += 1;
            anchor = format!("{anchor}-{count}");
        }
        self.0.insert(anchor.clone(), 0);
        anchor
    }
}

/// Replaces what sanitised HTML has no element for, sets headings below that of the page, and leads
/// links within the document to anchors.
fn adapted(event: Event<'_>) -> Event<'_> {
    match event {
        Event::TaskListMarker(true) => Event::Text(CowStr::Borrowed("☑ ")),
        Event::TaskListMarker(false) => Event::Text(CowStr::Borrowed("☐ ")),
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: below(level),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level))),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            dest_url: match dest_url.strip_prefix('#') {
                Some(words) => format!("#{ANCHOR}{words}").into(),
                None => dest_url,
            },
            link_type,
            title,
            id,
        }),
        other => other,
    }
}

fn below(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6)
}

/// Takes out the first heading where it says what the page's heading says.
fn drop_title(events: &mut Vec<Event<'_>>, title: &str) {
    let Some((Event::Start(Tag::Heading { .. }), rest)) = events.split_first() else {
        return;
    };
    let is_end = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Heading(_)));
    if text_until_end(rest).trim() == title.trim()
        && let Some(end) = events.iter().position(is_end)
    {
        events.drain(..=end);
    }
}

/// Gives each heading its anchor, and lists them.
fn anchored(events: &mut [Event<'_>]) -> Vec<Heading> {
    let mut anchors = Anchors::default();
    let mut headings = Vec::new();
    let mut rest = events;
    while let Some((event, after)) = rest.split_first_mut() {
        if let Event::Start(Tag::Heading { level, id, .. }) = event {
            let text = text_until_end(after);
            let anchor = anchors.add(&text);
            *id = Some(anchor.clone().into());
            headings.push(Heading {
                level: *level as u8,
                anchor,
                text,
            });
        }
        rest = after;
    }
    headings
}

fn text_until_end(events: &[Event<'_>]) -> String {
    events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(&**text),
            Event::SoftBreak | Event::HardBreak => Some(" "),
            _ => None,
        })
        .collect()
}

/// Returns the words of a text as URLs hold them, of any script.
fn slug(text: &str) -> String {
    let kept = |character: char| match character {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        other => other.is_alphanumeric().then_some(other),
    };
    text.to_lowercase().chars().filter_map(kept).collect()
}

/// Takes out everything that could run or disguise itself.
fn cleaned(html: &str) -> String {
    let mut builder = Builder::default();
    builder
        .url_schemes(HashSet::from(SCHEMES))
        // Where it is wider than the screen, a keyboard has to be able to scroll it (WCAG 2.1.1).
        .set_tag_attribute_value("table", "tabindex", "0")
        .attribute_filter(|_, attribute, value| {
            // Somebody's own HTML could take the id of an element of the page.
            let is_foreign = attribute == "id" && !value.starts_with(ANCHOR);
            (!is_foreign).then_some(value.into())
        });
    for heading in HEADINGS {
        builder.add_tag_attributes(heading, &["id"]);
    }
    builder.clean(html).to_string()
}
