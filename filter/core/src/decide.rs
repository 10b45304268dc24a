//! Whether a request may pass: facts in, verdict out.

use keystile_protocol::application::{Application, ApplicationState};
use keystile_protocol::service::{Access, AclRule, Service};

use crate::clock::Timestamp;
use crate::identity::Caller;
use crate::reply::Denial;
use crate::table::Holder;

/// Whether something is known, known not to be there, or not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding<T> {
    /// It is there.
    Known(T),
    /// It is not there.
    Absent,
    /// What is known is not enough to tell.
    Unsure,
}

/// Whether a request may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict<'a> {
    /// It may, as this caller.
    Permit(Caller<'a>),
    /// It may not.
    Deny(Denial),
}

/// Decides a request to a service that wants a key: by who holds the one it carries, or else as
/// the service's anonymous application.
pub fn decide<'a>(
    service: &Service,
    presented: Result<Holder<'a>, Denial>,
    anonymous: Finding<&'a Application>,
    now: Timestamp,
) -> Verdict<'a> {
    match presented.and_then(|holder| live(holder, now)) {
        Ok(holder) => admit(
            service,
            Caller::Authenticated(holder.application, holder.credential),
        ),
        Err(denial) => match anonymous {
            Finding::Known(application) if application.state == ApplicationState::Active => {
                admit(service, Caller::Anonymous(application))
            }
            // Kong answers 500 when `anonymous` names nobody; we do as if it were unset.
            Finding::Known(_) | Finding::Absent => Verdict::Deny(denial),
            Finding::Unsure => Verdict::Deny(Denial::Undecidable),
        },
    }
}

/// Returns a holder whose key is still valid: an expired one is as unknown as one that never was.
pub(crate) fn live(holder: Holder<'_>, now: Timestamp) -> Result<Holder<'_>, Denial> {
    match holder.expires_at_ms {
        Some(expires_at_ms) if expires_at_ms <= now.0 => Err(Denial::UnknownKey),
        _ => Ok(holder),
    }
}

fn admit<'a>(service: &Service, caller: Caller<'a>) -> Verdict<'a> {
    let application = match caller {
        Caller::Authenticated(application, _) | Caller::Anonymous(application) => application,
    };
    if application.state == ApplicationState::Active
        && is_approved(service.access, application)
        && is_in_acl(service, application)
    {
        Verdict::Permit(caller)
    } else {
        Verdict::Deny(refusal(service, caller))
    }
}

fn is_approved(access: Access, application: &Application) -> bool {
    match access {
        Access::Public | Access::AnyKey => true,
        Access::Closed => false,
        Access::Approved(version) => application.approved.contains(&version),
    }
}

/// Kong's acl: exact, case-sensitive names; an empty `allow` admits nobody.
fn is_in_acl(service: &Service, application: &Application) -> bool {
    let is_member = |groups: &[String]| application.groups.iter().any(|g| groups.contains(g));
    match service.acl.as_ref().map(|acl| &acl.rule) {
        None => true,
        Some(AclRule::Allow(groups)) => is_member(groups),
        Some(AclRule::Deny(groups)) => !is_member(groups),
    }
}

/// Kong's acl answers 401 to an anonymous consumer without any group, since a key could help, and
/// judges one with groups as any consumer (Kong/kong 5440). An approval is a group in that sense,
/// as Konnect's acl, whose `allow` is the product version, has it.
fn refusal(service: &Service, caller: Caller<'_>) -> Denial {
    match caller {
        Caller::Anonymous(application)
            if application.groups.is_empty()
                && (service.acl.is_some() || application.approved.is_empty()) =>
        {
            Denial::AnonymousNotAdmitted
        }
        _ => Denial::NotAdmitted,
    }
}

#[cfg(test)]
mod tests;
