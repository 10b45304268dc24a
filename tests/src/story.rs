//! The two documented flows, step by step, through the real APIs and a real Envoy.
//!
//! The demo prints the steps; the suites only want to know that each answered as documented.
//! [`application`] is Konnect's "Register an Application to a Service", [`service`] is Kong
//! Gateway's "Enable Key Authentication for Application Registration".

pub mod application;
mod probe;
pub mod service;
mod step;

use std::net::SocketAddr;

pub use probe::{Probe, shortened};
pub use step::{Outcome, Step, Story};

use crate::api::{Caller, Visitor};
use crate::envoy::Route;
use crate::scene::Scene;
use crate::upstream::Upstream;

/// Where the flows take place, whoever runs the parts.
#[derive(Debug)]
pub struct Setting<'a> {
    /// Asks the admin APIs with an administrator's token.
    pub admin: Caller,
    /// Somebody who is not logged in to the portal.
    pub visitor: Visitor,
    /// Where applications call.
    pub proxy: SocketAddr,
    /// The API behind it.
    pub upstream: &'a Upstream,
}

// === impl Setting ===

impl<'a> Setting<'a> {
    /// Takes the parts of a scene.
    pub fn of(scene: &'a Scene) -> Self {
        Self {
            admin: scene.registry.admin_caller(),
            visitor: scene.registry.visitor(),
            proxy: scene.envoy.address(),
            upstream: &scene.upstream,
        }
    }
}

/// The routes both flows need.
pub fn routes() -> [Route; 2] {
    [
        Route::new("mock", "/mock").service(application::SERVICE),
        Route::new("billing", "/billing").service(service::SERVICE),
    ]
}
