//! The portal's pages, as a browser without a script uses them.

mod entrance;
mod forms;
mod headers;
mod keys;
mod reader;
mod registering;
mod usage;

use serde_json::json;

use crate::desk::{Desk, Published};
use crate::pages::reader::Reader;
use crate::portal::browser::{PASSWORD, add_developer, link};

const ADA: &str = "ada@example.test";

/// Follows the link that waits in the outbox, on the pages; the developer is logged in then.
async fn welcome(desk: &Desk, email: &str) -> Reader {
    let mut reader = Reader::new(desk);
    let link = link(desk, email).await.unwrap();
    let path = link.strip_prefix("http://localhost:8003").unwrap();
    let page = reader.open(path).await;
    let page = reader
        .send(&page, "/welcome", &[("password", PASSWORD)])
        .await;
    assert_eq!(page.path, "/", "{}", page.text());
    reader
}

/// A developer whom an administrator added, logged in on the pages.
async fn developer(desk: &Desk, email: &str) -> Reader {
    add_developer(desk, email).await;
    welcome(desk, email).await
}

/// The page of what is published.
fn version_path(published: &Published) -> String {
    format!(
        "/products/{}/versions/{}",
        published.product, published.version
    )
}

/// Says where the version is served; returns the path of its service.
async fn serve(desk: &Desk) -> String {
    let services = desk.get("/admin/v1/services").await;
    let service = services["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/v1/services/{service}");
    desk.patch(&path, json!({"proxy_url": "http://localhost:8000/mock"}))
        .await;
    path
}
