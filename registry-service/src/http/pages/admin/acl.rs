//! The acl of a service: free groups that are admitted or refused, beside approvals.

use serde_json::{Value, json};

use crate::administration::AdministrationError;
use crate::administration::services::{self, ServiceContent};
use crate::domain::id::ServiceId;
use crate::domain::service::{Acl, AclRule};
use crate::domain::text::Line;
use crate::http::pages::admin::desk::{Desk, Refused, noted};
use crate::http::pages::admin::services::Known;
use crate::http::pages::{Draft, Form, PageResult};
use crate::http::path::Named;

const TEMPLATE: &str = "admin/acl.html";

const GROUPS: &str = "groups";

const FIELDS: [&str; 3] = ["rule", GROUPS, "hide_groups_header"];

/// Shows the acl.
pub(super) async fn show(desk: Desk, Named(id): Named<ServiceId>) -> PageResult {
    let known = Known::read(&desk, id).await?;
    let draft = draft(known.service.acl.as_ref());
    desk.show(TEMPLATE, page(&known, &draft))
}

/// Changes the acl.
pub(super) async fn change(desk: Desk, Named(id): Named<ServiceId>, form: Form) -> PageResult {
    let known = Known::read(&desk, id).await?;
    let mut draft = Draft::of(&form, &FIELDS);
    if let Ok(acl) = parse(&mut draft) {
        let revise = |content: ServiceContent| {
            Ok::<_, AdministrationError>(ServiceContent { acl, ..content })
        };
        match services::change(&desk.acting, id, revise).await {
            Ok(_) => return desk.done(&known.path(), "The acl is saved."),
            Err(error) => noted(&mut draft, error, GROUPS)?,
        }
    }
    desk.refuse(TEMPLATE, page(&known, &draft))
}

/// Reads an acl, which there may be none of.
fn parse(draft: &mut Draft) -> Result<Option<Acl>, Refused> {
    let groups = groups(draft, GROUPS).ok_or(Refused)?;
    let rule = match draft.text("rule") {
        "allow" => AclRule::Allow(groups),
        "deny" => AclRule::Deny(groups),
        _ => return Ok(None),
    };
    Ok(Some(Acl {
        rule,
        hide_groups_header: !draft.text("hide_groups_header").is_empty(),
    }))
}

/// Reads group names, one a line.
pub(super) fn groups(draft: &mut Draft, field: &'static str) -> Option<Vec<Line<128>>> {
    let lines = draft.text(field).lines().map(str::trim);
    let names: Result<Vec<Line<128>>, _> = lines
        .filter(|line| !line.is_empty())
        .map(Line::parse)
        .collect();
    match names {
        Ok(names) => Some(names),
        Err(error) => {
            draft.refuse(field, format!("each line {error}"));
            None
        }
    }
}

fn draft(acl: Option<&Acl>) -> Draft {
    let (rule, groups) = match acl.map(|acl| &acl.rule) {
        Some(AclRule::Allow(groups)) => ("allow", groups.as_slice()),
        Some(AclRule::Deny(groups)) => ("deny", groups.as_slice()),
        None => ("", [].as_slice()),
    };
    let names: Vec<&str> = groups.iter().map(Line::as_str).collect();
    let is_hidden = acl.is_some_and(|acl| acl.hide_groups_header);
    Draft::blank(&FIELDS)
        .with("rule", rule)
        .with(GROUPS, names.join("\n"))
        .with("hide_groups_header", if is_hidden { "on" } else { "" })
}

fn page(known: &Known, draft: &Draft) -> Value {
    json!({
        "service": known.service.name,
        "path": known.path(),
        "has_version": known.service.product_version.is_some(),
        "form": draft,
    })
}
