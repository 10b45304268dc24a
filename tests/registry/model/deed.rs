//! One random write, in the registry and in the model.

use keystile_registry::random::Random;
use serde_json::json;

use super::world::{Application, Registration, Version, World, below, id, one_of};
use crate::desk::Desk;

const STATUSES: [&str; 4] = ["pending", "approved", "rejected", "revoked"];

/// So that the model stays small enough for every key to be looked at.
const MOST_VERSIONS: usize = 5;

impl World {
    /// Does something, as chance has it; nothing if there is nothing to do it to.
    pub(super) async fn step(&mut self, desk: &Desk, chance: &Random) {
        match below(chance, 100) {
            0..55 => self.grow(desk, chance).await,
            55..67 => self.decide(desk, chance).await,
            67..72 => self.withdraw_registration(desk, chance).await,
            72..77 => self.suspend_application(desk, chance).await,
            77..82 => self.suspend_credential(desk, chance).await,
            82..87 => self.withdraw(desk, chance).await,
            87..98 => self.turn(desk, chance).await,
            _ => desk.advance_ms(1000),
        }
    }

    /// Adds something.
    async fn grow(&mut self, desk: &Desk, chance: &Random) {
        match below(chance, 55) {
            0..5 => self.add_developer(desk).await,
            5..20 => self.add_application(desk, chance).await,
            20..40 => self.register(desk, chance).await,
            _ => self.take_key(desk, chance).await,
        }
    }

    /// Changes what much hangs on.
    async fn turn(&mut self, desk: &Desk, chance: &Random) {
        match below(chance, 11) {
            0..3 => self.judge_developer(desk, chance).await,
            3..5 => self.remove_application(desk, chance).await,
            5 => self.remove_developer(desk, chance).await,
            6..9 => self.turn_strategy(desk, chance).await,
            _ => self.add_or_remove_version(desk, chance).await,
        }
    }

    async fn add_application(&mut self, desk: &Desk, chance: &Random) {
        let Some(developer) = one_of(chance, self.developers_there()) else {
            return;
        };
        let body = json!({"name": "Weather", "developer_id": self.developers[developer].id,
                          "auth_strategy_id": self.published.strategy});
        let made = desk.post("/admin/v1/applications", body).await;
        self.applications.push(Application {
            id: id(&made),
            developer,
            is_suspended: false,
            is_there: true,
        });
    }

    async fn register(&mut self, desk: &Desk, chance: &Random) {
        let versions = self.versions.iter().enumerate();
        let versions = versions.filter_map(|(number, one)| one.is_there.then_some(number));
        let version = one_of(chance, versions);
        let application = one_of(chance, self.applications_there());
        let (Some(version), Some(application)) = (version, application) else {
            return;
        };
        let status = STATUSES[below(chance, 2)];
        let body = json!({"application_id": self.applications[application].id,
                          "product_version_id": self.versions[version].id, "status": status});
        let answer = desk.admin("POST", "/admin/v1/registrations", body).await;
        let is_there = self
            .registrations
            .iter()
            .any(|one| one.is_there && (one.application, one.version) == (application, version));
        if is_there || !self.versions[version].is_open {
            assert!(answer.status.is_client_error(), "{}", answer.json());
            return;
        }
        self.registrations.push(Registration {
            id: id(&answer.expect(201)),
            application,
            version,
            status,
            is_there: true,
        });
    }

    async fn take_key(&mut self, desk: &Desk, chance: &Random) {
        let Some(application) = one_of(chance, self.applications_there()) else {
            return;
        };
        let end = below(chance, 20);
        let soon = desk.registry.clock.now().0 + i64::try_from(end).unwrap() * 1000;
        let expires_at = (end > 12).then_some(soon);
        self.issue(desk, application, expires_at).await;
    }

    async fn decide(&mut self, desk: &Desk, chance: &Random) {
        let Some(number) = one_of(chance, self.registrations_there()) else {
            return;
        };
        let status = STATUSES[below(chance, 4)];
        let path = self.registration_path(number);
        let answer = desk.admin("PATCH", &path, json!({"status": status})).await;
        let before = self.registrations[number].status;
        let follows = match status {
            "approved" => true,
            "rejected" => matches!(before, "pending" | "rejected"),
            "revoked" => matches!(before, "approved" | "revoked"),
            _ => before == "pending",
        };
        if follows {
            answer.expect(200);
            self.registrations[number].status = status;
        } else {
            answer.expect(409);
        }
    }

    async fn withdraw_registration(&mut self, desk: &Desk, chance: &Random) {
        let Some(number) = one_of(chance, self.registrations_there()) else {
            return;
        };
        desk.delete(&self.registration_path(number)).await;
        self.registrations[number].is_there = false;
    }

    async fn suspend_application(&mut self, desk: &Desk, chance: &Random) {
        let Some(number) = one_of(chance, self.applications_there()) else {
            return;
        };
        let suspended = below(chance, 2) == 0;
        let path = format!("/admin/v1/applications/{}", self.applications[number].id);
        desk.patch(&path, json!({"suspended": suspended})).await;
        self.applications[number].is_suspended = suspended;
    }

    async fn suspend_credential(&mut self, desk: &Desk, chance: &Random) {
        let Some(number) = one_of(chance, self.credentials_there()) else {
            return;
        };
        let suspended = below(chance, 2) == 0;
        let path = self.credential_path(number);
        desk.patch(&path, json!({"suspended": suspended})).await;
        self.credentials[number].is_suspended = suspended;
    }

    async fn withdraw(&mut self, desk: &Desk, chance: &Random) {
        let Some(number) = one_of(chance, self.credentials_there()) else {
            return;
        };
        desk.delete(&self.credential_path(number)).await;
        self.credentials[number].is_there = false;
    }

    async fn judge_developer(&mut self, desk: &Desk, chance: &Random) {
        let Some(number) = one_of(chance, self.developers_there()) else {
            return;
        };
        let status = ["approved", "revoked"][below(chance, 2)];
        let body = json!({"status": status});
        desk.patch(&self.developer_path(number), body).await;
        self.developers[number].is_approved = status == "approved";
    }

    async fn remove_application(&mut self, desk: &Desk, chance: &Random) {
        let Some(number) = one_of(chance, self.applications_there()) else {
            return;
        };
        desk.delete(&self.application_path(number)).await;
        self.applications[number].is_there = false;
    }

    async fn remove_developer(&mut self, desk: &Desk, chance: &Random) {
        let Some(number) = one_of(chance, self.developers_there()) else {
            return;
        };
        desk.delete(&self.developer_path(number)).await;
        self.developers[number].is_there = false;
    }

    /// Opens a version, or closes it by taking its strategy away.
    async fn turn_strategy(&mut self, desk: &Desk, chance: &Random) {
        let versions = self.versions.iter().enumerate();
        let versions = versions.filter_map(|(number, one)| one.is_there.then_some(number));
        let Some(number) = one_of(chance, versions) else {
            return;
        };
        let version = &mut self.versions[number];
        version.is_open = below(chance, 3) > 0;
        let strategies = if version.is_open {
            json!([self.published.strategy])
        } else {
            json!([])
        };
        let path = format!(
            "/v2/portals/{}/product-versions/{}",
            self.published.portal, version.id
        );
        let body = json!({"auth_strategy_ids": strategies,
                          "application_registration_enabled": version.is_open});
        desk.patch(&path, body).await;
    }

    async fn add_or_remove_version(&mut self, desk: &Desk, chance: &Random) {
        let path = format!(
            "/v2/api-products/{}/product-versions",
            self.published.product
        );
        let there = self.versions.iter().filter(|one| one.is_there).count();
        if there >= MOST_VERSIONS {
            let number = below(chance, self.versions.len());
            let version = &mut self.versions[number];
            if version.is_there {
                desk.delete(&format!("{path}/{}", version.id)).await;
                version.is_there = false;
            }
            return;
        }
        let name = format!("n{}", self.versions.len());
        let made = desk.post(&path, json!({"name": name})).await;
        let publication = json!({"product_version_id": made["id"], "publish_status": "published",
            "application_registration_enabled": true, "auto_approve_registration": false,
            "auth_strategy_ids": [self.published.strategy]});
        let publications = format!("/v2/portals/{}/product-versions", self.published.portal);
        desk.post(&publications, publication).await;
        self.versions.push(Version {
            id: id(&made),
            service: format!("mock-{name}"),
            is_open: true,
            is_there: true,
        });
    }

    fn developers_there(&self) -> impl Iterator<Item = usize> {
        let all = self.developers.iter().enumerate();
        all.filter_map(|(number, one)| one.is_there.then_some(number))
    }

    fn applications_there(&self) -> impl Iterator<Item = usize> {
        (0..self.applications.len()).filter(|number| self.has_application(*number))
    }

    fn registrations_there(&self) -> impl Iterator<Item = usize> {
        let all = self.registrations.iter().enumerate();
        all.filter_map(|(number, one)| {
            let is_there = one.is_there
                && self.has_application(one.application)
                && self.versions[one.version].is_there;
            is_there.then_some(number)
        })
    }

    fn credentials_there(&self) -> impl Iterator<Item = usize> {
        let all = self.credentials.iter().enumerate();
        all.filter_map(|(number, one)| {
            (one.is_there && self.has_application(one.application)).then_some(number)
        })
    }

    fn has_application(&self, number: usize) -> bool {
        let application = &self.applications[number];
        application.is_there && self.developers[application.developer].is_there
    }

    fn developer_path(&self, number: usize) -> String {
        let (portal, id) = (&self.published.portal, &self.developers[number].id);
        format!("/v2/portals/{portal}/developers/{id}")
    }

    fn application_path(&self, number: usize) -> String {
        let (portal, id) = (&self.published.portal, &self.applications[number].id);
        format!("/v2/portals/{portal}/applications/{id}")
    }

    fn registration_path(&self, number: usize) -> String {
        let registration = &self.registrations[number];
        let application = self.application_path(registration.application);
        format!("{application}/registrations/{}", registration.id)
    }

    fn credential_path(&self, number: usize) -> String {
        let credential = &self.credentials[number];
        let application = &self.applications[credential.application].id;
        let id = &credential.id;
        format!("/admin/v1/applications/{application}/credentials/{id}")
    }
}
