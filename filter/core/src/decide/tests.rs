use keystile_protocol::id::{ApplicationId, CredentialId, ProductVersionId, ServiceId};
use keystile_protocol::service::{Acl, KeyAuth};
use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp(1_000);

fn version(number: u128) -> ProductVersionId {
    ProductVersionId(Uuid::from_u128(number))
}

fn service(access: Access, rule: Option<AclRule>) -> Service {
    Service {
        id: ServiceId(Uuid::from_u128(1)),
        name: "weather".to_owned(),
        access,
        key_auth: KeyAuth::default(),
        acl: rule.map(|rule| Acl {
            rule,
            hide_groups_header: false,
        }),
    }
}

fn application(groups: &[&str], approved: &[u128]) -> Application {
    Application {
        id: ApplicationId(Uuid::from_u128(2)),
        name: "app".to_owned(),
        reference: None,
        groups: names(groups),
        approved: approved.iter().map(|number| version(*number)).collect(),
        state: ApplicationState::Active,
    }
}

fn names(groups: &[&str]) -> Vec<String> {
    groups.iter().map(|group| (*group).to_owned()).collect()
}

fn allow(groups: &[&str]) -> AclRule {
    AclRule::Allow(names(groups))
}

fn deny(groups: &[&str]) -> AclRule {
    AclRule::Deny(names(groups))
}

/// `None` when the application's key is admitted.
fn denial_of_key(service: &Service, application: &Application) -> Option<Denial> {
    let holder = Holder {
        credential: CredentialId(Uuid::from_u128(3)),
        expires_at_ms: None,
        application,
    };
    denial(decide(service, Ok(holder), Finding::Absent, NOW))
}

/// `None` when a request without a key is admitted as the application.
fn denial_of_anonymous(service: &Service, application: &Application) -> Option<Denial> {
    let anonymous = Finding::Known(application);
    denial(decide(service, Err(Denial::NoKey), anonymous, NOW))
}

fn denial(verdict: Verdict<'_>) -> Option<Denial> {
    match verdict {
        Verdict::Permit(_) => None,
        Verdict::Deny(denial) => Some(denial),
    }
}

#[test]
fn any_live_key_opens_a_service_without_a_product_version() {
    let service = service(Access::AnyKey, None);
    assert_eq!(denial_of_key(&service, &application(&[], &[])), None);
}

#[test]
fn only_this_versions_approval_opens_it() {
    let service = service(Access::Approved(version(7)), None);
    for (approved, denial) in [
        (&[7, 8][..], None),
        (&[8], Some(Denial::NotAdmitted)),
        (&[], Some(Denial::NotAdmitted)),
    ] {
        let application = application(&["gold"], approved);
        assert_eq!(denial_of_key(&service, &application), denial);
    }
}

#[test]
fn approval_and_acl_both_have_to_admit() {
    let service = service(Access::Approved(version(7)), Some(allow(&["gold"])));
    for (groups, approved, denial) in [
        (&["gold"][..], &[7][..], None),
        (&["gold"], &[], Some(Denial::NotAdmitted)),
        (&[], &[7], Some(Denial::NotAdmitted)),
    ] {
        let application = application(groups, approved);
        assert_eq!(denial_of_key(&service, &application), denial);
    }
}

#[test]
fn a_group_that_looks_like_an_approval_is_none() {
    let service = service(Access::Approved(version(7)), None);
    let application = application(&[&version(7).to_string()], &[]);
    assert_eq!(
        denial_of_key(&service, &application),
        Some(Denial::NotAdmitted)
    );
}

#[test]
fn an_acl_is_about_exact_names() {
    for (rule, groups, is_admitted) in [
        (allow(&["gold"]), &["silver", "gold"][..], true),
        (allow(&["gold"]), &["Gold"], false),
        (allow(&["gold"]), &[], false),
        (allow(&[]), &["gold"], false),
        (deny(&["gold"]), &["silver", "gold"], false),
        (deny(&["gold"]), &["Gold"], true),
        (deny(&["gold"]), &[], true),
    ] {
        let service = service(Access::AnyKey, Some(rule.clone()));
        let denial = denial_of_key(&service, &application(groups, &[]));
        assert_eq!(denial.is_none(), is_admitted, "{rule:?} {groups:?}");
    }
}

#[test]
fn a_key_ends_at_its_moment() {
    let service = service(Access::AnyKey, None);
    let application = application(&[], &[]);
    for (expires_at_ms, denied) in [
        (1_001, None),
        (1_000, Some(Denial::UnknownKey)),
        (-1, Some(Denial::UnknownKey)),
    ] {
        let holder = Holder {
            credential: CredentialId(Uuid::from_u128(3)),
            expires_at_ms: Some(expires_at_ms),
            application: &application,
        };
        let verdict = decide(&service, Ok(holder), Finding::Absent, NOW);
        assert_eq!(denial(verdict), denied, "expires at {expires_at_ms}");
    }
}

#[test]
fn a_suspended_application_is_known_and_refused() {
    let mut application = application(&[], &[]);
    application.state = ApplicationState::Suspended;
    assert_eq!(
        denial_of_key(&service(Access::AnyKey, None), &application),
        Some(Denial::NotAdmitted)
    );
}

#[test]
fn without_an_anonymous_application_the_denial_stays_what_it_is() {
    let service = service(Access::AnyKey, None);
    for denied in [Denial::NoKey, Denial::DuplicateKey, Denial::UnknownKey] {
        let verdict = decide(&service, Err(denied), Finding::Absent, NOW);
        assert_eq!(denial(verdict), Some(denied));
    }
}

#[test]
fn an_anonymous_application_that_is_not_known_yet_leaves_it_undecided() {
    let service = service(Access::AnyKey, None);
    let verdict = decide(&service, Err(Denial::NoKey), Finding::Unsure, NOW);
    assert_eq!(denial(verdict), Some(Denial::Undecidable));
}

#[test]
fn a_suspended_anonymous_application_is_as_if_unset() {
    let mut application = application(&[], &[]);
    application.state = ApplicationState::Suspended;
    assert_eq!(
        denial_of_anonymous(&service(Access::AnyKey, None), &application),
        Some(Denial::NoKey)
    );
}

#[test]
fn the_anonymous_application_is_judged_like_any_other() {
    let to_no_group = Some(Denial::AnonymousNotAdmitted);
    let refused = Some(Denial::NotAdmitted);
    for (rule, groups, denial) in [
        (allow(&["gold"]), &["gold"][..], None),
        (allow(&["gold"]), &["silver"], refused),
        (allow(&["gold"]), &[], to_no_group),
        (deny(&["gold"]), &[], None),
        (deny(&["gold"]), &["gold"], refused),
    ] {
        let service = service(Access::AnyKey, Some(rule.clone()));
        let found = denial_of_anonymous(&service, &application(groups, &[]));
        assert_eq!(found, denial, "{rule:?} {groups:?}");
    }
}

#[test]
fn the_anonymous_application_needs_an_approval_where_others_do() {
    let service = service(Access::Approved(version(7)), None);
    for (groups, approved, denial) in [
        (&[][..], &[7][..], None),
        (&[], &[], Some(Denial::AnonymousNotAdmitted)),
        (&[], &[8], Some(Denial::NotAdmitted)),
        (&["gold"], &[], Some(Denial::NotAdmitted)),
    ] {
        let application = application(groups, approved);
        assert_eq!(denial_of_anonymous(&service, &application), denial);
    }
}

#[test]
fn a_known_key_is_not_turned_anonymous_when_it_is_not_admitted() {
    let service = service(Access::AnyKey, Some(allow(&["gold"])));
    let known = application(&["silver"], &[]);
    let anonymous = application(&["gold"], &[]);
    let holder = Holder {
        credential: CredentialId(Uuid::from_u128(3)),
        expires_at_ms: None,
        application: &known,
    };
    let verdict = decide(&service, Ok(holder), Finding::Known(&anonymous), NOW);
    assert_eq!(denial(verdict), Some(Denial::NotAdmitted));
}
