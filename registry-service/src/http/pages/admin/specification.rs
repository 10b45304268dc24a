//! The specification of a version: an OpenAPI document.

use keystile_protocol::id::ProductVersionId;
use serde_json::json;

use crate::administration::specifications::{self, NewSpecification, SpecificationChanges};
use crate::domain::id::ApiProductId;
use crate::domain::specification::Specification;
use crate::http::pages::admin::desk::{Desk, noted};
use crate::http::pages::admin::versions::Known;
use crate::http::pages::{Draft, Form, PageResult};
use crate::http::path::Named;

const TEMPLATE: &str = "admin/specification.html";

const FIELDS: [&str; 2] = ["name", "content"];

type Ids = (ApiProductId, ProductVersionId);

/// Shows the specification, or asks for one.
pub(super) async fn show(desk: Desk, Named(ids): Named<Ids>) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    let found = specifications::of_version(&desk.acting, ids.0, ids.1).await?;
    let draft = found.as_ref().map_or_else(
        || Draft::blank(&FIELDS).with("name", "openapi.yaml"),
        |found| {
            Draft::blank(&FIELDS)
                .with("name", &found.name)
                .with("content", &found.content)
        },
    );
    desk.show(TEMPLATE, page(&known, found.as_ref(), &draft))
}

/// Keeps a specification.
pub(super) async fn keep(desk: Desk, Named(ids): Named<Ids>, form: Form) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    let found = specifications::of_version(&desk.acting, ids.0, ids.1).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    if let Some(name) = draft.parse("name") {
        let content = draft.text("content").to_owned();
        let kept = match &found {
            None => {
                specifications::add(&desk.acting, ids, NewSpecification { name, content }).await
            }
            Some(found) => {
                let changes = SpecificationChanges {
                    name: Some(name),
                    content: Some(content),
                };
                specifications::change(&desk.acting, (ids.0, ids.1, found.id), changes).await
            }
        };
        match kept {
            Ok(_) => return desk.done(&known.path(), "The specification is saved."),
            Err(error) => noted(&mut draft, error, "name")?,
        }
    }
    desk.refuse(TEMPLATE, page(&known, found.as_ref(), &draft))
}

/// Removes the specification.
pub(super) async fn remove(desk: Desk, Named(ids): Named<Ids>, _: Form) -> PageResult {
    let known = Known::read(&desk, ids).await?;
    if let Some(found) = specifications::of_version(&desk.acting, ids.0, ids.1).await? {
        specifications::remove(&desk.acting, (ids.0, ids.1, found.id)).await?;
    }
    desk.done(&known.path(), "The specification is deleted.")
}

fn page(known: &Known, found: Option<&Specification>, draft: &Draft) -> serde_json::Value {
    json!({
        "version": known.shown(),
        "path": known.path(),
        "is_there": found.is_some(),
        "form": draft,
    })
}
