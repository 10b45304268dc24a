//! The stage Keystile is proven on.
//!
//! [`postgres`] is a private database, [`registry`] the registry as a process, [`api`] its APIs,
//! [`envoy`] a real Envoy with the filter, [`upstream`] the API behind it, which records what it
//! gets, [`mail`] a mail server, and [`client`] a raw HTTP client that sends exactly the bytes it is given.
//! [`scene`] puts them together, [`story`] walks the documented flows on it, [`screen`] prints them. What
//! goes wrong: [`relay`] falsifies what the registry says, [`planted`] is the filter with faults in it;
//! [`load`] is who calls meanwhile, [`ranks`] tells whether two kinds of answers take as long as each
//! other. [`certificates`] is what Envoy and the registry show each other where that is asked for.
//!
//! Below them: [`http1`] is what client and upstream share, [`server`] takes connections, [`process`] runs a program, [`places`]
//! knows where it is, [`port`] claims one for it, [`wait`] waits for conditions, [`error`] says what
//! goes wrong.

pub mod api;
pub mod certificates;
pub mod client;
pub mod envoy;
pub mod error;
pub mod http1;
pub mod load;
pub mod mail;
pub mod places;
pub mod planted;
pub mod port;
pub mod postgres;
pub mod process;
pub mod ranks;
pub mod registry;
pub mod relay;
pub mod scene;
pub mod screen;
pub mod server;
pub mod story;
pub mod upstream;
pub mod wait;
