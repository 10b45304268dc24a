//! What is in the registry before a scenario begins: two services of a product version each, and two
//! applications, each approved for one of them.

use cases::resident::{Resident, draft};
use keystile_registry::domain::application::Application;
use keystile_registry::domain::credential::Credential;
use keystile_registry::domain::developer::Developer;
use keystile_registry::domain::id::{ApiProductId, AuthStrategyId, ProductVersionId};
use keystile_registry::domain::registration::{Registration, RegistrationStatus};
use keystile_registry::domain::service::{KeyAuth, KeyNames, Service};
use keystile_registry::storage::{
    Deed, Write, application, auth_strategy, credential, developer, product, publication,
    registration, service,
};

/// A service that Ada's application is approved for.
pub(crate) const ORDERS: &str = "orders";
/// A service that Bob's application is approved for.
pub(crate) const INVOICES: &str = "invoices";
/// The key of Ada's application.
pub(crate) const ADA: &str = "the-key-of-ada";
/// A key that Ada's application is to get.
pub(crate) const SPARE: &str = "the-other-key-of-ada";
/// The key of Bob's application.
pub(crate) const BOB: &str = "the-key-of-bob";

/// What is in the registry.
pub(crate) struct Catalogue {
    pub(crate) orders: Service,
    pub(crate) ada: Party,
}

/// An application with everything it has.
pub(crate) struct Party {
    pub(crate) developer: Developer,
    pub(crate) application: Application,
    pub(crate) registration: Registration,
    pub(crate) credential: Credential,
    /// Not in the registry yet.
    pub(crate) spare: Credential,
}

// === impl Catalogue ===

impl Catalogue {
    /// Puts it into an empty registry.
    pub(crate) async fn fill(resident: &Resident) -> Self {
        let registry = &resident.registry;
        let mut write = resident.write().await.unwrap();
        let names = KeyNames::parse(vec!["apikey".to_owned()]).unwrap();
        let strategy = draft::auth_strategy(registry, names).unwrap();
        auth_strategy::add(&mut write, &strategy).await.unwrap();
        let product = draft::product(registry, "shop").unwrap();
        product::add(&mut write, &product).await.unwrap();
        let mut filling = Filling {
            resident,
            write,
            strategy: strategy.id,
            product: product.id,
        };
        let orders = filling.add_service(ORDERS).await;
        let invoices = filling.add_service(INVOICES).await;
        let ada = filling.add_party(ADA, &orders).await;
        filling.add_party(BOB, &invoices).await;
        let deed = Deed::new("scenario.begin", "scenario");
        filling.write.commit(deed).await.unwrap();
        Self { orders, ada }
    }
}

struct Filling<'a> {
    resident: &'a Resident,
    write: Write,
    strategy: AuthStrategyId,
    product: ApiProductId,
}

// === impl Filling ===

impl Filling<'_> {
    async fn add_service(&mut self, name: &str) -> Service {
        let registry = &self.resident.registry;
        let version = draft::version(registry, self.product, name).unwrap();
        let new = draft::publication(registry, version.id, self.strategy);
        let added = Service {
            product_version: Some(version.id),
            ..draft::service(registry, name, key_auth()).unwrap()
        };
        let write = &mut self.write;
        product::add_version(write, &version).await.unwrap();
        publication::add(write, &new).await.unwrap();
        service::add(write, &added).await.unwrap();
        added
    }

    async fn add_party(&mut self, key: &str, service: &Service) -> Party {
        let registry = &self.resident.registry;
        let owner = draft::developer(registry, &format!("{key}@example.test")).unwrap();
        let added = Application {
            developer: Some(owner.id),
            auth_strategy: Some(self.strategy),
            ..draft::application(registry, key).unwrap()
        };
        let version: ProductVersionId = service.product_version.unwrap();
        let approved = RegistrationStatus::Approved;
        let party = Party {
            registration: draft::registration(registry, (added.id, version), approved),
            credential: draft::credential(registry, added.id, key).unwrap(),
            spare: draft::credential(registry, added.id, SPARE).unwrap(),
            developer: owner,
            application: added,
        };
        let write = &mut self.write;
        developer::add(write, &party.developer).await.unwrap();
        application::add(write, &party.application).await.unwrap();
        registration::add(write, &party.registration).await.unwrap();
        credential::add(write, &party.credential).await.unwrap();
        party
    }
}

/// Kong's defaults, with `apikey` in header or query.
pub(crate) fn key_auth() -> KeyAuth {
    KeyAuth {
        key_names: None,
        key_in_header: true,
        key_in_query: true,
        key_in_body: false,
        hide_credentials: true,
        anonymous: None,
        run_on_preflight: true,
        realm: None,
        value_prefix: None,
    }
}
