use keystile_protocol::application::ApplicationState;
use keystile_protocol::id::{ApplicationId, ProductVersionId, ServiceId};
use keystile_protocol::service::{Acl, AclRule, KeyAuth};
use uuid::Uuid;

use super::*;

const VERSION: ProductVersionId = ProductVersionId(Uuid::from_bytes([3; 16]));
const OTHER_VERSION: ProductVersionId = ProductVersionId(Uuid::from_bytes([4; 16]));
const CREDENTIAL: CredentialId = CredentialId(Uuid::from_bytes([5; 16]));

fn application() -> Application {
    Application {
        id: ApplicationId(Uuid::from_bytes([2; 16])),
        name: "weather".to_owned(),
        reference: Some("ref-1".to_owned()),
        groups: vec!["gold".to_owned(), "beta".to_owned()],
        approved: vec![OTHER_VERSION, VERSION],
        state: ApplicationState::Active,
    }
}

fn service(access: Access, acl: Option<Acl>) -> Service {
    Service {
        id: ServiceId(Uuid::from_bytes([1; 16])),
        name: "weather-v1".to_owned(),
        access,
        key_auth: KeyAuth::default(),
        acl,
    }
}

fn acl() -> Acl {
    Acl {
        rule: AclRule::Deny(vec!["banned".to_owned()]),
        hide_groups_header: false,
    }
}

fn hiding_acl() -> Acl {
    Acl {
        hide_groups_header: true,
        ..acl()
    }
}

fn groups(service: &Service, application: &Application) -> Option<String> {
    let identity = Identity::of(service, Caller::Authenticated(application, CREDENTIAL));
    identity.value(header::X_CONSUMER_GROUPS).map(str::to_owned)
}

#[test]
fn an_authenticated_caller_is_named_with_its_credential() {
    let identity = Identity::of(
        &service(Access::AnyKey, None),
        Caller::Authenticated(&application(), CREDENTIAL),
    );
    for (name, expected) in [
        (
            header::X_CONSUMER_ID,
            Some("02020202-0202-0202-0202-020202020202"),
        ),
        (header::X_CONSUMER_USERNAME, Some("weather")),
        (header::X_CONSUMER_CUSTOM_ID, Some("ref-1")),
        (
            header::X_CREDENTIAL_IDENTIFIER,
            Some("05050505-0505-0505-0505-050505050505"),
        ),
        (header::X_ANONYMOUS_CONSUMER, None),
        (header::X_CREDENTIAL_USERNAME, None),
        (header::X_AUTHENTICATED_GROUPS, None),
    ] {
        assert_eq!(identity.value(name), expected, "{name}");
    }
}

#[test]
fn an_anonymous_caller_has_no_credential() {
    let identity = Identity::of(
        &service(Access::AnyKey, None),
        Caller::Anonymous(&application()),
    );
    assert_eq!(identity.value(header::X_ANONYMOUS_CONSUMER), Some("true"));
    assert_eq!(identity.value(header::X_CREDENTIAL_IDENTIFIER), None);
}

#[test]
fn groups_are_the_free_ones_and_this_services_version() {
    assert_eq!(
        groups(
            &service(Access::Approved(VERSION), Some(acl())),
            &application()
        ),
        Some(format!("gold, beta, {VERSION}"))
    );
}

#[test]
fn a_version_that_is_not_approved_is_no_group() {
    let unapproved = Application {
        approved: vec![OTHER_VERSION],
        ..application()
    };
    assert_eq!(
        groups(&service(Access::Approved(VERSION), None), &unapproved),
        Some("gold, beta".to_owned())
    );
}

#[test]
fn no_groups_with_an_acl_is_an_empty_header() {
    let none = Application {
        groups: Vec::new(),
        ..application()
    };
    assert_eq!(
        groups(&service(Access::AnyKey, Some(acl())), &none),
        Some(String::new())
    );
}

#[test]
fn groups_stay_unsaid_where_they_are_hidden_or_decide_nothing() {
    for service in [
        service(Access::AnyKey, None),
        service(Access::AnyKey, Some(hiding_acl())),
        service(Access::Approved(VERSION), Some(hiding_acl())),
    ] {
        assert_eq!(groups(&service, &application()), None);
    }
}

#[test]
fn a_group_that_would_read_as_several_is_left_out() {
    let application = Application {
        groups: vec!["a, admin".to_owned(), "b\n".to_owned(), "gold".to_owned()],
        ..application()
    };
    assert_eq!(
        groups(&service(Access::AnyKey, Some(acl())), &application),
        Some("gold".to_owned())
    );
}

#[test]
fn a_value_with_a_control_character_is_never_sent() {
    for control in ["\r\nx: y", "\0", "\u{7f}", "\t"] {
        let application = Application {
            name: format!("a{control}"),
            reference: Some(format!("b{control}")),
            ..application()
        };
        let identity = Identity::of(
            &service(Access::AnyKey, None),
            Caller::Authenticated(&application, CREDENTIAL),
        );
        assert_eq!(identity.value(header::X_CONSUMER_USERNAME), None);
        assert_eq!(identity.value(header::X_CONSUMER_CUSTOM_ID), None);
        assert!(identity.value(header::X_CONSUMER_ID).is_some());
    }
}

#[test]
fn a_name_outside_ascii_is_sent_as_its_bytes() {
    let application = Application {
        name: "météo".to_owned(),
        ..application()
    };
    let identity = Identity::of(
        &service(Access::AnyKey, None),
        Caller::Anonymous(&application),
    );
    assert_eq!(identity.value(header::X_CONSUMER_USERNAME), Some("météo"));
}

#[test]
fn owned_headers_of_the_client_are_listed_in_its_spelling() {
    let head = Head::of(&[
        ("x-consumer-id", "evil"),
        ("x.consumer.id", "evil"),
        ("x_consumer_id", "evil"),
        ("x-consumer-id", "evil"),
        ("x-consumer", "fine"),
    ]);
    let names: Vec<_> = owned_headers(&head).map(|place| head.name(place)).collect();
    let expected = "x-consumer-id x.consumer.id x_consumer_id x-consumer-id";
    assert_eq!(names.join(&b' '), expected.as_bytes());
}
