//! One request from its head to the verdict: what arrives goes in, a [`Step`] comes out.
//!
//! DESIGN: owned headers go on every path; the key goes, where the service hides it, on every path
//! too, before a denial is written so that no access log shows it.

mod changes;
mod request;

use std::rc::Rc;

use keystile_protocol::key::KeyDigest;

use crate::clock::Timestamp;
use crate::config::{Config, Unmapped};
use crate::decide::Finding;
use crate::head::Head;
use crate::identity;
use crate::replica::Replica;
use crate::reply::{self, Denial, LocalReply};
use crate::usage::Use;

use request::{Reading, Request};

pub use changes::Changes;

/// A request whose head has arrived.
#[derive(Debug)]
pub struct Arrival {
    /// Its head.
    pub head: Head,
    /// The service its route names.
    pub route: Route,
    /// Whether more follows.
    pub rest: Rest,
}

/// The service a route names, read before the request is changed: a change re-picks the route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// None, nor does the plugin configuration.
    Unnamed,
    /// This one, whether it exists or not.
    Named(Vec<u8>),
}

/// Whether something follows what has arrived of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// A body, or trailers, or at least their end.
    Something,
}

/// What a request is decided by.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The plugin configuration.
    pub config: &'a Config,
    /// What is known of the registry.
    pub replica: &'a Replica,
    /// The time.
    pub now: Timestamp,
}

/// What to do with a request.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// Nothing more is needed.
    Conclude(Conclusion),
    /// Hold it until its body is whole.
    PauseForBody(Box<AwaitingBody>),
    /// Hold it until the registry has answered.
    PauseForCheck(Box<AwaitingCheck>),
}

/// How a request ends here.
#[derive(Debug)]
#[must_use]
pub enum Conclusion {
    /// It goes upstream, changed; what its key was used for is counted.
    Continue(Changes, Option<Use>),
    /// It is refused, after it is changed for the access log.
    Reply(Box<Refusal>),
}

/// A refused request.
#[derive(Debug)]
pub struct Refusal {
    /// What to change about it before it is logged.
    pub changes: Changes,
    /// What its client reads.
    pub reply: LocalReply,
    /// Why.
    pub denial: Denial,
    /// What its key was used for, if it has a good one.
    pub used: Option<Use>,
}

/// A request held until its body is whole.
#[derive(Debug)]
pub struct AwaitingBody {
    request: Request,
    max_bytes: usize,
}

/// A request held until the registry has answered.
#[derive(Debug)]
pub struct AwaitingCheck {
    /// What stands in for its key.
    pub digest: KeyDigest,
    request: Request,
}

/// Takes in a request's head.
pub fn on_head(arrival: Arrival, view: View<'_>) -> Step {
    let Arrival { head, route, rest } = arrival;
    let changes = Changes {
        removed: identity::owned_headers(&head).collect(),
        head,
        ..Changes::default()
    };
    let name = match route {
        Route::Named(name) => name,
        Route::Unnamed if view.config.unmapped == Unmapped::Allow => {
            return Step::Conclude(Conclusion::Continue(changes, None));
        }
        Route::Unnamed => return refuse_unmapped(Denial::NoService, changes),
    };
    let name = str::from_utf8(&name).unwrap_or_default();
    match view.replica.find_service(name) {
        Finding::Known(service) => {
            let reading = Reading::plan(view.config, &changes.head, rest);
            Request::new(Rc::clone(service), changes).on_head(reading, view)
        }
        Finding::Absent if is_fresh(view) => refuse_unmapped(Denial::NoService, changes),
        Finding::Absent | Finding::Unsure => refuse_unmapped(Denial::Undecidable, changes),
    }
}

// === impl AwaitingBody ===

impl AwaitingBody {
    /// Takes note of how much of the body is there; it is not whole yet.
    pub fn on_part(self: Box<Self>, size: usize) -> Step {
        if size > self.max_bytes {
            Step::Conclude(self.request.refuse(Denial::BodyTooLarge))
        } else {
            Step::PauseForBody(self)
        }
    }

    /// Takes in the whole body.
    pub fn on_end(self, body: &[u8], view: View<'_>) -> Step {
        if body.len() > self.max_bytes {
            Step::Conclude(self.request.refuse(Denial::BodyTooLarge))
        } else {
            self.request.on_body(body, view)
        }
    }
}

// === impl AwaitingCheck ===

impl AwaitingCheck {
    /// Returns the name of the service the request is for.
    pub fn service(&self) -> &str {
        self.request.service()
    }

    /// Decides by what is known now: the registry has answered, or will not in time.
    pub fn on_check(self, view: View<'_>) -> Conclusion {
        self.request.on_check(&self.digest, view)
    }

    /// Gives up: the registry cannot be asked.
    pub fn give_up(self) -> Conclusion {
        self.request.refuse(Denial::Undecidable)
    }
}

fn is_fresh(view: View<'_>) -> bool {
    view.replica.is_fresh(view.now, view.config.max_stale_ms())
}

/// Where no service says what a key is called, any query argument might be one.
fn refuse_unmapped(denial: Denial, changes: Changes) -> Step {
    let target = changes.head.path();
    let query = target.iter().position(|byte| *byte == b'?');
    let path = query.and_then(|query| target.get(..query));
    Step::Conclude(Conclusion::Reply(Box::new(Refusal {
        reply: reply::reply(denial, None, &changes.head),
        changes: Changes {
            path: path.map(<[u8]>::to_vec),
            ..changes
        },
        denial,
        used: None,
    })))
}

#[cfg(test)]
mod tests;
