//! From a row of the feed to the protocol's types.

use keystile_protocol::application::{Application, ApplicationState, Credential};
use keystile_protocol::service::{Access, Acl, AclRule, KeyAuth, Service};
use keystile_protocol::state::{Entry, Removed};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::developer::DeveloperStatus;
use crate::domain::id::ProductVersionId;
use crate::storage::row::{json, json_or_none, parsed, parsed_or_none, switch};
use crate::storage::{Result, StorageError};

/// Reads one entry; an application comes without groups and approvals, which are other tables' rows.
pub(super) fn entry(row: &AnyRow) -> Result<Entry> {
    let kind: String = row.try_get("kind")?;
    let has =
        |column| Ok::<bool, StorageError>(row.try_get::<Option<String>, _>(column)?.is_some());
    Ok(match kind.as_str() {
        "service" if has("service_name")? => Entry::Service(service(row)?),
        "service" => Entry::Removed(Removed::Service(parsed(row, "entity_id")?)),
        "application" if has("application_name")? => Entry::Application(application(row)?),
        "application" => Entry::Removed(Removed::Application(parsed(row, "entity_id")?)),
        "credential" if has("digest")? => Entry::Credential(credential(row)?),
        "credential" => Entry::Removed(Removed::Credential(parsed(row, "entity_id")?)),
        _ => return Err(StorageError::Corrupt { column: "kind" }),
    })
}

pub(super) fn credential(row: &AnyRow) -> Result<Credential> {
    Ok(Credential {
        id: parsed(row, "entity_id")?,
        digest: parsed(row, "digest")?,
        application: parsed(row, "credential_application")?,
        expires_at_ms: row.try_get("expires_at")?,
    })
}

pub(super) fn application(row: &AnyRow) -> Result<Application> {
    Ok(Application {
        id: parsed(row, "entity_id")?,
        name: row.try_get("application_name")?,
        reference: row.try_get("reference_id")?,
        groups: Vec::new(),
        approved: Vec::new(),
        state: application_state(row)?,
    })
}

/// A suspended application's keys are refused, and so are those of a developer who is not approved,
/// unless the portal says that approval is about logging in only.
fn application_state(row: &AnyRow) -> Result<ApplicationState> {
    let suspended_at: Option<i64> = row.try_get("application_suspended_at")?;
    let developer: Option<DeveloperStatus> = parsed_or_none(row, "developer_status")?;
    let is_admitted = developer.is_none_or(|status| status == DeveloperStatus::Approved)
        || switch(row, "revoke_keeps_traffic")?;
    Ok(if suspended_at.is_none() && is_admitted {
        ApplicationState::Active
    } else {
        ApplicationState::Suspended
    })
}

fn service(row: &AnyRow) -> Result<Service> {
    Ok(Service {
        id: parsed(row, "entity_id")?,
        name: row.try_get("service_name")?,
        access: access(row)?,
        key_auth: key_auth(row)?,
        acl: acl(row)?,
    })
}

/// A version without an auth strategy is closed; Kong opens it.
fn access(row: &AnyRow) -> Result<Access> {
    if switch(row, "is_public")? {
        return Ok(Access::Public);
    }
    let version: Option<ProductVersionId> = parsed_or_none(row, "product_version_id")?;
    let strategy: Option<String> = row.try_get("auth_strategy_id")?;
    Ok(match (version, strategy) {
        (None, _) => Access::AnyKey,
        (Some(_), None) => Access::Closed,
        (Some(version), Some(_)) => Access::Approved(version),
    })
}

fn key_auth(row: &AnyRow) -> Result<KeyAuth> {
    let own: Option<Vec<String>> = json_or_none(row, "key_names")?;
    let of_strategy: Option<Vec<String>> = json_or_none(row, "strategy_key_names")?;
    Ok(KeyAuth {
        key_names: own
            .or(of_strategy)
            .unwrap_or_else(|| KeyAuth::default().key_names),
        key_in_header: switch(row, "key_in_header")?,
        key_in_query: switch(row, "key_in_query")?,
        key_in_body: switch(row, "key_in_body")?,
        hide_credentials: switch(row, "hide_credentials")?,
        anonymous: parsed_or_none(row, "anonymous")?,
        run_on_preflight: switch(row, "run_on_preflight")?,
        realm: row.try_get("realm")?,
        value_prefix: row.try_get("value_prefix")?,
    })
}

fn acl(row: &AnyRow) -> Result<Option<Acl>> {
    let rule: Option<String> = row.try_get("acl_rule")?;
    let rule = match rule.as_deref() {
        None => return Ok(None),
        Some("allow") => AclRule::Allow(json(row, "acl_groups")?),
        Some("deny") => AclRule::Deny(json(row, "acl_groups")?),
        Some(_) => return Err(StorageError::Corrupt { column: "acl_rule" }),
    };
    Ok(Some(Acl {
        rule,
        hide_groups_header: switch(row, "hide_groups_header")?,
    }))
}
