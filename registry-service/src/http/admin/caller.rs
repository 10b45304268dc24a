//! What every handler of the admin API begins with: who asks, and the registry.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::access::Actor;
use crate::domain::timestamp::Timestamp;
use crate::http::problem::{InvalidParameter, Problem};
use crate::registry::Registry;
use crate::storage::{Snapshot, Write};

pub(super) use crate::http::path::Named;

/// What a handler answers.
pub(super) type Answer<T> = Result<Json<T>, Problem>;

/// What a handler answers that made something.
pub(super) type Created<T> = Result<(StatusCode, Json<T>), Problem>;

/// Who asks, and the registry.
pub(super) struct Caller {
    pub(super) registry: Arc<Registry>,
    pub(super) actor: Actor,
}

/// Which items of a list are wanted: `filter[..]`.
pub(super) struct Filters<T>(pub(super) T);

// === impl Caller ===

impl Caller {
    /// Begins to read.
    pub(super) async fn read(&self) -> Result<Snapshot, Problem> {
        Ok(self.registry.storage.read().await?)
    }

    /// Begins to write in the caller's name.
    pub(super) async fn write(&self) -> Result<Write, Problem> {
        let now = self.registry.clock.now();
        Ok(self.registry.storage.write(self.actor, now).await?)
    }

    /// Returns the time.
    pub(super) fn now(&self) -> Timestamp {
        self.registry.clock.now()
    }

    /// Returns a new id.
    pub(super) fn new_id(&self) -> Uuid {
        self.registry.random.uuid()
    }
}

impl FromRequestParts<Arc<Registry>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        registry: &Arc<Registry>,
    ) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Actor>().copied();
        Ok(Self {
            registry: Arc::clone(registry),
            // No layer let the request in: nobody may call.
            actor: actor.ok_or_else(|| Problem::unauthenticated("this needs an access token"))?,
        })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Filters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(filters)) => Ok(Self(filters)),
            Err(rejection) => Err(Problem::invalid(InvalidParameter {
                field: "filter".to_owned(),
                rule: "type",
                reason: rejection.body_text(),
                source: "query",
            })),
        }
    }
}

/// Answers something that was made.
pub(super) fn created<T>(item: T) -> (StatusCode, Json<T>) {
    (StatusCode::CREATED, Json(item))
}
