use serde_json::{Value, json};

use super::*;

/// What people try.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=https://example.test></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action=//example.test><input name=password></form>",
    "<meta http-equiv=refresh content='0;url=//example.test'>",
    "<style>*{background:url(//example.test)}</style>",
    "<p style='position:fixed'>x</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
];

/// What HTML must not have for it.
const NEVER: &[&str] = &[
    "<script",
    "onerror",
    "onload",
    "<iframe",
    "<svg",
    "<form",
    "<input",
    "<meta",
    "<style",
    "style=",
    "href=\"javascript",
    "href=\"data",
    "src=\"data",
    "src=\"javascript",
    "href=\"vbscript",
];

fn html(text: &str) -> String {
    Markdown::parse(text).unwrap().render(None).html
}

fn nodes(text: &str) -> Value {
    serde_json::to_value(Markdown::parse(text).unwrap().nodes()).unwrap()
}

#[test]
fn headings_have_anchors_that_links_of_the_document_lead_to() {
    let text = "# Getting *started*\n\n[on](#usage)\n\n## Usage\n\n## Usage\n\n## `?`";
    let rendered = Markdown::parse(text).unwrap().render(None);
    let anchors: Vec<_> = rendered
        .headings
        .iter()
        .map(|heading| {
            (
                heading.level,
                heading.anchor.as_str(),
                heading.text.as_str(),
            )
        })
        .collect();
    let expected = [
        (2, "doc-getting-started", "Getting started"),
        (3, "doc-usage", "Usage"),
        (3, "doc-usage-1", "Usage"),
        (3, "doc-section", "?"),
    ];
    assert_eq!(anchors, expected);
    assert!(rendered.html.contains(r#"<h3 id="doc-usage-1">Usage</h3>"#));
    assert!(rendered.html.contains(r##"href="#doc-usage""##));
}

#[test]
fn the_title_of_the_page_is_not_said_twice() {
    let document = Markdown::parse("# Getting `started`\n\nFirst\n\n# Next").unwrap();
    let rendered = document.render(Some("Getting started"));
    assert!(!rendered.html.contains("Getting"), "{}", rendered.html);
    assert_eq!(rendered.headings.len(), 1);
    assert!(document.render(Some("Other")).html.contains("Getting"));
}

#[test]
fn tables_tasks_and_code_are_shown() {
    let html = html("|a|\n|-|\n|1|\n\n- [x] done\n\n```sh\ncurl -i\n```\n\n~~no~~");
    for part in [
        "<table tabindex=\"0\">",
        "<td>1</td>",
        "☑ done",
        "curl -i",
        "<del>no</del>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn nothing_a_document_says_runs_in_a_browser() {
    for text in HOSTILE {
        let html = html(text).to_lowercase();
        let found: Vec<_> = NEVER.iter().filter(|part| html.contains(**part)).collect();
        assert!(found.is_empty(), "{text} became {html}");
        let nodes = nodes(text).to_string().to_lowercase();
        for leading in ["\"href\":\"", "\"url\":\""] {
            for scheme in ["javascript:", "data:", "vbscript:", "java\\nscript"] {
                let found = nodes.contains(&format!("{leading}{scheme}"));
                assert!(!found, "{text} became {nodes}");
            }
        }
    }
}

#[test]
fn a_document_cannot_take_an_id_of_the_page_around_it() {
    let html = html("<h2 id=main>x</h2>\n\n<p id=doc-x class=button name=y>y</p>");
    for part in ["id=", "class=", "name="] {
        assert!(!html.contains(part), "{part} in {html}");
    }
}

#[test]
fn addresses_of_the_web_and_of_the_same_site_stay() {
    for address in [
        "https://example.test/?a=b",
        "mailto:a@example.test",
        "/docs",
        "other",
        "?q",
    ] {
        assert!(is_safe(address), "{address}");
        let html = html(&format!("[x]({address})"));
        assert!(html.contains(&format!("href=\"{address}\"")), "{html}");
    }
}

#[test]
fn nodes_are_those_of_konnects_document() {
    let text =
        "# Hi\n\none  \ntwo\n\n- a **b**\n\n```js\nx\n```\n\n[l](/x \"t\") ![p *q*](/i)\n\n---";
    let line = |text: &str, hard: bool| json!({"type": "text", "text": text, "hardBreak": hard, "softBreak": false});
    let expected = json!({"type": "document", "version": "1", "children": [
        {"type": "heading", "level": 1, "children": [line("Hi", false)]},
        {"type": "paragraph", "children": [line("one", true), line("two", false)]},
        {"type": "list", "isOrdered": false, "children": [
            {"type": "list_item", "children": [{"type": "text_block", "children": [
                line("a ", false),
                {"type": "emphasis", "level": 2, "children": [line("b", false)]}]}]}]},
        {"type": "code_block", "lang": "js", "children": [line("x\n", false)]},
        {"type": "paragraph", "children": [
            {"type": "link", "href": "/x", "title": "t", "children": [line("l", false)]},
            line(" ", false),
            {"type": "image", "url": "/i", "alt": "p q", "title": ""}]},
        {"type": "break"}]});
    assert_eq!(nodes(text), expected);
}

#[test]
fn cells_know_how_their_column_is_aligned() {
    let table = nodes("|a|b|\n|:-|-:|\n|1|2|");
    let row = &table["children"][0]["children"][1];
    assert_eq!(row["type"], "table_row");
    assert_eq!(row["alignments"], json!(["left", "right"]));
    assert_eq!(row["children"][1]["alignment"], "right");
}

#[test]
fn what_nests_too_deep_is_shown_flat() {
    let quotes = ">".repeat(LARGEST - 8) + " deep";
    let html = html(&quotes);
    assert!(html.contains("deep"));
    assert_eq!(html.matches("<blockquote>").count(), DEEPEST);
    let nodes = nodes(&quotes).to_string();
    assert!(nodes.contains("deep"));
}

#[test]
fn a_text_that_is_too_large_is_refused() {
    assert!(Markdown::parse(&"a".repeat(LARGEST)).is_ok());
    let judged = Markdown::parse(&"a".repeat(LARGEST + 1));
    assert_eq!(judged, Err(InvalidMarkdown::TooLarge));
    assert_eq!(Markdown::parse("a\0"), Err(InvalidMarkdown::Nul));
}
