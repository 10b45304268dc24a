//! What every page and asset says to browsers.

use axum::http::HeaderMap;

use crate::desk::Desk;
use crate::pages::reader::Reader;
use crate::pages::{ADA, developer};

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn pages_run_nothing_but_our_own_files_and_stay_out_of_frames_and_caches() {
    let desk = Desk::on_sqlite().await;
    let mut reader = developer(&desk, ADA).await;
    for path in ["/", "/login", "/applications", "/account", "/nowhere"] {
        let page = reader.open(path).await;
        let policy = text(&page.headers, "content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(
            text(&page.headers, "x-content-type-options"),
            "nosniff",
            "{path}"
        );
        assert_eq!(text(&page.headers, "cache-control"), "no-store", "{path}");
        assert_eq!(
            text(&page.headers, "referrer-policy"),
            "same-origin",
            "{path}"
        );
        assert_eq!(
            page.all("script:not([src]), style, [style], [onclick]")
                .len(),
            0,
            "{path}"
        );
    }
}

#[tokio::test]
async fn cookies_are_for_this_host_and_out_of_reach_of_scripts() {
    let desk = Desk::on_sqlite().await;
    developer(&desk, ADA).await;
    let mut reader = Reader::new(&desk);
    let page = reader.open("/login").await;
    for value in page.headers.get_all("set-cookie") {
        let value = value.to_str().unwrap();
        assert!(value.starts_with("__Host-keystile-portal"), "{value}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(value.contains(attribute), "{value}");
        }
        assert!(!value.contains("Domain"), "{value}");
    }
}

#[tokio::test]
async fn assets_are_kept_by_browsers_for_as_long_as_they_like() {
    let desk = Desk::on_sqlite().await;
    let mut reader = Reader::new(&desk);
    let page = reader.open("/login").await;
    let mut assets = page.attribute("link[rel=stylesheet], link[rel=icon]", "href");
    assets.extend(page.attribute("script", "src"));
    assert_eq!(assets.len(), 3);
    for path in assets {
        let asset = reader.open(&path).await;
        assert_eq!(asset.status, 200, "{path}");
        assert!(
            text(&asset.headers, "cache-control").contains("immutable"),
            "{path}"
        );
    }
    for path in ["/assets/..%2fCargo.toml", "/assets/%00", "/assets/site.css"] {
        assert_eq!(reader.open(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let desk = Desk::on_sqlite().await;
    let mut reader = Reader::new(&desk);
    let page = reader.open("/nowhere").await;
    assert_eq!(page.status, 404);
    assert_eq!(page.all("h1"), ["There is nothing here"]);
    let id = text(&page.headers, "x-request-id");
    assert_eq!(page.all("code"), [id]);
    let problem = reader.open("/api/v2/nowhere").await;
    assert_eq!(
        text(&problem.headers, "content-type"),
        "application/problem+json"
    );
}
