//! The two documented flows, step by step, through the real APIs and a real Envoy.
//!
//! The demo prints the steps; the suites only want to know that each answered as documented.
//! [`application`] is Konnect's "Register an Application to a Service", [`service`] is Kong
//! Gateway's "Enable Key Authentication for Application Registration".

pub mod application;
mod probe;
pub mod service;
mod step;

pub use probe::{Probe, shortened};
pub use step::{Outcome, Step, Story};

use crate::envoy::Route;

/// The routes both flows need.
pub fn routes() -> [Route; 2] {
    [
        Route::new("mock", "/mock").service(application::SERVICE),
        Route::new("billing", "/billing").service(service::SERVICE),
    ]
}
