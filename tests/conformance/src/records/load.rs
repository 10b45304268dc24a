//! From a case's configuration and fixtures to a registry that holds them.

use cases::resident::{Resident, draft};
use keystile_registry::Registry;
use keystile_registry::domain::id::{ApplicationId, AuthStrategyId, DeveloperId, ProductVersionId};
use keystile_registry::domain::publication::Publication;
use keystile_registry::domain::registration::RegistrationStatus;
use keystile_registry::domain::service::{Acl, AclRule, KeyAuth, KeyNames, ValuePrefix};
use keystile_registry::domain::text::Line;
use keystile_registry::storage::{
    Deed, Write, application, auth_strategy, developer, portal, product, publication, registration,
    service,
};

use super::{NewKey, RecordError, Records, Result, expiry, line};
use crate::case::Case;
use crate::case::fixtures::{self, Config, Fixtures, Key, Origin};
use crate::matcher::Matcher;

/// What the route of every case names.
pub(crate) const SERVICE: &str = "case";

/// What applications of the portal hang on.
struct Portal {
    developer: DeveloperId,
    strategy: AuthStrategyId,
}

// === impl Records ===

impl Records {
    /// Puts into an empty registry what a case asks for, in one write.
    pub(crate) async fn load(resident: &Resident, case: &Case) -> Result<Self> {
        let mut loading = Loading {
            registry: &resident.registry,
            write: resident.write().await?,
            records: Self::default(),
        };
        loading.add_consumers(&case.fixtures).await?;
        let versions = wanted_versions(case);
        if !(versions.is_empty() && case.fixtures.applications.is_empty()) {
            let portal = loading.add_portal(&case.config).await?;
            loading
                .add_versions(&portal, &versions, &case.fixtures)
                .await?;
            loading.add_applications(&portal, &case.fixtures).await?;
            loading.add_registrations(&portal, &case.fixtures).await?;
        }
        loading.add_service(&case.config).await?;
        loading
            .write
            .commit(Deed::new("case.load", SERVICE))
            .await?;
        Ok(loading.records)
    }
}

struct Loading<'a> {
    registry: &'a Registry,
    write: Write,
    records: Records,
}

// === impl Loading ===

impl Loading<'_> {
    async fn add_consumers(&mut self, fixtures: &Fixtures) -> Result<()> {
        for consumer in &fixtures.consumers {
            let mut new = draft::application(self.registry, &consumer.name)
                .map_err(|error| RecordError::Text(consumer.name.clone(), error))?;
            new.reference_id = consumer.custom_id.as_deref().map(line).transpose()?;
            application::add(&mut self.write, &new).await?;
            self.name(&consumer.name, new.id)?;
            let groups = lines(&consumer.groups)?;
            application::set_groups(&mut self.write, new.id, &groups).await?;
            self.add_keys(new.id, &consumer.keys).await?;
        }
        Ok(())
    }

    async fn add_portal(&mut self, config: &Config) -> Result<Portal> {
        const ADA: &str = "ada@example.test";
        let text = |error| RecordError::Text(ADA.to_owned(), error);
        let developer = draft::developer(self.registry, ADA).map_err(text)?;
        developer::add(&mut self.write, &developer).await?;
        let key_names = KeyNames::parse(config.key_names.clone())?;
        let strategy = draft::auth_strategy(self.registry, key_names).map_err(text)?;
        auth_strategy::add(&mut self.write, &strategy).await?;
        Ok(Portal {
            developer: developer.id,
            strategy: strategy.id,
        })
    }

    async fn add_versions(
        &mut self,
        portal: &Portal,
        names: &[&str],
        fixtures: &Fixtures,
    ) -> Result<()> {
        let text = |name: &str| {
            let name = name.to_owned();
            |error| RecordError::Text(name, error)
        };
        let product = draft::product(self.registry, "case").map_err(text("case"))?;
        product::add(&mut self.write, &product).await?;
        for name in names {
            let version = draft::version(self.registry, product.id, name).map_err(text(name))?;
            product::add_version(&mut self.write, &version).await?;
            self.publish(portal, version.id, fixtures).await?;
            self.records.versions.insert((*name).to_owned(), version.id);
        }
        Ok(())
    }

    async fn publish(
        &mut self,
        portal: &Portal,
        version: ProductVersionId,
        fixtures: &Fixtures,
    ) -> Result<()> {
        let new = Publication {
            auto_approve_registration: fixtures.auto_approve,
            ..draft::publication(self.registry, version, portal.strategy)
        };
        Ok(publication::add(&mut self.write, &new).await?)
    }

    async fn add_applications(&mut self, portal: &Portal, fixtures: &Fixtures) -> Result<()> {
        for wanted in &fixtures.applications {
            let mut new = draft::application(self.registry, &wanted.name)
                .map_err(|error| RecordError::Text(wanted.name.clone(), error))?;
            new.developer = Some(portal.developer);
            new.auth_strategy = Some(portal.strategy);
            new.reference_id = wanted.reference_id.as_deref().map(line).transpose()?;
            application::add(&mut self.write, &new).await?;
            self.name(&wanted.name, new.id)?;
            self.add_keys(new.id, &wanted.keys).await?;
        }
        Ok(())
    }

    async fn add_registrations(&mut self, portal: &Portal, fixtures: &Fixtures) -> Result<()> {
        for wanted in &fixtures.registrations {
            let version = self.records.version(&wanted.product_version)?;
            let parties = (self.records.application(&wanted.application)?, version);
            let status = match wanted.origin {
                Origin::Given(status) => status.into(),
                Origin::Requested => self.request(portal, version).await?,
            };
            let new = draft::registration(self.registry, parties, status);
            registration::add(&mut self.write, &new).await?;
        }
        Ok(())
    }

    /// Decides as the portal does when a developer asks.
    async fn request(
        &mut self,
        portal: &Portal,
        version: ProductVersionId,
    ) -> Result<RegistrationStatus> {
        let settings = portal::lookup(&mut self.write).await?;
        let found = publication::find_by_version(&mut self.write, version).await?;
        let found = found.ok_or_else(|| RecordError::NoSuchName(version.to_string()))?;
        Ok(found.admit(&settings, Some(portal.strategy))?)
    }

    async fn add_service(&mut self, config: &Config) -> Result<()> {
        let value_prefix = config.value_prefix.as_deref();
        let key_auth = KeyAuth {
            key_names: Some(KeyNames::parse(config.key_names.clone())?),
            key_in_header: config.key_in_header,
            key_in_query: config.key_in_query,
            key_in_body: config.key_in_body,
            hide_credentials: config.hide_credentials,
            anonymous: self.anonymous(config.anonymous.as_deref())?,
            run_on_preflight: config.run_on_preflight,
            realm: config.realm.as_deref().map(line).transpose()?,
            value_prefix: value_prefix.map(ValuePrefix::parse).transpose()?,
        };
        let mut new = draft::service(self.registry, SERVICE, key_auth)?;
        new.acl = config.acl.as_ref().map(acl).transpose()?;
        let version = config.product_version.as_deref();
        new.product_version = version.map(|name| self.records.version(name)).transpose()?;
        Ok(service::add(&mut self.write, &new).await?)
    }

    /// Returns whom a name, an id or a matcher means; a made-up id if nobody has it.
    fn anonymous(&self, text: Option<&str>) -> Result<Option<ApplicationId>> {
        let Some(text) = text else {
            return Ok(None);
        };
        if let Some(id) = self.records.applications.get(text) {
            return Ok(Some(*id));
        }
        let Ok(Matcher::Exactly(id)) = Matcher::parse(text, &self.records.ids()) else {
            return Err(RecordError::NoSuchName(text.to_owned()));
        };
        let nobody = || ApplicationId(self.registry.random.uuid());
        Ok(Some(id.parse().unwrap_or_else(|_| nobody())))
    }

    async fn add_keys(&mut self, application: ApplicationId, keys: &[Key]) -> Result<()> {
        for key in keys {
            let new = NewKey {
                value: &key.key,
                expires_at: expiry(self.registry, key.life),
            };
            let owner = (self.registry, application);
            self.records.add_key(&mut self.write, owner, new).await?;
        }
        Ok(())
    }

    fn name(&mut self, name: &str, id: ApplicationId) -> Result<()> {
        match self.records.applications.insert(name.to_owned(), id) {
            None => Ok(()),
            Some(_) => Err(RecordError::TwoOfAName(name.to_owned())),
        }
    }
}

/// Lists the product versions a case speaks of, each once.
fn wanted_versions(case: &Case) -> Vec<&str> {
    let registered = case.fixtures.registrations.iter();
    let mut names: Vec<&str> = registered
        .map(|registration| registration.product_version.as_str())
        .chain(case.config.product_version.as_deref())
        .chain(case.steps.iter().filter_map(|step| step.product_version()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn acl(acl: &fixtures::Acl) -> Result<Acl> {
    Ok(Acl {
        rule: match &acl.rule {
            fixtures::AclRule::Allow(groups) => AclRule::Allow(lines(groups)?),
            fixtures::AclRule::Deny(groups) => AclRule::Deny(lines(groups)?),
        },
        hide_groups_header: acl.hide_groups_header,
    })
}

fn lines(names: &[String]) -> Result<Vec<Line<128>>> {
    names.iter().map(|name| line(name)).collect()
}
