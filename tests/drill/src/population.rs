//! Who asks: a few applications with keys that come and go, and what they may be told.
//!
//! Everything that changes here is told to the registry and to the [`Truth`], in that order.

use std::sync::{Mutex, MutexGuard, PoisonError};

use keystile_protocol::id::{ApplicationId, ProductVersionId};
use keystile_registry::domain::timestamp::Timestamp;
use serde_json::json;
use stage::api::{Admin, Publication};
use stage::client::Request;
use stage::error::StageError;
use stage::registry::Registry;

use crate::chance;
use crate::truth::{Key, Subject, Timeline, Truth};

/// What the gateway knows services as.
pub(crate) const SERVICES: [&str; 2] = ["ours-v1", "theirs-v1"];
/// Where they are.
pub(crate) const PATHS: [&str; 2] = ["/ours", "/theirs"];

/// Whose keys are used; the first one is approved for the first service from beginning to end.
pub(crate) const APPLICATIONS: usize = 3;

/// How many of the newest keys are asked with; older ones were revoked long ago.
const IN_USE: usize = 24;

/// A request that the drill sends, and who sends it.
#[derive(Debug, Clone)]
pub(crate) struct Probe {
    /// Who.
    pub(crate) subject: Subject,
    /// Which service it is for.
    pub(crate) service: usize,
    /// The request.
    pub(crate) request: Request,
    /// What the upstream is told if it is let in.
    pub(crate) consumer: String,
}

/// An application in the registry.
#[derive(Debug)]
pub(crate) struct Application {
    /// Identifies it.
    pub(crate) id: ApplicationId,
    /// Its registration for each service.
    pub(crate) registrations: Vec<String>,
}

/// A key that was made up, and whose it is to be.
#[derive(Debug, Clone)]
struct Made {
    key: String,
    application: usize,
}

/// Applications, their keys, and what is true of them.
#[derive(Debug)]
pub(crate) struct Population {
    /// An administrator of the registry.
    pub(crate) admin: Admin,
    /// The applications, by number.
    pub(crate) applications: Vec<Application>,
    /// One whose keys show that gateways hear of changes; the model knows nothing of it.
    pub(crate) marker: ApplicationId,
    truth: Mutex<Truth>,
    keys: Mutex<Vec<Made>>,
}

// === impl Population ===

impl Population {
    /// Fills an empty registry.
    pub(crate) fn found(registry: &Registry, mut truth: Truth) -> Result<Self, StageError> {
        let admin = registry.admin()?;
        let versions = publish(&admin)?;
        let mut applications = Vec::new();
        for number in 0..APPLICATIONS {
            let name = format!("Drill {number}");
            let id = admin.create_application(&name, &format!("drill-{number}"))?;
            let mut registrations = Vec::new();
            for (service, version) in versions.iter().enumerate() {
                let body = json!({"application_id": id, "product_version_id": version});
                let answer = admin.caller().post("/admin/v1/registrations", &body)?;
                registrations.push(answer.expect(201)?.parse("/id")?);
                let approval = Timeline::new(true);
                truth.approvals.insert((number, service), approval);
            }
            applications.push(Application { id, registrations });
        }
        let marker = admin.create_application("Marker", "marker")?;
        if let Some(version) = versions.first() {
            admin.register(marker, *version)?;
        }
        Ok(Self {
            admin,
            applications,
            marker,
            truth: Mutex::new(truth),
            keys: Mutex::default(),
        })
    }

    /// Makes a key up and returns its number; nobody has told the registry yet.
    pub(crate) fn make_up(
        &self,
        key: String,
        application: usize,
        ends: Option<Timestamp>,
    ) -> usize {
        let mut truth = self.truth();
        truth.keys.push(Key {
            application,
            ends,
            is_held: Timeline::new(false),
        });
        // Both grow together, under the truth's lock.
        let mut keys = self.keys();
        keys.push(Made { key, application });
        keys.len() - 1
    }

    /// Tells the model that a key was revoked long ago, which it was not: to see that the drill sees it.
    pub(crate) fn lie(&self) {
        let mut truth = self.truth();
        if let Some(key) = truth.keys.first_mut() {
            key.is_held = Timeline::new(false);
        }
    }

    /// Returns what is true.
    pub(crate) fn truth(&self) -> MutexGuard<'_, Truth> {
        self.truth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns somebody who asks: with a key that lasts (the first ones), with one of the newest, with
    /// somebody else's, or with none.
    pub(crate) fn choose(&self, chance: &mut fastrand::Rng, lasting: usize) -> Probe {
        let service = chance.usize(..SERVICES.len());
        let keys = self.keys();
        let newest = keys.len().saturating_sub(IN_USE).max(lasting);
        let number = match chance.u8(..10) {
            0 => return Probe::without_key(service),
            1 => return Probe::with_key(service, &chance::key(chance)),
            2..=4 => chance.usize(..lasting.max(1)),
            _ => chance.usize(newest..keys.len().max(newest + 1)),
        };
        let Some(made) = keys.get(number) else {
            return Probe::without_key(service);
        };
        let owner = self.applications.get(made.application);
        Probe {
            subject: Subject::Key(number),
            consumer: owner.map(|owner| owner.id.to_string()).unwrap_or_default(),
            ..Probe::with_key(service, &made.key)
        }
    }

    fn keys(&self) -> MutexGuard<'_, Vec<Made>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Probe ===

impl Probe {
    fn without_key(service: usize) -> Self {
        let path = PATHS.get(service).copied().unwrap_or_default();
        Self {
            subject: Subject::NoKey,
            service,
            request: Request::get(path),
            consumer: String::new(),
        }
    }

    fn with_key(service: usize, key: &str) -> Self {
        let without = Self::without_key(service);
        Self {
            subject: Subject::Stranger,
            request: without.request.clone().header("apikey", key),
            ..without
        }
    }
}

/// Publishes a version of a product for each service.
fn publish(admin: &Admin) -> Result<Vec<ProductVersionId>, StageError> {
    let strategy = admin.create_strategy("key-auth", &["apikey"])?;
    admin.change_portal(&json!({
        "is_public": false,
        "default_application_auth_strategy_id": strategy,
    }))?;
    let mut versions = Vec::new();
    for name in SERVICES {
        let service = admin.create_service(name, &json!({}))?;
        let product = admin.create_product(name)?;
        let version = admin.create_version_of(service, &product, "v1")?;
        let publication = Publication {
            strategy: strategy.clone(),
            auto_approve: false,
        };
        admin.publish(version, &publication)?;
        versions.push(version);
    }
    Ok(versions)
}
