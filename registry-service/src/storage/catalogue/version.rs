//! Published versions of products, and a developer's applications for one.

use sqlx::any::AnyRow;

use crate::domain::application::Application;
use crate::domain::id::{
    ApiProductId, AuthStrategyId, DeveloperId, ProductVersionId, RegistrationId,
};
use crate::domain::product::ProductVersion;
use crate::domain::publication::Publication;
use crate::domain::registration::RegistrationStatus;
use crate::domain::text::Line;
use crate::storage::application::application;
use crate::storage::list::Select;
use crate::storage::own::application::Wanted;
use crate::storage::product::version;
use crate::storage::row::{moment, parsed, parsed_or_none, switch};
use crate::storage::{Connection, List, Range, Result};

const COLUMNS: &str = "v.*, u.publication_id, u.publish_status, \
     u.application_registration_enabled, u.auto_approve_registration, u.auth_strategy_id, \
     u.created_at as published_at, u.updated_at as publication_updated_at, \
     s.display_name as strategy_name";

const PUBLISHED: &str = "product_version v \
     join publication u on u.product_version_id = v.product_version_id \
     and u.publish_status = 'published' \
     left join auth_strategy s on s.auth_strategy_id = u.auth_strategy_id";

/// A version, and how it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedVersion {
    /// The version.
    pub version: ProductVersion,
    /// How it is published.
    pub publication: Publication,
    /// How applications authenticate: the strategy, and its name as developers see it.
    pub strategy: Option<(AuthStrategyId, Line<255>)>,
}

/// Which versions are wanted.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    /// Those of this product.
    pub product: Option<ApiProductId>,
    /// The one with this id.
    pub id: Option<ProductVersionId>,
    /// Those with this name.
    pub name: Option<String>,
    /// Those whose name contains this, whatever the case.
    pub name_contains: Option<String>,
}

/// A developer's application, and its registration for a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The application.
    pub application: Application,
    /// Its registration, if it has one.
    pub registration: Option<(RegistrationId, RegistrationStatus)>,
}

/// Which of a developer's applications are wanted for a version.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// For which version.
    pub version: ProductVersionId,
    /// Those like this.
    pub like: Wanted,
    /// Those with a registration that stands like this.
    pub status: Option<RegistrationStatus>,
    /// Those with a registration, or those without.
    pub registered: Registered,
}

/// Whether an application has a registration for a version, whatever became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// It has.
    Yes,
    /// It has not.
    No,
}

/// Reads a published version.
pub async fn lookup(
    connection: &mut Connection,
    wanted: Versions,
) -> Result<Option<PublishedVersion>> {
    let found = list(connection, wanted, Range::FIRST).await?;
    Ok(found.items.into_iter().next())
}

/// Lists published versions, the newest first.
pub async fn list(
    connection: &mut Connection,
    wanted: Versions,
    range: Range,
) -> Result<List<PublishedVersion>> {
    let name_contains = wanted.name_contains.map(|text| text.to_lowercase());
    Select::new(
        COLUMNS,
        PUBLISHED,
        "v.created_at desc, v.product_version_id",
    )
    .equals("v.api_product_id", wanted.product.map(|id| id.to_string()))
    .equals("v.product_version_id", wanted.id.map(|id| id.to_string()))
    .equals("v.name", wanted.name)
    .contains("v.name_key", name_contains)
    .list(connection, range, published)
    .await
}

/// Lists a developer's applications for a version, by name.
pub async fn candidates(
    connection: &mut Connection,
    owner: DeveloperId,
    (wanted, range): (Candidates, Range),
) -> Result<List<Candidate>> {
    // The version is the first condition, so that the join can name it as `$1` too.
    let from = "application a join product_version v on v.product_version_id = $1 \
                left join registration r on r.application_id = a.application_id \
                and r.product_version_id = v.product_version_id";
    let name_contains = wanted.like.name_contains.map(|text| text.to_lowercase());
    let registered = match wanted.registered {
        Registered::Yes => "yes",
        Registered::No => "no",
    };
    Select::new(
        "a.*, r.registration_id, r.status",
        from,
        "a.name_key, a.application_id",
    )
    .equals("v.product_version_id", Some(wanted.version.to_string()))
    .equals("a.developer_id", Some(owner.to_string()))
    .equals(
        "case when r.registration_id is null then 'no' else 'yes' end",
        Some(registered.to_owned()),
    )
    .equals("a.name", wanted.like.name)
    .contains("a.name_key", name_contains)
    .equals("a.auth_strategy_id", wanted.like.auth_strategy)
    .equals(
        "r.status",
        wanted.status.map(|status| status.name().to_owned()),
    )
    .list(connection, range, candidate)
    .await
}

fn published(row: &AnyRow) -> Result<PublishedVersion> {
    let strategy = parsed_or_none(row, "auth_strategy_id")?;
    Ok(PublishedVersion {
        version: version(row)?,
        publication: publication(row)?,
        strategy: strategy.zip(parsed_or_none(row, "strategy_name")?),
    })
}

fn publication(row: &AnyRow) -> Result<Publication> {
    Ok(Publication {
        id: parsed(row, "publication_id")?,
        product_version: parsed(row, "product_version_id")?,
        publish_status: parsed(row, "publish_status")?,
        application_registration_enabled: switch(row, "application_registration_enabled")?,
        auto_approve_registration: switch(row, "auto_approve_registration")?,
        auth_strategy: parsed_or_none(row, "auth_strategy_id")?,
        created_at: moment(row, "published_at")?,
        updated_at: moment(row, "publication_updated_at")?,
    })
}

fn candidate(row: &AnyRow) -> Result<Candidate> {
    let registration = parsed_or_none(row, "registration_id")?;
    Ok(Candidate {
        application: application(row)?,
        registration: registration.zip(parsed_or_none(row, "status")?),
    })
}
