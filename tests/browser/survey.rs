//! What every page has to be: readable by everyone in both themes, valid, no wider than a phone, and
//! without a complaint of the browser.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use serde::Deserialize;
use stage::client::Request;

use crate::browser::Browser;
use crate::gallery::{Gallery, Screen, Theme};
use crate::tools::{self, Tools};

/// What axe-core calls grave enough.
const GRAVE: [&str; 2] = ["serious", "critical"];

const RULES: &str = include_str!("html-validate.json");

/// Looks at the pages of one journey.
pub(crate) struct Survey {
    gallery: Gallery,
    tools: Tools,
    axe: String,
    pages: usize,
}

/// A rule of axe-core that a page breaks.
#[derive(Debug, Deserialize)]
struct Violation {
    id: String,
    impact: Option<String>,
    help: String,
    nodes: Vec<Node>,
}

/// Where.
#[derive(Debug, Deserialize)]
struct Node {
    html: String,
    #[serde(rename = "failureSummary")]
    summary: Option<String>,
}

// === impl Survey ===

impl Survey {
    /// Begins a journey's survey.
    pub(crate) fn begin(journey: &str) -> Self {
        let tools = Tools::find().unwrap();
        Self {
            gallery: Gallery::open(journey),
            axe: fs::read_to_string(&tools.axe).unwrap(),
            tools,
            pages: 0,
        }
    }

    /// Looks at the page a browser is at, which it asked for by its address.
    #[track_caller]
    pub(crate) fn look(&mut self, browser: &Browser, name: &str) {
        let source = fetched(browser);
        self.keep(browser, name, &source);
    }

    /// Looks at the page that answered a form; only the browser has its source.
    #[track_caller]
    pub(crate) fn look_at_answer(&mut self, browser: &Browser, name: &str) {
        // What it holds begins after the doctype, which it has read.
        let source = format!("<!doctype html>{}", browser.source());
        self.keep(browser, name, &source);
    }

    #[track_caller]
    fn keep(&mut self, browser: &Browser, name: &str, source: &str) {
        self.pages += 1;
        let name = format!("{:02}-{name}", self.pages);
        fs::write(self.gallery.page(&name), source).unwrap();
        for theme in [Theme::Dark, Theme::Light] {
            theme.apply(browser);
            for screen in [Screen::Phone, Screen::Desktop] {
                screen.apply(browser);
                self.gallery.picture(browser, &name, (screen, theme));
                assert_fits(browser, &name);
            }
            self.assert_accessible(browser, &name);
        }
        let complaints = browser.complaints();
        // A page that says no to a form is no mistake of the page.
        let is_refusal = |line: &String| line.contains("the server responded with a status of 4");
        let complaints: Vec<String> = complaints
            .into_iter()
            .filter(|line| !is_refusal(line))
            .collect();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }

    #[track_caller]
    fn assert_accessible(&self, browser: &Browser, name: &str) {
        let script = format!(
            "{}; const done = arguments[arguments.length - 1]; \
             axe.run({{resultTypes: ['violations']}}).then(r => done(r.violations), e => done(String(e)))",
            self.axe
        );
        let answer = browser.ask_async(&script, vec![]).unwrap();
        let violations: Vec<Violation> = serde_json::from_value(answer.clone())
            .unwrap_or_else(|_| panic!("axe-core failed on {name}: {answer}"));
        let is_grave = |violation: &&Violation| {
            let impact = violation.impact.as_deref().unwrap_or_default();
            GRAVE.contains(&impact)
        };
        let grave: Vec<String> = violations.iter().filter(is_grave).map(shown).collect();
        assert!(grave.is_empty(), "{name}:\n{}", grave.join("\n"));
    }

    /// Checks the HTML of all pages at once: starting the checker takes a second.
    #[track_caller]
    pub(crate) fn end(self) {
        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("rules.json");
        fs::write(&rules, RULES).unwrap();
        let mut command = Command::new(tools::program("NODE", "node"));
        command
            .arg(&self.tools.html_validate)
            .arg("--config")
            .arg(&rules)
            .args(["--formatter", "text", "--max-warnings", "0"])
            .arg(self.gallery.pages.join("*.html"));
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "not valid HTML:\n{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// A page that is wider than the screen has to be pushed about to be read.
#[track_caller]
fn assert_fits(browser: &Browser, name: &str) {
    let script = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
    let excess = browser.ask(script, vec![]).unwrap();
    assert_eq!(excess.as_i64(), Some(0), "{name} is too wide for a screen");
}

/// Fetches the page with the browser's cookies: what the browser holds has been parsed and repaired.
#[track_caller]
fn fetched(browser: &Browser) -> String {
    let url = browser.url();
    let (authority, path) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .unwrap_or_else(|| panic!("{url} is no page of ours"));
    // Administrators' pages are found at the machine's own name.
    let address: SocketAddr = authority.replace("localhost", "127.0.0.1").parse().unwrap();
    let path = path.split('#').next().unwrap_or_default();
    let request = Request::get(format!("/{path}"))
        .header("host", authority)
        .header("accept", "text/html")
        .header("cookie", browser.cookies());
    let response = request.send(address).unwrap();
    response.text().into_owned()
}

fn shown(violation: &Violation) -> String {
    let Violation {
        id, help, nodes, ..
    } = violation;
    let nodes: Vec<String> = nodes
        .iter()
        .map(|node| {
            let summary = node.summary.as_deref().unwrap_or_default();
            format!("  {}\n    {}", node.html, summary.replace('\n', "\n    "))
        })
        .collect();
    format!("{id}: {help}\n{}", nodes.join("\n"))
}
