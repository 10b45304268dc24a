//! What a hostile page, a thief of cookies, or a writer of scripts gets out of the pages: nothing.
//! The numbers are those of the threat list.

use std::fs;

use stage::client::{Request, Response};
use stage::registry::ADMIN;

use crate::history;
use crate::world::{PASSWORD, World};

/// What would show that a script ran.
const SCRIPT: &str =
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

#[test]
fn a_log_in_is_a_secret_of_this_browser_and_ends_when_it_is_told_to() {
    let world = World::begin("log-in").unwrap();
    let browser = &world.browser;
    browser.open(&world.admin("/products"));
    browser.is_at("Log in");
    let before = browser.cookies();
    world.enter();
    let cookies = browser.cookies();
    // 101
    assert!(
        !before.is_empty() && !cookies.contains(&before),
        "a log-in has a secret of its own"
    );
    assert_eq!(
        get(&world, "/products", &before).status,
        303,
        "what was before is no log-in"
    );
    // 102
    for cookie in browser.cookie_jar() {
        let name = &cookie.name;
        assert!(name.starts_with("__Host-"), "{name} is this host's own");
        assert!(cookie.is_guarded, "{name} is Secure, HttpOnly and SameSite");
        assert!(
            !world.scene.registry.log().contains(&cookie.value),
            "{name} is in the log"
        );
        assert!(
            !browser.source().contains(&cookie.value),
            "{name} is in the page"
        );
    }
    // 103 and 115
    assert_eq!(get(&world, "/products", &cookies).status, 200);
    world.go("API products");
    browser.press("Log out");
    browser.is_at("Log in");
    assert_eq!(
        get(&world, "/products", &cookies).status,
        303,
        "a stolen cookie is worth nothing"
    );
    browser.go_back();
    browser.sees_no("New API product");
}

#[test]
fn a_log_in_ends_when_nobody_uses_it_and_after_a_day_at_the_latest_across_restarts_too() {
    let mut world = World::begin("old-log-in").unwrap();
    world.enter();
    // 104
    history::age_log_ins(&world.scene.registry, 29);
    world.scene.registry.start_again().unwrap();
    world.go("API products");
    world.browser.is_at("API products");
    history::age_log_ins(&world.scene.registry, 29);
    world.go("Services");
    world.browser.is_at("Services");
    assert_nothing_opens_the_session(&world);
    history::age_log_ins(&world.scene.registry, 31);
    world.scene.registry.start_again().unwrap();
    world.go("API products");
    world.browser.is_at("Log in");
    world.browser.sees("Your log-in is over.");
    world.give_password(ADMIN, PASSWORD);
    world.browser.is_at("API products");
    for age in (0..24 * 60).step_by(29) {
        history::age_log_ins(&world.scene.registry, 29);
        let status = send(&world, &page(&world, "/products")).status;
        let is_young = age + 29 < 24 * 60;
        let expected = if is_young { 200 } else { 303 };
        assert_eq!(status, expected, "{age} minutes and 29 after the password");
    }
    world.go("Services");
    world.browser.is_at("Log in");
}

/// Expects the database's files to have digests of log-ins alone.
fn assert_nothing_opens_the_session(world: &World) {
    let file = world.scene.registry.database().replace("sqlite:", "");
    for cookie in world.browser.cookie_jar() {
        for part in ["", "-wal"] {
            let bytes = fs::read(format!("{file}{part}")).unwrap();
            let is_there = bytes
                .windows(cookie.value.len())
                .any(|some| some == cookie.value.as_bytes());
            assert!(!is_there, "{} is in the database{part}", cookie.name);
        }
    }
}

#[test]
fn no_other_site_sends_forms_or_reads_answers() {
    let world = World::begin("other-sites").unwrap();
    world.enter();
    let browser = &world.browser;
    world.go("API products");
    browser.follow("New API product");
    let token = browser.value_of("input[name=form_token]");
    let body = format!("form_token={token}&name=Stolen&description=");
    // 105
    for origin in [
        None,
        Some("null"),
        Some("https://evil.example"),
        Some("http://localhost:1"),
    ] {
        let answer = post(&world, origin, &body);
        assert_eq!(answer.status, 403, "{origin:?}");
    }
    let own = world.admin("");
    assert_eq!(
        post(&world, Some(&own), "name=Stolen").status,
        403,
        "without the form token"
    );
    world.go("API products");
    browser.sees_no("Stolen");
    assert_eq!(
        post(&world, Some(&own), &body).status,
        303,
        "our own form is taken"
    );
    // 106
    let request = page(&world, "/products").header("origin", "https://evil.example");
    let answer = send(&world, &request);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn a_log_in_leads_nowhere_but_to_our_own_pages() {
    let world = World::begin("return-to").unwrap();
    let browser = &world.browser;
    world.enter();
    for target in [
        "//evil.example",
        "/%5Cevil.example",
        "javascript:alert(1)",
        "https://evil.example/",
    ] {
        browser.press("Log out");
        browser.is_at("Log in");
        browser.open(&world.admin(&format!("/login?return_to={target}")));
        // 113
        world.log_in();
        assert!(
            browser.url().starts_with(&world.admin("/")),
            "{target}: {}",
            browser.url()
        );
    }
}

#[test]
fn what_people_write_is_shown_and_never_run() {
    let mut world = World::begin("scripts").unwrap();
    world.enter();
    let browser = &world.browser;
    world.go("API products");
    browser.follow("New API product");
    browser.fill("Name", SCRIPT.get(..60).unwrap());
    browser.fill("Description", SCRIPT);
    browser.press("Create product");
    browser.sees(SCRIPT);
    // 114
    let title = browser.ask("return document.title", vec![]).unwrap();
    assert_ne!(title, "owned");
    world.look("product-of-scripts");
    let answer = send(&world, &page(&world, "/products"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        !policy.contains("unsafe-inline") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    // 114 and 115
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name).as_deref(), Some(value), "{name}");
    }
    world.survey.end();
}

fn get(world: &World, path: &str, cookies: &str) -> Response {
    let request = Request::get(path)
        .header("host", host(world))
        .header("accept", "text/html")
        .header("cookie", cookies);
    send(world, &request)
}

fn page(world: &World, path: &str) -> Request {
    Request::get(path)
        .header("host", host(world))
        .header("accept", "text/html")
        .header("cookie", world.browser.cookies())
}

/// Sends the form that makes a product, as a page of some origin would.
fn post(world: &World, origin: Option<&str>, body: &str) -> Response {
    let mut request = Request::post("/products/new")
        .header("host", host(world))
        .header("cookie", world.browser.cookies())
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    send(world, &request.body(body))
}

fn host(world: &World) -> String {
    world.admin("").replace("http://", "")
}

fn send(world: &World, request: &Request) -> Response {
    request
        .send(world.scene.registry.listeners().admin)
        .unwrap()
}
