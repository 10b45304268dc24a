//! Our registry's check behind Envoy's `ext_authz`: an HTTP service that answers out of the
//! registry's own storage, without the hop to the registry that a real one would have.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use keystile_protocol::check::Outcome;
use keystile_protocol::key::ApiKey;
use keystile_registry::clock::Clock;
use keystile_registry::random::Random;
use keystile_registry::storage::{DatabaseUrl, Storage};
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::error::BenchError;

/// Starts the service on a database; it ends with the run.
pub(crate) fn serve(runtime: &Handle, database: &str) -> Result<SocketAddr, BenchError> {
    let url: DatabaseUrl = database.parse()?;
    let random = Random::seeded(1);
    let storage = Storage::open(&url, &Clock::System, &random);
    let storage = Arc::new(runtime.block_on(storage)?);
    let router = Router::new().fallback(decide).with_state(storage);
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn decide(State(storage): State<Arc<Storage>>, headers: HeaderMap) -> Response {
    let Some(key) = headers.get("apikey") else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let digest = ApiKey::new(key.as_bytes()).digest();
    match storage.check(digest).await.map(|(_, outcome)| outcome) {
        Ok(Outcome::Found { application, .. }) => {
            let id = [("x-consumer-id", application.id.to_string())];
            (id, StatusCode::OK).into_response()
        }
        Ok(Outcome::Unknown) => StatusCode::UNAUTHORIZED.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
