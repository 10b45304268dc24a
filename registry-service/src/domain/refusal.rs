//! Why gateways refuse a key: the questions they ask, in their order, and what stands in the way.
//!
//! The rules are those of `keystile_core::decide`, in the registry's own words, so that an
//! administrator reads the reason and not the status alone. `tests/registry/model.rs` holds the two
//! together.

use crate::domain::application::Application;
use crate::domain::credential::Credential;
use crate::domain::developer::{Developer, DeveloperStatus};
use crate::domain::registration::{Registration, RegistrationStatus};
use crate::domain::service::{AclRule, Service};
use crate::domain::text::{Line, Prose};
use crate::domain::timestamp::Timestamp;

/// A service, as far as it decides who gets through.
#[derive(Debug, Clone, Copy)]
pub struct Guard<'a> {
    /// The service.
    pub service: &'a Service,
    /// Whether its product version has an auth strategy; a version without one is closed.
    pub has_strategy: bool,
}

/// An application, as far as a service asks about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The application.
    pub application: Application,
    /// Its free groups.
    pub groups: Vec<Line<128>>,
    /// Whose it is.
    pub developer: Option<Developer>,
    /// Whether the keys of developers who are not approved go on (`revoke_keeps_traffic`).
    pub keeps_traffic: bool,
    /// Its registration for the service's product version.
    pub registration: Option<Registration>,
}

/// What stands in a key's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The credential is suspended.
    KeySuspended {
        /// Since when.
        at: Timestamp,
    },
    /// The credential has expired.
    KeyExpired {
        /// Since when.
        at: Timestamp,
    },
    /// The application is suspended.
    ApplicationSuspended {
        /// Since when.
        at: Timestamp,
    },
    /// The application's developer is not approved.
    DeveloperNotApproved {
        /// How they stand.
        status: DeveloperStatus,
    },
    /// The service's product version has no auth strategy.
    Closed,
    /// The application never asked for the product version.
    NotRegistered,
    /// It asked, and is not approved.
    NotApproved {
        /// How the registration stands.
        status: RegistrationStatus,
        /// What the administrator said.
        reason: Option<Prose<1024>>,
    },
    /// The acl allows groups, and the application is in none of them.
    InNoAllowedGroup {
        /// Those that are allowed.
        allowed: Vec<Line<128>>,
    },
    /// The acl denies a group that the application is in.
    InDeniedGroup {
        /// That one.
        group: Line<128>,
    },
}

/// How a request with a key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The service is public: no key is looked for.
    Public,
    /// The key gets through.
    Admitted,
    /// The key counts as none, and the anonymous application gets through in its place.
    Anonymous,
    /// The key counts as none: 401.
    Unauthorized,
    /// The key is known, and may not: 403.
    Forbidden,
}

/// What stands in the way of a key, question by question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Is the key valid?
    pub key: Option<Obstacle>,
    /// May the application call at all?
    pub application: Option<Obstacle>,
    /// Is it approved for this version?
    pub approval: Option<Obstacle>,
    /// Do its groups pass the acl?
    pub groups: Option<Obstacle>,
}

// === impl Findings ===

impl Findings {
    /// Asks a gateway's questions about a key and its application.
    pub fn of(
        guard: Guard<'_>,
        (credential, standing): (&Credential, &Standing),
        now: Timestamp,
    ) -> Self {
        Self {
            key: of_key(credential, now),
            ..Self::of_anonymous(guard, standing)
        }
    }

    /// Asks them about an application that is taken for the caller where there is no valid key.
    pub fn of_anonymous(guard: Guard<'_>, standing: &Standing) -> Self {
        Self {
            key: None,
            application: of_application(standing),
            approval: of_approval(guard, standing),
            groups: of_groups(guard.service, standing),
        }
    }

    /// Says how the request ends; `anonymous` is whether the service's anonymous application, if it
    /// has one, gets through.
    pub const fn verdict(&self, guard: Guard<'_>, anonymous: Option<bool>) -> Verdict {
        if guard.service.public {
            return Verdict::Public;
        }
        match (&self.key, anonymous) {
            (None, _) if self.is_admitted() => Verdict::Admitted,
            (None, _) => Verdict::Forbidden,
            (Some(_), Some(true)) => Verdict::Anonymous,
            (Some(_), _) => Verdict::Unauthorized,
        }
    }

    /// Whether nothing stands in the way.
    pub const fn is_admitted(&self) -> bool {
        self.key.is_none()
            && self.application.is_none()
            && self.approval.is_none()
            && self.groups.is_none()
    }
}

fn of_key(credential: &Credential, now: Timestamp) -> Option<Obstacle> {
    let suspended = credential.suspended_at;
    let expired = credential.expires_at.filter(|end| *end <= now);
    suspended
        .map(|at| Obstacle::KeySuspended { at })
        .or(expired.map(|at| Obstacle::KeyExpired { at }))
}

fn of_application(standing: &Standing) -> Option<Obstacle> {
    if let Some(at) = standing.application.suspended_at {
        return Some(Obstacle::ApplicationSuspended { at });
    }
    let status = standing.developer.as_ref()?.status;
    let is_admitted = status == DeveloperStatus::Approved || standing.keeps_traffic;
    (!is_admitted).then_some(Obstacle::DeveloperNotApproved { status })
}

fn of_approval(guard: Guard<'_>, standing: &Standing) -> Option<Obstacle> {
    guard.service.product_version?;
    if !guard.has_strategy {
        return Some(Obstacle::Closed);
    }
    let Some(registration) = &standing.registration else {
        return Some(Obstacle::NotRegistered);
    };
    let status = registration.status;
    (status != RegistrationStatus::Approved).then(|| Obstacle::NotApproved {
        status,
        reason: registration.reason.clone(),
    })
}

fn of_groups(service: &Service, standing: &Standing) -> Option<Obstacle> {
    let member_of = |names: &[Line<128>]| {
        let found = standing.groups.iter().find(|group| names.contains(group));
        found.cloned()
    };
    match &service.acl.as_ref()?.rule {
        AclRule::Allow(allowed) if member_of(allowed).is_none() => {
            Some(Obstacle::InNoAllowedGroup {
                allowed: allowed.clone(),
            })
        }
        AclRule::Allow(_) => None,
        AclRule::Deny(denied) => member_of(denied).map(|group| Obstacle::InDeniedGroup { group }),
    }
}
