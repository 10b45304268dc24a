//! The Portal Client API, as browsers and Konnect's own clients use it.

mod applications;
mod authenticate;
pub(crate) mod browser;
mod catalogue;
mod credentials;
mod extension;
mod origin;
mod ownership;
mod registrations;
mod sign_up;
