//! `/api/v2/portal/..`: how the portal looks. Front-ends load all of this before anyone is logged in;
//! the style sheets and the icon are not in Konnect's document, but its front-ends do not work without.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

const LOGO: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/logo.png"));
const COVER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/cover.png"));
const STYLES: &str = include_str!("../../../assets/portal/stylesheet.css");
const FONTS: &str = include_str!("../../../assets/portal/font.css");

const PNG: &str = "image/png";
const CSS: &str = "text/css; charset=utf-8";

/// Returns the routes of pictures and style sheets, which anyone may keep for a while.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/portal/logo", get(async || kept(PNG, LOGO)))
        .route("/portal/favicon.ico", get(async || kept(PNG, LOGO)))
        .route("/portal/catalog-cover", get(async || kept(PNG, COVER)))
        .route(
            "/portal/stylesheet.css",
            get(async || kept(CSS, STYLES.as_bytes())),
        )
        .route(
            "/portal/stylesheet/font.css",
            get(async || kept(CSS, FONTS.as_bytes())),
        )
}

/// Shows where pictures are and what front-ends say above the catalogue.
pub(super) async fn show() -> Json<Value> {
    Json(json!({
        "variables": {
            "catalog": {
                "logo": {"url": "/api/v2/portal/logo"},
                "cover": {"url": "/api/v2/portal/catalog-cover"},
                "primary_header": {"text": "APIs to build with"},
                "welcome_message": {"text": "Welcome"},
            }
        },
        "stylesheets": {"global": {"main": {"data": {}}}},
    }))
}

fn kept(media_type: &'static str, bytes: &'static [u8]) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let while_kept = HeaderValue::from_static("public, max-age=300");
    headers.insert(CACHE_CONTROL, while_kept);
    response
}
