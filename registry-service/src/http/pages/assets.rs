//! Style, script and icon: inside the program, and named by their content so that browsers keep them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use include_dir::{Dir, File, include_dir};
use keystile_protocol::key::KeyDigest;
use sha2::{Digest as _, Sha256};

use crate::http::path::Named;
use crate::http::problem::Problem;

/// How much of a file's hash is in its name: enough to tell two of ours apart.
const HASH_DIGITS: usize = 12;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets");

static ASSETS: LazyLock<BTreeMap<String, &File<'_>>> = LazyLock::new(|| {
    let files = FOLDER.files();
    files.filter_map(|file| Some((name(file)?, file))).collect()
});

/// Returns where a browser finds a file of the assets' folder.
pub(super) fn url(file: &str) -> Option<String> {
    let name = name(FOLDER.get_file(file)?)?;
    Some(format!("/assets/{name}"))
}

/// Serves a file by the name that [`url`] gave it.
pub(super) async fn serve(Named(name): Named<String>) -> Result<Response, Problem> {
    let file = ASSETS.get(&name).ok_or_else(Problem::not_found)?;
    let mut response = file.contents().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(&name)));
    // RFC 8246: what is here never changes, as its name would.
    let immutable = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, immutable);
    Ok(response)
}

/// Serves the icon to those who ask without having read a page.
pub(super) async fn favicon() -> Result<Response, Problem> {
    let icon = FOLDER.get_file("icon.svg").ok_or_else(Problem::not_found)?;
    let svg = HeaderValue::from_static(media_type("icon.svg"));
    Ok(([(CONTENT_TYPE, svg)], icon.contents()).into_response())
}

fn name(file: &File<'_>) -> Option<String> {
    let (stem, extension) = file.path().to_str()?.rsplit_once('.')?;
    // A digest prints as hexadecimal digits, whatever it is of.
    let hash = KeyDigest::from_bytes(Sha256::digest(file.contents()).into()).to_string();
    let hash = hash.get(..HASH_DIGITS)?;
    Some(format!("{stem}.{hash}.{extension}"))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_is_of_a_kind_browsers_are_told() {
        for name in ASSETS.keys() {
            assert_ne!(media_type(name), "application/octet-stream", "{name}");
        }
        assert!(url("site.css").is_some_and(|url| ASSETS.contains_key(&url["/assets/".len()..])));
    }
}
