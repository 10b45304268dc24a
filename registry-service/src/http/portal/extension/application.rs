//! `/api/ext/v1/applications`: an application that begins with a key, where its strategy says so.

use std::sync::Arc;

use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::http::admin::caller::{Created, Made};
use crate::http::body::Body;
use crate::http::portal::application::{self as wire, New};
use crate::http::portal::extension::credential::Issued;
use crate::http::portal::signed_in::Developer;
use crate::registry::Registry;
use crate::self_service::application;

/// A new application on the wire.
#[derive(Serialize, JsonSchema)]
pub(super) struct Added {
    #[serde(flatten)]
    application: wire::Answer,
    /// Its first credential with its key, if its strategy asks for one; the key is shown now or never.
    default_credential: Option<Issued>,
}

/// Adds an application.
pub(super) async fn add(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Body(new): Body<New>,
) -> Created<Added> {
    let new = new.try_into()?;
    let (own, issued) = application::add_with_credential(&registry, signed_in, (new, None)).await?;
    let added = Added {
        application: wire::answer(own),
        default_credential: issued.map(Issued::from),
    };
    Ok(Made::plain(added))
}
