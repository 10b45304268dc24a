//! `/admin/v1/services`: what Envoy knows an API as, and how it is guarded.

use std::borrow::Cow;

use axum::response::NoContent;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::administration::services::{self, ServiceContent};
use crate::domain::id::ServiceId;
use crate::domain::service::{KeyAuth, Service};
use crate::domain::timestamp::Timestamp;
use crate::http::admin::caller::{
    Answer, Asked, Caller, Created, Named, One, Single, created, one,
};
use crate::http::body::{Body, from_value};
use crate::http::paging::Listed;
use crate::http::problem::Problem;

/// A service on the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Shown {
    id: ServiceId,
    #[serde(flatten)]
    content: ServiceContent,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What shall be different about a service (RFC 7396).
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Patch(Value);

/// Every member may be left out, and null takes it back to what it is by itself.
impl JsonSchema for Patch {
    fn schema_name() -> Cow<'static, str> {
        "ServicePatch".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut key_auth = KeyAuth::json_schema(generator);
        loosen(&mut key_auth);
        let mut schema = ServiceContent::json_schema(generator);
        if let Some(Value::Object(members)) = schema.ensure_object().get_mut("properties") {
            members.insert("key_auth".to_owned(), key_auth.to_value());
        }
        loosen(&mut schema);
        schema
    }
}

/// Lists the services.
pub(super) async fn list(Caller(acting): Caller, asked: Asked) -> Answer<Listed<Shown>> {
    let list = services::list(&acting, &asked.wanted).await?;
    Ok(asked.answer(list, shown))
}

/// Adds a service.
pub(super) async fn add(
    Caller(acting): Caller,
    Body(content): Body<ServiceContent>,
) -> Created<Shown> {
    Ok(created(single(services::add(&acting, content).await?)))
}

/// Shows a service.
pub(super) async fn lookup(Caller(acting): Caller, Named(id): Named<ServiceId>) -> Single<Shown> {
    Ok(single(services::lookup(&acting, id).await?))
}

/// Changes a service by a merge patch (RFC 7396): what is left out stays, null goes.
pub(super) async fn change(
    Caller(acting): Caller,
    Named(id): Named<ServiceId>,
    Body(Patch(patch)): Body<Patch>,
) -> Single<Shown> {
    let service = services::change(&acting, id, |content| patched(&content, patch)).await?;
    Ok(single(service))
}

/// Removes a service: its routes are unmapped from then on.
pub(super) async fn remove(
    Caller(acting): Caller,
    Named(id): Named<ServiceId>,
) -> Result<NoContent, Problem> {
    services::remove(&acting, id).await?;
    Ok(NoContent)
}

fn patched(content: &ServiceContent, patch: Value) -> Result<ServiceContent, Problem> {
    let mut content = serde_json::to_value(content).map_err(|_| Problem::internal())?;
    merge(&mut content, patch);
    from_value(content)
}

/// Lets every member be missing or null.
fn loosen(schema: &mut Schema) {
    schema.remove("required");
    let members = schema
        .ensure_object()
        .get_mut("properties")
        .and_then(Value::as_object_mut);
    for (_, member) in members.into_iter().flatten() {
        *member = json!({"anyOf": [member.take(), {"type": "null"}]});
    }
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

fn single(service: Service) -> One<Shown> {
    one(service.updated_at, shown(service))
}

fn shown(service: Service) -> Shown {
    Shown {
        id: service.id,
        created_at: service.created_at,
        updated_at: service.updated_at,
        content: service.into(),
    }
}
