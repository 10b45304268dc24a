//! The portal's listener: the Portal Client API v2, as the OpenAPI document in npm
//! `@kong/sdk-portal-js` 2.16.0 describes it.

use std::sync::Arc;

use axum::Router;

use crate::registry::Registry;

/// Returns the routes.
pub(super) fn routes(_registry: &Arc<Registry>) -> Router<Arc<Registry>> {
    Router::new()
}
