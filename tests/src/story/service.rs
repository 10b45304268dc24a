//! Flow B: enable key authentication for application registration.

use keystile_protocol::id::{ApplicationId, ProductVersionId};
use serde_json::json;

use super::application::Registered;
use super::{Probe, Setting, Story};
use crate::api::{IssuedKey, Publication};
use crate::client::Request;
use crate::error::StageError;

/// What the route of this flow names.
pub const SERVICE: &str = "billing-v1";

const PATH: &str = "/billing";
const REALM: &str = "billing";

/// An application whose registration is pending.
struct Requested {
    application: ApplicationId,
    registration: String,
    key: IssuedKey,
}

/// Walks the flow with the people of the other one; returns a key that works.
pub fn walk(
    setting: &Setting<'_>,
    people: &Registered,
    story: &mut Story<'_>,
) -> Result<IssuedKey, StageError> {
    let version = configure(people, story)?;
    let requested = request(setting, people, version, story)?;
    decide(setting, people, &requested, story)?;
    renew(setting, people, &requested, story)
}

/// Steps 1 and 2: the administrator describes the service and fills in Key Authentication.
fn configure(people: &Registered, story: &mut Story<'_>) -> Result<ProductVersionId, StageError> {
    let admin = &people.admin;
    let service = story.step("Admin adds the service billing-v1", |_| {
        admin.create_service(SERVICE, &json!({}))
    })?;
    let product = story.step("Admin creates the API product Billing", |_| {
        admin.create_product("Billing")
    })?;
    let version = story.step("Admin adds version v1 of that service", |_| {
        admin.create_version_of(service, &product, "v1")
    })?;
    story.step("Admin enables app registration, approved by hand", |_| {
        let publication = Publication {
            strategy: people.strategy.clone(),
            auto_approve: false,
        };
        admin.publish(version, &publication)
    })?;
    story.step("Admin fills in Key Authentication: body too", |_| {
        let form = json!({
            "key_names": ["apikey"],
            "key_in_header": true,
            "key_in_query": true,
            "key_in_body": true,
            "hide_credentials": true,
            "anonymous": null,
            "run_on_preflight": true,
            "realm": REALM,
        });
        admin.change_service(service, &json!({"key_auth": form}))
    })?;
    Ok(version)
}

/// Step 3, as the developer sees it: a request that waits for the administrator.
fn request(
    setting: &Setting<'_>,
    people: &Registered,
    version: ProductVersionId,
    story: &mut Story<'_>,
) -> Result<Requested, StageError> {
    let developer = &people.developer;
    let application = story.step("Developer creates the application Ledger", |_| {
        developer.create_application("Ledger", "ledger-1")
    })?;
    let registration = story.step("Developer requests access: pending", |_| {
        match developer.request_access(application, version)? {
            registration if registration.status == "pending" => Ok(registration.id),
            registration => Err(StageError::unexpected("waiting", &registration)),
        }
    })?;
    let key = story.step("Developer generates a credential", |_| {
        developer.issue_key(application, "default")
    })?;
    Probe::header(setting.proxy, PATH, &key.key).answers(
        story,
        "The key is known, the registration pending",
        403,
    )?;
    Ok(Requested {
        application,
        registration,
        key,
    })
}

/// Step 3, as the administrator sees it: approved, revoked, approved again; Envoy is not touched.
fn decide(
    setting: &Setting<'_>,
    people: &Registered,
    requested: &Requested,
    story: &mut Story<'_>,
) -> Result<(), StageError> {
    let admin = &people.admin;
    let (of, id) = (requested.application, requested.registration.as_str());
    let call = Probe::header(setting.proxy, PATH, &requested.key.key);
    story.step("Admin sees the request for access", |_| {
        match admin.registrations("pending")? {
            pending if pending.iter().any(|one| one == id) => Ok(()),
            pending => Err(StageError::unexpected("request for access", &pending)),
        }
    })?;
    story.step("Admin approves it", |_| admin.approve(of, id))?;
    call.answers(story, "Within a second the key works", 200)?;
    story.step("Admin revokes it", |_| admin.revoke(of, id))?;
    call.answers(story, "Within a second the key is refused", 403)?;
    story.step("Admin approves it again", |_| admin.approve(of, id))?;
    call.answers(story, "Within a second the key works again", 200)?;
    Ok(())
}

/// Steps 4 to 6: credentials come and go; header, query and body give the same.
fn renew(
    setting: &Setting<'_>,
    people: &Registered,
    requested: &Requested,
    story: &mut Story<'_>,
) -> Result<IssuedKey, StageError> {
    let proxy = setting.proxy;
    let developer = &people.developer;
    let key = story.step("Developer generates another credential", |_| {
        developer.issue_key(requested.application, "second")
    })?;
    story.step("Developer deletes the first one", |_| {
        developer.delete_credential(requested.application, requested.key.id)
    })?;
    let first = Probe::header(proxy, PATH, &requested.key.key);
    first.answers(story, "Within a second the first key is refused", 401)?;
    Probe::header(proxy, PATH, &key.key).answers(story, "The key works in a header", 200)?;
    Probe::query(proxy, PATH, &key.key).answers(story, "The key works in the query", 200)?;
    Probe::form(proxy, PATH, &key.key).answers(story, "The key works in a form", 200)?;
    let nothing = Probe::new(proxy, Request::get(PATH), PATH);
    let refused = nothing.answers(story, "Without a key it is refused", 401)?;
    let challenge = refused.header("www-authenticate");
    if challenge.as_deref() != Some(&format!("Key realm=\"{REALM}\"")) {
        return Err(StageError::unexpected(
            "challenge with the realm",
            &challenge,
        ));
    }
    Ok(key)
}
