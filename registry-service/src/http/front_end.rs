//! A folder with a single-page front-end, served instead of our developers' pages.
//!
//! What is a file of the folder is that file; every other path is the first page, whose scripts know
//! what it means. Nothing that stands outside of the folder is reached, whatever the path or a link
//! says.

use std::convert::Infallible;
use std::path::{Component, Path, PathBuf};

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};
use percent_encoding::percent_decode_str;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use crate::http::problem::{self, Problem};

const INDEX: &str = "index.html";

/// Where programs are answered; no path below it is a page.
const APIS: &str = "api";

/// What a front-end of somebody else's needs to run and nothing more can be known: it may load what
/// it likes, and is kept out of frames.
const POLICY: &str =
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// A file of the folder.
    File(PathBuf),
    /// Something only the front-end's scripts know.
    Page,
    /// Nothing, and nothing that is told apart.
    Nothing,
}

/// Answers whatever the routes do not, from a folder.
pub(super) fn serve<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    folder: &Path,
) -> Router<S> {
    let folder = folder.to_owned();
    routes
        .fallback(async move |request: Request| answer(&folder, request).await)
        .method_not_allowed_fallback(problem::no_such_method)
}

async fn answer(folder: &Path, request: Request) -> Result<Response, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(problem::no_such_method().await);
    }
    match target(folder, request.uri().path()).await {
        Target::File(path) => Ok(file(&path, request).await),
        Target::Page => Ok(page(&folder.join(INDEX), request).await),
        Target::Nothing => Err(Problem::not_found()),
    }
}

async fn page(path: &Path, request: Request) -> Response {
    let mut response = file(path, request).await;
    let headers = response.headers_mut();
    // It names the files of one build, so it has to be that of the newest.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

async fn file(path: &Path, request: Request) -> Response {
    let served: Result<_, Infallible> = ServeFile::new(path).oneshot(request).await;
    let mut response = served.into_response();
    let policy = HeaderValue::from_static(POLICY);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
}

async fn target(folder: &Path, path: &str) -> Target {
    let Some(within) = parse(path) else {
        return Target::Nothing;
    };
    let wanted = folder.join(within);
    let found = tokio::fs::canonicalize(&wanted).await.ok();
    // A link that leads nowhere is there all the same.
    let is_there = found.is_some() || tokio::fs::symlink_metadata(&wanted).await.is_ok();
    match found {
        Some(file) if !file.starts_with(folder) => Target::Nothing,
        Some(file) if is_file(&file).await => Target::File(file),
        None if is_there => Target::Nothing,
        _ => Target::Page,
    }
}

/// Reads the path of a URL as one within a folder; `None` if it is anything else, or the API's, or
/// names what is hidden.
fn parse(path: &str) -> Option<PathBuf> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let is_plain = |character: char| !character.is_control() && character != '\\';
    if !path.chars().all(is_plain) {
        return None;
    }
    let within = Path::new(path.strip_prefix('/')?);
    let is_shown = |name: &str| !name.starts_with('.') || name == ".well-known";
    let is_within = path.split('/').all(is_shown)
        && within
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
    (is_within && !within.starts_with(APIS)).then(|| within.to_owned())
}

async fn is_file(path: &Path) -> bool {
    let metadata = tokio::fs::metadata(path).await;
    metadata.is_ok_and(|metadata| metadata.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_in_the_folder_is_looked_for() {
        for (path, expected) in [
            ("/", Some("")),
            ("/assets/app.js", Some("assets/app.js")),
            ("/spec/weather/", Some("spec/weather/")),
            ("/a%20b", Some("a b")),
            ("/apis", Some("apis")),
            ("/.well-known/x", Some(".well-known/x")),
            ("/api", None),
            ("/api/v2/unknown", None),
            ("/%61pi/v2/unknown", None),
            ("/../secret", None),
            ("/a/../../secret", None),
            ("/%2e%2e/secret", None),
            ("/%2E%2E%2Fsecret", None),
            ("/..%5csecret", None),
            ("/./secret", None),
            ("/%2e/secret", None),
            ("/.env", None),
            ("//etc/passwd", None),
            ("/index.html%00.png", None),
            ("/%ff", None),
        ] {
            let expected = expected.map(PathBuf::from);
            assert_eq!(parse(path), expected, "{path}");
        }
    }
}
