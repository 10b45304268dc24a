//! How long a body may take to come: whoever sends it byte by byte does not keep us waiting.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::http::problem::Problem;

/// How long a body may take, however small the pieces it comes in.
const PATIENCE: Duration = Duration::from_secs(20);

/// A body that ends with an error if it does not end in time.
#[derive(Debug)]
struct Timed {
    body: Body,
    deadline: Pin<Box<Sleep>>,
    is_late: Arc<AtomicBool>,
}

/// The body did not come in time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the body did not come in time")]
struct Late;

/// Answers a request whose body does not come in time with a 408 (RFC 9110, section 15.5.9).
pub(super) async fn bound(request: Request, next: Next) -> Response {
    let is_late = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| {
        Body::new(Timed {
            body,
            deadline: Box::pin(sleep(PATIENCE)),
            is_late: Arc::clone(&is_late),
        })
    });
    let response = next.run(request).await;
    // Whoever was reading says that it could not; only this knows why.
    if is_late.load(Ordering::Relaxed) {
        return Problem::too_slow().into_response();
    }
    response
}

// === impl Timed ===

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        ready!(self.deadline.as_mut().poll(context));
        self.is_late.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new(Late))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
