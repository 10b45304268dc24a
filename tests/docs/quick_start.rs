//! The quick start, typed in as it stands.
//!
//! Two things are added: ports that are free, and that a line with a comment such as `# 401` has to
//! get an answer of that status.

use std::fs;
use std::path::Path;
use std::process::Command;

use stage::places;
use stage::port::Port;
use stage::process::run;

use crate::page::Page;

const PAGE: &str = "docs/quick-start.md";

/// What the page's ports are called where the registry and Envoy read them.
const PORTS: [(u16, &str); 5] = [
    (8000, "proxy"),
    (8001, "KEYSTILE_ADMIN_LISTEN"),
    (8003, "KEYSTILE_PORTAL_LISTEN"),
    (8005, "KEYSTILE_GATEWAY_LISTEN"),
    (8080, "upstream"),
];

/// Before the page's own lines: what they start ends with them, and what they expect is looked at.
const BEFORE: &str = r#"
set -eu
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
answers() {
    expected=$1
    shift
    for _ in $(seq 100); do
        answer=$("$@" 2>&1) || true
        case $answer in *"HTTP/1.1 $expected "*) return 0 ;; esac
        sleep 0.1
    done
    echo "expected $expected from: $*" >&2
    echo "$answer" >&2
    exit 1
}
"#;

#[test]
fn the_quick_start_leads_to_a_200() {
    let folder = tempfile::tempdir().unwrap();
    let ports: Vec<(u16, &str, Port)> = PORTS
        .iter()
        .map(|(port, name)| (*port, *name, unlike_those_of_the_page()))
        .collect();
    let moved = |text: &str| {
        ports.iter().fold(text.to_owned(), |text, (port, _, free)| {
            text.replace(&port.to_string(), &free.address().port().to_string())
        })
    };
    checkout(folder.path(), &moved);
    fs::write(folder.path().join("script"), script(&moved)).unwrap();
    let mut shell = Command::new("bash");
    shell
        .arg("script")
        .current_dir(folder.path())
        .env("ENVOY", places::envoy().unwrap());
    for (_, name, free) in &ports {
        shell.env(name, free.address().to_string());
    }
    run("the quick start", &mut shell).unwrap();
}

/// Claims a port in whose number none of the page's can be found and replaced once more.
fn unlike_those_of_the_page() -> Port {
    loop {
        let port = Port::claim().unwrap();
        let number = port.number().to_string();
        if !PORTS
            .iter()
            .any(|(of_page, _)| number.contains(&of_page.to_string()))
        {
            return port;
        }
    }
}

/// Makes what a reader has in front of them: the shipped configurations and what was built.
fn checkout(folder: &Path, moved: &impl Fn(&str) -> String) {
    let envoy = folder.join("envoy");
    fs::create_dir(&envoy).unwrap();
    for entry in fs::read_dir(places::repository("envoy")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let text = moved(&fs::read_to_string(&path).unwrap());
            // Its own administration page is on a port of its own, too.
            let text = text.replace("port_value: 9901", "port_value: 0");
            fs::write(envoy.join(path.file_name().unwrap()), text).unwrap();
        }
    }
    let programs = folder.join("target/debug");
    fs::create_dir_all(&programs).unwrap();
    let registry = places::registry().unwrap();
    std::os::unix::fs::symlink(registry, programs.join("keystile-registry")).unwrap();
    fs::create_dir(folder.join("target/wasm")).unwrap();
    let filter = folder.join("target/wasm/keystile_filter.wasm");
    std::os::unix::fs::symlink(places::filter().unwrap(), filter).unwrap();
}

fn script(moved: &impl Fn(&str) -> String) -> String {
    let mut script = BEFORE.to_owned();
    for block in Page::read(PAGE).blocks() {
        if block.kind == "sh" {
            for line in moved(&block.text).lines() {
                script.push_str(&expecting(line));
                script.push('\n');
            }
        }
    }
    script
}

/// Makes `command  # 401` an expectation.
fn expecting(line: &str) -> String {
    match line.rsplit_once("  # ") {
        Some((command, status)) if status.len() == 3 && status.parse::<u16>().is_ok() => {
            format!("answers {status} {command}")
        }
        _ => line.to_owned(),
    }
}
