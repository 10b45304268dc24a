//! The registry's three listeners: portal, admin and gateway.
//!
//! Read in this order: [`problem`] is every refusal, [`bearer`] who may ask, [`client`] from
//! where, [`path`], [`body`] and [`paging`] how requests are read and lists answered; then one folder
//! for each listener, and [`pages`] for what people see on two of them, unless a [`front_end`] takes
//! their place.

mod accept;
pub mod admin;
pub mod bearer;
pub mod body;
pub mod client;
mod cookies;
mod cors;
mod credential;
mod crowd;
mod device;
mod front_end;
pub mod gateway;
pub mod health;
mod observe;
mod openapi;
mod origin;
pub mod pages;
pub mod paging;
pub mod path;
mod patience;
pub mod portal;
pub mod problem;
mod request_id;
pub mod serve;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio::sync::Semaphore;

use crate::http::openapi::{About, Access};
use crate::http::pages::Site;
use crate::http::serve::limits::Audience;
use crate::registry::Registry;

/// The largest body of a request, in bytes; specifications are the largest things sent here.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Returns what the portal's listener serves: the Portal Client API and developers' pages, or the
/// front-end that is configured instead of them.
pub fn portal_router(registry: &Arc<Registry>) -> Router {
    let routes = portal::routes(registry);
    let routes = if let Some(folder) = &registry.settings.front_end.static_dir {
        pages::protect(front_end::serve(routes, folder), Site::Portal, registry)
    } else {
        let routes = close(routes.merge(pages::portal::routes()));
        pages::dress(routes, Site::Portal, registry)
    };
    let routes = routes.layer(from_fn_with_state(Arc::clone(registry), crowd::pace));
    let routes = finish(routes, registry, Audience::Portal);
    cors::allow(routes, &registry.settings.front_end)
}

/// Returns what the admin listener serves: Konnect-shaped objects and our own.
pub fn admin_router(registry: &Arc<Registry>) -> Router {
    let about = About {
        title: "Keystile: admin API",
        path: "/openapi.json",
        access: Access::Token,
    };
    let routes = openapi::served(admin::routes(registry), &about);
    let routes = routes.merge(health::routes()).merge(pages::admin::routes());
    let routes = pages::dress(close(routes), Site::Admin, registry);
    finish(routes, registry, Audience::Admin)
}

/// Returns what the gateways' listener serves: the feed and single checks.
pub fn gateway_router(registry: &Arc<Registry>) -> Router {
    let about = About {
        title: "Keystile: gateway API",
        path: "/openapi.json",
        access: Access::Token,
    };
    let routes = openapi::served(gateway::routes(registry), &about);
    let routes = routes.merge(health::routes());
    let routes = finish(close(routes), registry, Audience::Gateways);
    gateway::mark_answers(routes, registry)
}

/// Answers everything that nothing else answers.
fn close(routes: Router<Arc<Registry>>) -> Router<Arc<Registry>> {
    routes
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
}

fn finish(routes: Router<Arc<Registry>>, registry: &Arc<Registry>, audience: Audience) -> Router {
    let places = Arc::new(Semaphore::new(audience.requests()));
    routes
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(patience::bound))
        .layer(from_fn_with_state(places, crowd::bound))
        .layer(from_fn_with_state(Arc::clone(registry), problem::render))
        .layer(from_fn_with_state(
            (Arc::clone(registry), audience),
            observe::observe,
        ))
        .with_state(Arc::clone(registry))
}
