//! The admin listener: Konnect-shaped objects at `/v2`, our own at `/admin/v1`.

mod portals;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::http::bearer;
use crate::registry::Registry;

/// Returns the routes; every one needs a token.
pub(super) fn routes(registry: &Arc<Registry>) -> Router<Arc<Registry>> {
    Router::new()
        .route("/v2/portals", get(portals::list))
        .route(
            "/v2/portals/{portal}",
            get(portals::lookup).patch(portals::change),
        )
        .route_layer(from_fn_with_state(
            Arc::clone(registry),
            bearer::for_administrators,
        ))
}
