//! Every page there is, opened and looked at. Which there are, the routers say: a new one is surveyed
//! without being named here, or the tour ends at it.

use stage::story::application::{EMAIL, PASSWORD};

use crate::papers::Papers;
use crate::routes::{self, pages};
use crate::world::World;

/// What answers `GET` and is no page.
const NO_PAGES: [(&str, &str); 3] = [
    ("/live", "is JSON, for the script"),
    (
        "/products/{product}/versions/{version}/spec",
        "is a file to keep",
    ),
    ("/audit.csv", "is a file to keep"),
];

/// What is shown to whoever has not logged in.
const ENTRANCE: [&str; 5] = [
    "/sign-up",
    "/login",
    "/forgot-password",
    "/reset-password",
    "/welcome",
];

#[test]
fn every_page_of_a_developer_is_as_good() {
    let mut world = World::begin("tour-portal").unwrap();
    let papers = Papers::file(&world).unwrap();
    let at = |path: &str| {
        // Developers know a document by its slug.
        let path = path.replace("{document}", papers.slug);
        let query = match path.as_str() {
            "/reset-password" => format!("?token={}", papers.reset),
            "/confirm-email" => format!("?token={}", papers.address),
            _ => String::new(),
        };
        format!("{}{query}", papers.fill(&path))
    };
    let (entrance, inside) = apart(routes::PORTAL);
    for page in entrance {
        let address = world.portal(&at(page));
        visit(&mut world, page, &address);
    }
    world.come_in(EMAIL, PASSWORD);
    world.browser.is_at("Catalog");
    for page in inside {
        let address = world.portal(&at(page));
        visit(&mut world, page, &address);
    }
    let gone = world.portal("/login?token=0191d8a4-7c5f-7c43-9a55-2b8b7d3c1f00");
    world.browser.open(&gone);
    world.browser.is_at("Choose a password");
    world.browser.fill("Password", PASSWORD);
    world.browser.press("Confirm and log in");
    world.browser.is_at("This link does not work any more");
    world.look_at_answer("link-gone");
    world.survey.end();
}

#[test]
fn every_page_of_an_administrator_is_as_good() {
    let mut world = World::begin("tour-admin").unwrap();
    let papers = Papers::file(&world).unwrap();
    let link = world.scene.registry.welcome_link().to_owned();
    let (entrance, inside) = apart(routes::ADMIN);
    for page in entrance {
        let address = match page {
            "/welcome" => link.clone(),
            page => world.admin(page),
        };
        visit(&mut world, page, &address);
    }
    world.enter();
    for page in inside {
        let address = world.admin(&papers.fill(page));
        visit(&mut world, page, &address);
    }
    world.survey.end();
}

#[test]
fn what_is_no_page_is_still_there() {
    let all: Vec<&str> = [routes::PORTAL, routes::ADMIN]
        .into_iter()
        .flat_map(pages)
        .collect();
    let excepted = NO_PAGES.iter().map(|(path, _)| path);
    for path in excepted.chain(&ENTRANCE) {
        assert!(all.contains(path), "{path} is no route any more");
    }
}

/// Returns a router's pages: those before the log-in, and those behind it.
fn apart(router: &'static str) -> (Vec<&'static str>, Vec<&'static str>) {
    let is_page = |path: &&str| NO_PAGES.iter().all(|(other, _)| other != path);
    pages(router)
        .into_iter()
        .filter(is_page)
        .partition(|path| ENTRANCE.contains(path))
}

/// Opens a page, which has to be the one that was asked for, and looks at it.
#[track_caller]
fn visit(world: &mut World, page: &str, address: &str) {
    world.browser.open(address);
    assert_eq!(world.browser.url(), address, "{page} led elsewhere");
    let script = "return document.querySelector('.error-page') === null";
    let is_there = world.browser.ask(script, vec![]).unwrap();
    assert_eq!(is_there, true, "{page}: {}", world.browser.text());
    let name = page.replace(['{', '}'], "");
    let name = name.trim_matches('/').replace('/', "-");
    world.look(if name.is_empty() { "front" } else { &name });
}
