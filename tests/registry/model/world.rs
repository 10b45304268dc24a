//! What is there, and what it means for every key.

use keystile_protocol::key::{ApiKey, KeyDigest};
use keystile_registry::random::Random;
use serde_json::{Value, json};

use crate::desk::{Desk, Published};

/// Whether a key opens a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Decision {
    Permitted,
    /// 401.
    Unknown,
    /// 403.
    Refused,
}

/// What was made, whatever became of it.
pub(super) struct World {
    pub(super) published: Published,
    pub(super) versions: Vec<Version>,
    pub(super) developers: Vec<Developer>,
    pub(super) applications: Vec<Application>,
    pub(super) registrations: Vec<Registration>,
    pub(super) credentials: Vec<Credential>,
}

pub(super) struct Version {
    pub(super) id: String,
    pub(super) service: String,
    pub(super) is_open: bool,
    pub(super) is_there: bool,
}

pub(super) struct Developer {
    pub(super) id: String,
    pub(super) is_approved: bool,
    pub(super) is_there: bool,
}

pub(super) struct Application {
    pub(super) id: String,
    pub(super) developer: usize,
    pub(super) is_suspended: bool,
    pub(super) is_there: bool,
}

pub(super) struct Registration {
    pub(super) id: String,
    pub(super) application: usize,
    pub(super) version: usize,
    pub(super) status: &'static str,
    pub(super) is_there: bool,
}

pub(super) struct Credential {
    pub(super) id: String,
    pub(super) application: usize,
    pub(super) digest: KeyDigest,
    pub(super) expires_at: Option<i64>,
    pub(super) is_suspended: bool,
    pub(super) is_there: bool,
}

// === impl World ===

impl World {
    pub(super) async fn begin(desk: &Desk) -> Self {
        let published = desk.publish().await;
        let mut world = Self {
            versions: vec![Version {
                id: published.version.to_string(),
                service: "mock-v1".to_owned(),
                is_open: true,
                is_there: true,
            }],
            published,
            developers: Vec::new(),
            applications: Vec::new(),
            registrations: Vec::new(),
            credentials: Vec::new(),
        };
        world.add_developer(desk).await;
        world
    }

    /// What every key that ever was may do at every service that is there.
    pub(super) fn decisions(&self, now: i64) -> Vec<(String, KeyDigest, Decision)> {
        let services = self.versions.iter().enumerate();
        services
            .filter(|(_, version)| version.is_there)
            .flat_map(|(number, version)| {
                self.credentials.iter().map(move |credential| {
                    let decision = self.decision((number, version), credential, now);
                    (version.service.clone(), credential.digest, decision)
                })
            })
            .collect()
    }

    fn decision(
        &self,
        (number, version): (usize, &Version),
        credential: &Credential,
        now: i64,
    ) -> Decision {
        let application = &self.applications[credential.application];
        let developer = &self.developers[application.developer];
        let is_live = credential.is_there
            && application.is_there
            && developer.is_there
            && !credential.is_suspended
            && credential.expires_at.is_none_or(|end| now < end);
        if !is_live {
            return Decision::Unknown;
        }
        let approved = self.registrations.iter().any(|one| {
            (one.application, one.version) == (credential.application, number)
                && one.is_there
                && one.status == "approved"
        });
        let is_admitted =
            version.is_open && approved && developer.is_approved && !application.is_suspended;
        if is_admitted {
            Decision::Permitted
        } else {
            Decision::Refused
        }
    }

    pub(super) async fn add_developer(&mut self, desk: &Desk) {
        let email = format!("{}@example.test", self.developers.len());
        let body = json!({"email": email, "full_name": "Ada"});
        let made = desk.post("/admin/v1/developers", body).await;
        self.developers.push(Developer {
            id: id(&made),
            is_approved: true,
            is_there: true,
        });
    }

    pub(super) async fn issue(&mut self, desk: &Desk, number: usize, expires_at: Option<i64>) {
        let path = format!(
            "/admin/v1/applications/{}/credentials",
            self.applications[number].id
        );
        let mut body = json!({});
        if let Some(end) = expires_at {
            let end = keystile_registry::domain::timestamp::Timestamp(end);
            body["expires_at"] = json!(end);
        }
        let made = desk.post(&path, body).await;
        self.credentials.push(Credential {
            id: id(&made),
            application: number,
            digest: ApiKey::new(made["credential"].as_str().unwrap()).digest(),
            expires_at,
            is_suspended: false,
            is_there: true,
        });
    }
}

pub(super) fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

/// Chooses one of those that are there, if any is.
pub(super) fn one_of(chance: &Random, there: impl Iterator<Item = usize>) -> Option<usize> {
    let there: Vec<_> = there.collect();
    (!there.is_empty()).then(|| there[below(chance, there.len())])
}

/// Chooses a number below another.
pub(super) fn below(chance: &Random, end: usize) -> usize {
    let bytes = chance.uuid().into_bytes();
    usize::from(u16::from_be_bytes([bytes[0], bytes[1]])) % end
}
