//! From a row of the feed to the protocol's types.

use std::str::FromStr;

use keystile_protocol::application::{Application, ApplicationState, Credential};
use keystile_protocol::service::{Access, Acl, AclRule, KeyAuth, Service};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::domain::developer::DeveloperStatus;
use crate::domain::id::ProductVersionId;
use crate::storage::row::{json, json_or_none, parsed, parsed_or_none, switch};
use crate::storage::{Result, StorageError};

/// The columns of a row of `service s`, `publication p` and `auth_strategy t`.
pub(super) const SERVICE: &str = "s.service_id, s.name as service_name, s.product_version_id, \
    s.key_names, s.key_in_header, s.key_in_query, s.key_in_body, s.hide_credentials, s.anonymous, \
    s.run_on_preflight, s.realm, s.value_prefix, s.acl_rule, s.acl_groups, s.hide_groups_header, \
    s.is_public, p.auth_strategy_id, t.key_names as strategy_key_names";

/// The columns of a row of `application a`, `developer d` and `portal o`. Line feeds separate what is
/// in lists; no name has one.
pub(super) const APPLICATION: &str = "a.application_id, a.name as application_name, a.reference_id, \
    a.suspended_at as application_suspended_at, d.status as developer_status, \
    o.revoke_keeps_traffic, \
    (select string_agg(m.name, '\n') from application_group m \
     where m.application_id = a.application_id) as group_names, \
    (select string_agg(r.product_version_id, '\n') from registration r \
     where r.application_id = a.application_id and r.status = 'approved') as approved_versions";

/// The columns of a row of `credential k`.
pub(super) const CREDENTIAL: &str =
    "k.credential_id, k.digest, k.application_id as credential_application, k.expires_at";

pub(super) fn credential(row: &AnyRow) -> Result<Credential> {
    Ok(Credential {
        id: parsed(row, "credential_id")?,
        digest: parsed(row, "digest")?,
        application: parsed(row, "credential_application")?,
        expires_at_ms: row.try_get("expires_at")?,
    })
}

pub(super) fn application(row: &AnyRow) -> Result<Application> {
    Ok(Application {
        id: parsed(row, "application_id")?,
        name: row.try_get("application_name")?,
        reference: row.try_get("reference_id")?,
        groups: several(row, "group_names")?,
        approved: several(row, "approved_versions")?,
        state: application_state(row)?,
    })
}

/// Reads a list, in an order of its own: the databases have none.
fn several<T: FromStr + Ord>(row: &AnyRow, column: &'static str) -> Result<Vec<T>> {
    let text: Option<String> = row.try_get(column)?;
    let items = text
        .as_deref()
        .into_iter()
        .flat_map(|text| text.split('\n'));
    let mut items = items
        .map(|item| item.parse().map_err(|_| StorageError::Corrupt { column }))
        .collect::<Result<Vec<T>>>()?;
    items.sort_unstable();
    Ok(items)
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

pub(super) fn service(row: &AnyRow) -> Result<Service> {
    Ok(Service {
        id: parsed(row, "service_id")?,
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
