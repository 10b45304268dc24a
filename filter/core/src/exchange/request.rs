//! A request to a known service, with what has been decided to change about it so far.

use std::rc::Rc;

use keystile_protocol::key::KeyDigest;
use keystile_protocol::service::{Access, Service};

use crate::conceal;
use crate::config::Config;
use crate::decide::{Finding, Verdict, decide, live};
use crate::extract::{Body, Found, find_key};
use crate::head::Head;
use crate::identity::Identity;
use crate::reply::{self, Denial};
use crate::table::Holder;
use crate::usage::Use;

use super::{
    AwaitingBody, AwaitingCheck, Changes, Conclusion, Refusal, Rest, Step, View, is_fresh,
};

/// A request to a known service.
#[derive(Debug)]
pub(super) struct Request {
    service: Rc<Service>,
    changes: Changes,
}

/// Whether a request's body could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Up to this many bytes of it.
    Possible { max_bytes: usize },
    /// There is none, or the host would not give it to us.
    Impossible,
}

/// What can be said about a request so far.
enum Judgement {
    Permit(Identity, Option<Use>),
    Deny(Denial, Option<Use>),
    BodyNeeded,
    CheckNeeded(KeyDigest),
}

// === impl Reading ===

impl Reading {
    /// Finds out whether a body could be read.
    pub(super) fn plan(config: &Config, head: &Head, rest: Rest) -> Self {
        if config.body.enabled && rest == Rest::Something && !is_endless(head) {
            Self::Possible {
                max_bytes: usize::try_from(config.body.max_bytes).unwrap_or(usize::MAX),
            }
        } else {
            Self::Impossible
        }
    }
}

// === impl Request ===

impl Request {
    /// Begins with what is changed for every service, and takes the key out of the head if the
    /// service hides it.
    pub(super) fn new(service: Rc<Service>, mut changes: Changes) -> Self {
        if service.key_auth.hide_credentials {
            let concealed = conceal::conceal_head(&service.key_auth, &changes.head);
            changes.path = concealed.path;
            changes.removed.extend(concealed.headers);
        }
        Self { service, changes }
    }

    /// Returns the name of the service.
    pub(super) fn service(&self) -> &str {
        &self.service.name
    }

    /// Decides by the head, or holds the request until more is known.
    pub(super) fn on_head(self, reading: Reading, view: View<'_>) -> Step {
        let Reading::Possible { max_bytes } = reading else {
            let judgement = self.judge(Body::Unavailable, view);
            return self.conclude(judgement);
        };
        match self.judge(Body::NotRead, view) {
            Judgement::Deny(denial, used) => Step::Conclude(self.refuse_known(denial, used)),
            Judgement::BodyNeeded => self.await_body(max_bytes),
            _ if self.is_body_concealed() => self.await_body(max_bytes),
            judgement => self.conclude(judgement),
        }
    }

    /// Decides by head and body, or holds the request until the registry has answered.
    pub(super) fn on_body(mut self, body: &[u8], view: View<'_>) -> Step {
        let judgement = self.judge(Body::Whole(body), view);
        if self.is_body_concealed() {
            self.changes.body = conceal::conceal_body(&self.service.key_auth, self.head(), body);
        }
        self.conclude(judgement)
    }

    /// Decides by what is known of the key now.
    pub(super) fn on_check(self, digest: &KeyDigest, view: View<'_>) -> Conclusion {
        match self.judge_key(digest, view) {
            Judgement::Permit(identity, used) => self.permit(identity, used),
            Judgement::Deny(denial, used) => self.refuse_known(denial, used),
            Judgement::BodyNeeded | Judgement::CheckNeeded(_) => self.refuse(Denial::Undecidable),
        }
    }

    /// Refuses the request, whoever it is from.
    pub(super) fn refuse(self, denial: Denial) -> Conclusion {
        self.refuse_known(denial, None)
    }

    fn refuse_known(self, denial: Denial, used: Option<Use>) -> Conclusion {
        let challenge = match self.service.access {
            Access::Public | Access::Closed => None,
            Access::AnyKey | Access::Approved(_) => Some(&self.service.key_auth),
        };
        Conclusion::Reply(Box::new(Refusal {
            reply: reply::reply(denial, challenge, self.head()),
            changes: Changes {
                identity: Identity::default(),
                body: None,
                ..self.changes
            },
            denial,
            used,
        }))
    }

    fn conclude(self, judgement: Judgement) -> Step {
        match judgement {
            Judgement::Permit(identity, used) => Step::Conclude(self.permit(identity, used)),
            Judgement::Deny(denial, used) => Step::Conclude(self.refuse_known(denial, used)),
            // Extraction asks for a body only where there is one; if it did, waiting would hang.
            Judgement::BodyNeeded => Step::Conclude(self.refuse(Denial::NoKey)),
            Judgement::CheckNeeded(digest) => Step::PauseForCheck(Box::new(AwaitingCheck {
                digest,
                request: self,
            })),
        }
    }

    fn permit(mut self, identity: Identity, used: Option<Use>) -> Conclusion {
        self.changes.identity = identity;
        Conclusion::Continue(self.changes, used)
    }

    fn await_body(self, max_bytes: usize) -> Step {
        if content_length(self.head()).is_some_and(|length| length > max_bytes) {
            return Step::Conclude(self.refuse(Denial::BodyTooLarge));
        }
        Step::PauseForBody(Box::new(AwaitingBody {
            request: self,
            max_bytes,
        }))
    }

    fn head(&self) -> &Head {
        &self.changes.head
    }

    fn judge(&self, body: Body<'_>, view: View<'_>) -> Judgement {
        if !is_fresh(view) {
            return Judgement::Deny(Denial::Undecidable, None);
        }
        match self.service.access {
            Access::Closed => return Judgement::Deny(Denial::NoService, None),
            Access::Public => return Judgement::Permit(Identity::default(), None),
            Access::AnyKey | Access::Approved(_) => {}
        }
        if self.is_exempt() {
            return Judgement::Permit(Identity::default(), None);
        }
        match find_key(&self.service.key_auth, self.head(), body) {
            Found::Key(key) => self.judge_key(&key.digest(), view),
            Found::Nothing => self.verdict(Err(Denial::NoKey), view),
            Found::Duplicate => self.verdict(Err(Denial::DuplicateKey), view),
            Found::Oversized => self.verdict(Err(Denial::UnknownKey), view),
            Found::BodyNeeded => Judgement::BodyNeeded,
        }
    }

    fn judge_key(&self, digest: &KeyDigest, view: View<'_>) -> Judgement {
        match view.replica.find_holder(digest, view.now) {
            Finding::Known(holder) => self.verdict(Ok(holder), view),
            Finding::Absent => self.verdict(Err(Denial::UnknownKey), view),
            Finding::Unsure => Judgement::CheckNeeded(*digest),
        }
    }

    fn verdict(&self, presented: Result<Holder<'_>, Denial>, view: View<'_>) -> Judgement {
        let anonymous = match self.service.key_auth.anonymous {
            Some(id) => view.replica.find_application(id),
            None => Finding::Absent,
        };
        // A key that is refused is known, too, if only it is good.
        let holder = presented.and_then(|holder| live(holder, view.now)).ok();
        let used = holder.map(|holder| Use {
            credential: holder.credential,
            service: self.service.id,
        });
        match decide(&self.service, presented, anonymous, view.now) {
            Verdict::Permit(caller) => Judgement::Permit(Identity::of(&self.service, caller), used),
            Verdict::Deny(denial) => Judgement::Deny(denial, used),
        }
    }

    /// Kong's `run_on_preflight`: unlike Kong's, our acl is exempt too (Kong/kong 4423).
    fn is_exempt(&self) -> bool {
        !self.service.key_auth.run_on_preflight && self.head().method() == b"OPTIONS"
    }

    fn is_body_concealed(&self) -> bool {
        self.service.key_auth.hide_credentials
            && self.service.access != Access::Public
            && conceal::is_body_concealable(&self.service.key_auth, self.head())
    }
}

/// Whether a request's body may never end: waiting for it would hang (RFC 9110, sections 7.8 and
/// 9.3.6; a gRPC client may stream for as long as it likes).
fn is_endless(head: &Head) -> bool {
    head.method() == b"CONNECT"
        || head.first("upgrade").is_some()
        || head
            .first("content-type")
            .is_some_and(|value| value.starts_with(b"application/grpc"))
}

/// Returns the length a request announces, if it does; the host has checked that it is true.
fn content_length(head: &Head) -> Option<usize> {
    str::from_utf8(head.first("content-length")?)
        .ok()?
        .parse()
        .ok()
}
