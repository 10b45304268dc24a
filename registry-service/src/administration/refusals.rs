//! Why a request was refused, as far as the registry knows.
//!
//! Gateways decide alone and keep no list of requests, and nobody logs keys. What is known here is
//! what they decide by, how often known keys were refused lately, and what the registry itself
//! refused. [`search`] is how somebody gets from what they have to a credential.

pub mod search;

use crate::administration::{Acting, AdministrationError, Result, applications};
use crate::domain::credential::Credential;
use crate::domain::id::{ApplicationId, CredentialId, ServiceId};
use crate::domain::refusal::{Findings, Guard, Standing, Verdict};
use crate::domain::service::Service;
use crate::refusals::Refusal;
use crate::storage::usage::{Answered, Refused};
use crate::storage::{
    Connection, application, credential, developer, portal, publication, registration, service,
    usage,
};

/// How far back reports of gateways are looked at.
const LATELY_MS: i64 = 24 * 60 * 60 * 1000;

/// How many refused keys are listed at once.
const MOST_KEYS: i64 = 20;

/// How many gateways that were turned away are listed.
const MOST_GATEWAYS: usize = 5;

/// Where gateways ask.
const GATEWAY_API: &str = "/gateway/";

/// Why a key gets through at a service, or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The credential.
    pub credential: Credential,
    /// The service.
    pub service: Service,
    /// The application the key stands for.
    pub standing: Standing,
    /// What stands in the way.
    pub findings: Findings,
    /// The application that counts where there is no valid key, and what stands in its way.
    pub anonymous: Option<(Standing, Findings)>,
    /// How it ends.
    pub verdict: Verdict,
    /// What clients saw lately.
    pub answered: Vec<Answered>,
}

/// What was refused lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lately {
    /// Known keys, the last one first.
    pub keys: Vec<Refused>,
    /// Gateways that the registry turned away, the last one first.
    pub gateways: Vec<Refusal>,
}

/// Explains what gateways decide about a key at a service.
pub async fn explain(
    acting: &Acting,
    (id, service_id): (CredentialId, ServiceId),
) -> Result<Explanation> {
    let mut snapshot = acting.read().await?;
    let found = credential::find(&mut snapshot, id).await?;
    let credential = found.ok_or(AdministrationError::Unknown)?;
    let found = service::lookup(&mut snapshot, service_id).await?;
    let service = found.ok_or(AdministrationError::Unknown)?;
    let guard = Guard {
        service: &service,
        has_strategy: has_strategy(&mut snapshot, &service).await?,
    };
    let standing = standing(&mut snapshot, credential.application, &service).await?;
    let findings = Findings::of(guard, (&credential, &standing), acting.now());
    let anonymous = anonymous(&mut snapshot, guard).await?;
    let admitted = anonymous.as_ref().map(|(_, found)| found.is_admitted());
    let since = acting.now().plus_ms(-LATELY_MS);
    Ok(Explanation {
        answered: usage::answered(&mut snapshot, (id, service_id), since).await?,
        verdict: findings.verdict(guard, admitted),
        standing,
        findings,
        anonymous,
        credential,
        service,
    })
}

/// Lists what was refused lately.
pub async fn lately(acting: &Acting) -> Result<Lately> {
    let mut snapshot = acting.read().await?;
    let since = acting.now().plus_ms(-LATELY_MS);
    let refusals = &acting.registry.refusals;
    Ok(Lately {
        keys: usage::refused(&mut snapshot, since, MOST_KEYS).await?,
        gateways: refusals.latest(GATEWAY_API, MOST_GATEWAYS),
    })
}

async fn has_strategy(connection: &mut Connection, service: &Service) -> Result<bool> {
    let Some(version) = service.product_version else {
        return Ok(false);
    };
    let found = publication::find_by_version(connection, version).await?;
    Ok(found.is_some_and(|publication| publication.auth_strategy.is_some()))
}

async fn standing(
    connection: &mut Connection,
    id: ApplicationId,
    service: &Service,
) -> Result<Standing> {
    let application = applications::existing(connection, id).await?;
    let developer = match application.developer {
        Some(developer) => developer::lookup(connection, developer).await?,
        None => None,
    };
    let registration = match service.product_version {
        Some(version) => registration::find(connection, id, version).await?,
        None => None,
    };
    Ok(Standing {
        groups: application::groups(connection, id).await?,
        keeps_traffic: portal::lookup(connection).await?.revoke_keeps_traffic,
        application,
        developer,
        registration,
    })
}

/// An anonymous application that is gone counts as none.
async fn anonymous(
    connection: &mut Connection,
    guard: Guard<'_>,
) -> Result<Option<(Standing, Findings)>> {
    let Some(id) = guard.service.key_auth.anonymous else {
        return Ok(None);
    };
    match standing(connection, id, guard.service).await {
        Ok(standing) => {
            let findings = Findings::of_anonymous(guard, &standing);
            Ok(Some((standing, findings)))
        }
        Err(AdministrationError::Unknown) => Ok(None),
        Err(error) => Err(error),
    }
}
