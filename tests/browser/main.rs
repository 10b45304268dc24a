//! What people do on the pages, in a real browser, and what every page has to be.
//!
//! [`browser`] is one browser and how a person uses it, by labels and names; [`survey`] looks at a
//! page: contrast and names (axe-core), HTML, width, and screenshots in `target/screenshots/`. The
//! journeys are the rest; each starts everything it needs, so each is long.

#![cfg(test)]

mod administrators;
mod browser;
mod crowd;
mod flow_a;
mod flow_b;
mod gallery;
mod history;
mod names;
mod outbox;
mod papers;
mod routes;
mod scriptless;
mod survey;
mod threats;
mod tools;
mod tour;
mod unhappy;
mod world;
