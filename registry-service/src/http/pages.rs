//! Server-rendered pages of the portal and of the administrators, from templates inside the program.
//!
//! Read in this order: [`site`] is whose pages they are, [`visit`] one request of a browser, [`form`]
//! and [`draft`] what it sends and what is wrong with it, [`kept`] what becomes of it when the
//! log-in ended meanwhile, [`browse`] how lists are paged, [`failure`] how refusals look; [`templates`] and [`assets`] are what pages are made of. Pages call the
//! operations of `accounts` and `self_service`, as the APIs do; no rule lives here.

pub mod admin;
pub mod assets;
pub mod browse;
mod cookie;
pub mod draft;
pub mod failure;
pub mod flash;
pub mod form;
mod headers;
mod kept;
pub(super) mod portal;
pub mod return_to;
pub mod site;
pub mod templates;
pub mod visit;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Extension, Router};

pub use browse::{Browse, Pager};
pub use draft::Draft;
pub use failure::{PageError, PageResult};
pub use flash::Flash;
pub use form::Form;
pub use return_to::ReturnTo;
pub use site::Site;
pub use visit::Visit;

use crate::registry::Registry;

/// Adds what every listener with pages has: assets, refusals as pages, headers that hold browsers to
/// our own scripts and styles.
pub(super) fn dress(
    routes: Router<Arc<Registry>>,
    site: Site,
    registry: &Arc<Registry>,
) -> Router<Arc<Registry>> {
    let routes = routes
        .route("/assets/{file}", get(assets::serve))
        .route("/favicon.ico", get(assets::favicon))
        .layer(from_fn_with_state(Arc::clone(registry), kept::keep))
        .layer(from_fn_with_state(Arc::clone(registry), failure::render));
    protect(routes, site, registry)
}

/// Adds the headers that protect what a browser shows.
pub(super) fn protect(
    routes: Router<Arc<Registry>>,
    site: Site,
    registry: &Arc<Registry>,
) -> Router<Arc<Registry>> {
    routes
        .layer(from_fn_with_state(Arc::clone(registry), headers::protect))
        .layer(Extension(site))
}
