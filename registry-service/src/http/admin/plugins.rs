//! What gateways do for a version or a service, to be read.

use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;

use crate::administration::plugins::{self, Plugin};
use crate::domain::id::{ProductVersionId, ServiceId};
use crate::http::admin::caller::{Answer, Caller, Named};

/// Plugins on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Plugins {
    data: Vec<Plugin>,
}

/// Lists what a gateway does for a product version.
pub(super) async fn of_version(
    Caller(acting): Caller,
    Named(version): Named<ProductVersionId>,
) -> Answer<Plugins> {
    let data = plugins::of_version(&acting, version).await?;
    Ok(Json(Plugins { data }))
}

/// Lists what a gateway does for a service.
pub(super) async fn of_service(
    Caller(acting): Caller,
    Named(service): Named<ServiceId>,
) -> Answer<Plugins> {
    let data = plugins::of_service(&acting, service).await?;
    Ok(Json(Plugins { data }))
}
