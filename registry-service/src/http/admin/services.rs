//! `/admin/v1/services`: what Envoy knows an API as, and how it is guarded.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::domain::id::{ProductVersionId, ServiceId};
use crate::domain::publication::PublishStatus;
use crate::domain::service::{Acl, KeyAuth, Service, ServiceName};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{Answer, Caller, Created, Named, created};
use crate::http::body::{Body, from_value};
use crate::http::paging::{Listed, Paging};
use crate::http::problem::Problem;
use crate::storage::{
    Connection, Deed, StorageError, Write, application, product, publication, service,
};

/// A service on the wire.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: ServiceId,
    #[serde(flatten)]
    content: Content,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What an administrator says of a service.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    name: ServiceName,
    #[serde(default)]
    product_version_id: Option<ProductVersionId>,
    #[serde(default)]
    proxy_url: Option<Url>,
    #[serde(default)]
    key_auth: KeyAuth,
    #[serde(default)]
    acl: Option<Acl>,
    #[serde(default)]
    public: bool,
}

/// Lists the services.
pub(super) async fn list(caller: Caller, paging: Paging) -> Answer<Listed<Shown>> {
    let mut snapshot = caller.read().await?;
    let list = service::list(&mut snapshot, paging.range()).await?;
    Ok(Json(paging.answer(list, shown)))
}

/// Adds a service.
pub(super) async fn add(caller: Caller, Body(content): Body<Content>) -> Created<Shown> {
    let now = caller.now();
    let mut write = caller.write().await?;
    check(&mut write, &content).await?;
    let service = Service {
        id: ServiceId(caller.new_id()),
        name: content.name,
        product_version: content.product_version_id,
        proxy_url: content.proxy_url,
        key_auth: content.key_auth,
        acl: content.acl,
        public: content.public,
        created_at: now,
        updated_at: now,
    };
    service::add(&mut write, &service).await.map_err(taken)?;
    write.commit(Deed::new("service.add", service.id)).await?;
    Ok(created(shown(service)))
}

/// Shows a service.
pub(super) async fn lookup(caller: Caller, Named(id): Named<ServiceId>) -> Answer<Shown> {
    let mut snapshot = caller.read().await?;
    Ok(Json(shown(existing(&mut snapshot, id).await?)))
}

/// Changes a service by a merge patch (RFC 7396): what is left out stays, null goes.
pub(super) async fn change(
    caller: Caller,
    Named(id): Named<ServiceId>,
    Body(patch): Body<Value>,
) -> Answer<Shown> {
    let mut write = caller.write().await?;
    let before = existing(&mut write, id).await?;
    let content = patched(before.clone(), patch)?;
    check(&mut write, &content).await?;
    let after = Service {
        name: content.name,
        product_version: content.product_version_id,
        proxy_url: content.proxy_url,
        key_auth: content.key_auth,
        acl: content.acl,
        public: content.public,
        updated_at: caller.now(),
        ..before.clone()
    };
    if before.name != after.name && is_published(&mut write, &before).await? {
        let reason = "cannot change while the product version is published: routes use it";
        return Err(Problem::invalid_field("name", "immutable", reason));
    }
    service::update(&mut write, &after).await.map_err(taken)?;
    write.commit(Deed::new("service.update", id)).await?;
    Ok(Json(shown(after)))
}

/// Removes a service: its routes are unmapped from then on.
pub(super) async fn remove(
    caller: Caller,
    Named(id): Named<ServiceId>,
) -> Result<StatusCode, Problem> {
    let mut write = caller.write().await?;
    existing(&mut write, id).await?;
    service::remove(&mut write, id).await?;
    write.commit(Deed::new("service.remove", id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn existing(connection: &mut Connection, id: ServiceId) -> Result<Service, Problem> {
    service::lookup(connection, id)
        .await?
        .ok_or_else(Problem::not_found)
}

/// Checks what a service names.
async fn check(write: &mut Write, content: &Content) -> Result<(), Problem> {
    let refused = |field, reason| Problem::invalid_field(field, "exists", reason);
    if let Some(id) = content.key_auth.anonymous
        && application::lookup(write, id).await?.is_none()
    {
        return Err(refused("key_auth.anonymous", "names no application"));
    }
    if let Some(id) = content.product_version_id
        && product::lookup_version(write, id).await?.is_none()
    {
        return Err(refused("product_version_id", "names no product version"));
    }
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
    if !content.proxy_url.as_ref().is_none_or(is_web) {
        return Err(Problem::invalid_field(
            "proxy_url",
            "url",
            "must be http or https",
        ));
    }
    Ok(())
}

async fn is_published(
    connection: &mut Connection,
    service: &Service,
) -> Result<bool, StorageError> {
    let Some(version) = service.product_version else {
        return Ok(false);
    };
    let publication = publication::find_by_version(connection, version).await?;
    Ok(publication
        .is_some_and(|publication| publication.publish_status == PublishStatus::Published))
}

fn patched(service: Service, patch: Value) -> Result<Content, Problem> {
    let mut content = serde_json::to_value(content(service)).map_err(|_| Problem::internal())?;
    merge(&mut content, patch);
    from_value(content)
}

/// Merges a patch into a value (RFC 7396, section 2). The parser has bounded the depth.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(target) = target {
        for (name, value) in patch {
            if value.is_null() {
                target.remove(&name);
            } else {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

fn taken(error: StorageError) -> Problem {
    match error {
        StorageError::Duplicate => {
            Problem::conflict("another service has this name or product version already")
        }
        error => error.into(),
    }
}

fn content(service: Service) -> Content {
    Content {
        name: service.name,
        product_version_id: service.product_version,
        proxy_url: service.proxy_url,
        key_auth: service.key_auth,
        acl: service.acl,
        public: service.public,
    }
}

fn shown(service: Service) -> Shown {
    Shown {
        id: service.id,
        created_at: service.created_at,
        updated_at: service.updated_at,
        content: content(service),
    }
}
