//! How many requests are answered at a time, and how many a network may send.
//!
//! What waits costs memory: past a bound it is kinder to say so at once. A refusal costs next to nothing
//! and says when to come again.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;

use crate::domain::client::Client;
use crate::domain::throttle::{Limit, Try};
use crate::http::client;
use crate::http::problem::Problem;
use crate::registry::Registry;

/// Answers a request unless too many are being answered.
pub(super) async fn bound(
    State(places): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let _place = places
        .try_acquire()
        .map_err(|_| Problem::unavailable("too much is going on; try again"))?;
    Ok(next.run(request).await)
}

/// Answers a request unless its network has sent too many. Everybody is a stranger here: to find out
/// who somebody is would cost more than to turn them away.
pub(super) async fn pace(
    State(registry): State<Arc<Registry>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let settings = &registry.settings;
    let from = Client {
        address: client::stranger(request.extensions(), request.headers(), settings),
        ..Client::default()
    };
    if let Some(network) = from.network() {
        let one = Try {
            limit: Limit::NetworkRequest,
            subject: network.to_string(),
        };
        let taken = registry.throttle.take(&[one], registry.clock.now());
        taken.map_err(Problem::too_many_tries)?;
    }
    Ok(next.run(request).await)
}
