//! Refusals, as pages for those who read pages.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::http::pages::{Site, Visit};
use crate::http::problem::{Problem, Shown};
use crate::http::request_id::RequestId;
use crate::registry::Registry;

/// Below these paths there are programs, not people.
const APIS: [&str; 5] = ["/api/", "/v2/", "/admin/v1/", "/openapi", "/metrics"];

/// What a page's handler answers.
pub type PageResult = Result<Response, PageError>;

/// Why a page is not shown.
#[derive(Debug)]
pub enum PageError {
    /// It is refused.
    Problem(Problem),
    /// Another page comes first, such as the log-in.
    Elsewhere(Box<Response>),
}

#[derive(Serialize)]
struct Refused<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
    request_id: Option<&'a str>,
}

// === impl PageError ===

impl PageError {
    /// Leads elsewhere.
    pub fn elsewhere(response: Response) -> Self {
        Self::Elsewhere(Box::new(response))
    }
}

impl<E> From<E> for PageError
where
    Problem: From<E>,
{
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Elsewhere(response) => *response,
        }
    }
}

/// Makes a page of a problem if a browser asked.
pub(super) async fn render(
    State(registry): State<Arc<Registry>>,
    Extension(site): Extension<Site>,
    request: Request,
    next: Next,
) -> Response {
    if !is_for_people(&request) {
        return next.run(request).await;
    }
    let mut visit = Visit::begin(&registry, site, (request.headers(), request.uri()));
    // Nobody asked who it is: somebody who is logged in is not to be offered a log-in.
    visit.has_accounts = false;
    let id = request.extensions().get::<RequestId>().cloned();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    match page(&visit, &problem, id.as_ref()) {
        Ok(mut page) => {
            page.extensions_mut().insert(Shown(problem));
            page
        }
        // The problem goes on as it is.
        Err(_) => problem.into_response(),
    }
}

fn page(visit: &Visit, problem: &Problem, id: Option<&RequestId>) -> Result<Response, PageError> {
    let status = problem.status();
    let refused = Refused {
        status: status.as_u16(),
        title: title(status),
        detail: problem.detail(),
        request_id: id.map(RequestId::as_str),
    };
    let mut response = visit.show_as(status, "error.html", refused)?;
    if matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    ) {
        let second = HeaderValue::from_static("1");
        response.headers_mut().insert(RETRY_AFTER, second);
    }
    Ok(response)
}

/// Whether a request is for a page: programs do not ask for HTML.
fn is_for_people(request: &Request) -> bool {
    let path = request.uri().path();
    accepts_html(request.headers()) && !APIS.iter().any(|api| path.starts_with(api))
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let mut texts = values.filter_map(|value| value.to_str().ok());
    texts.any(|text| text.contains("text/html"))
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::FORBIDDEN => "That is not allowed",
        StatusCode::TOO_MANY_REQUESTS => "Too many at once",
        StatusCode::SERVICE_UNAVAILABLE => "Busy right now",
        StatusCode::CONFLICT => "Something is in the way",
        StatusCode::GONE => "This is gone",
        status if status.is_server_error() => "Something failed on our side",
        _ => "That did not work",
    }
}
