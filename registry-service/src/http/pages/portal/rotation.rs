//! Another key in place of one, with time to change over.

use serde::Serialize;

use crate::domain::credential::Overlap;
use crate::domain::id::{ApplicationId, CredentialId};
use crate::http::pages::portal::credentials::{Owner, already_shown, named, show_key};
use crate::http::pages::portal::guest::Member;
use crate::http::pages::{Draft, Form, PageResult};
use crate::http::path::Named;
use crate::http::problem::Problem;
use crate::self_service::credential::{self, CredentialError};
use crate::self_service::rotation::{self, Rotation};

const PAGE: &str = "portal/rotate_credential.html";

/// The ids in the path of a credential.
type Ids = (ApplicationId, CredentialId);

#[derive(Serialize)]
struct Page {
    application: Owner,
    credential: CredentialId,
    display_name: String,
    overlaps: Vec<(&'static str, &'static str)>,
    form: Draft,
}

/// Shows the form; the password comes first if it was given long ago.
pub(super) async fn show(member: Member, Named(ids): Named<Ids>) -> PageResult {
    let visit = &member.visit;
    if !member
        .signed_in
        .may_make_secrets(visit.registry.clock.now())
    {
        return Ok(visit.password_first(&path(ids)));
    }
    let old = credential::lookup(&visit.registry, member.signed_in, ids).await?;
    let form = Draft::blank(&[])
        .with("overlap", Overlap::Day)
        .with("once", visit.registry.random.uuid());
    let page = Page {
        application: named(&member, ids.0).await?,
        credential: ids.1,
        display_name: old.display_name.to_string(),
        overlaps: overlaps(),
        form,
    };
    visit.show(PAGE, page)
}

/// Makes the new key and shows it once.
pub(super) async fn send(member: Member, Named(ids): Named<Ids>, form: Form) -> PageResult {
    let (Ok(overlap), Ok(once)) = (form.text("overlap").parse(), form.text("once").parse()) else {
        let reason = "must be one of the choices";
        return Err(Problem::invalid_field("overlap", "enum", reason).into());
    };
    let rotation = Rotation {
        overlap,
        expires_at: None,
        once: Some(once),
    };
    let application = named(&member, ids.0).await?;
    let registry = &member.visit.registry;
    match rotation::rotate(registry, member.signed_in, (ids, rotation)).await {
        Ok(issued) => show_key(&member, application, &issued).await,
        Err(CredentialError::LoginTooOld) => Ok(member.visit.password_first(&path(ids))),
        Err(CredentialError::AlreadyShown) => already_shown(&member, application),
        Err(error) => Err(error.into()),
    }
}

fn overlaps() -> Vec<(&'static str, &'static str)> {
    vec![
        (Overlap::None.name(), "Not at all: it stops at once"),
        (Overlap::Hour.name(), "An hour"),
        (Overlap::Day.name(), "A day"),
        (Overlap::Week.name(), "A week"),
        (Overlap::Month.name(), "30 days"),
    ]
}

fn path((application, credential): Ids) -> String {
    format!("/applications/{application}/credentials/{credential}/rotate")
}
