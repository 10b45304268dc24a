use uuid::Uuid;

use super::*;
use crate::application::{Application, ApplicationState, Credential};
use crate::check::{CheckRequest, CheckResponse, Outcome};
use crate::id::{ApplicationId, CredentialId, Epoch, ProductVersionId, ServiceId};
use crate::key::KeyDigest;
use crate::service::{Access, Acl, AclRule, KeyAuth, Service};
use crate::state::{Cursor, Entry, Page, Removed};
use crate::usage::{Count, Latency, Report, Warning};

fn id(byte: u8) -> Uuid {
    Uuid::from_bytes([byte; 16])
}

fn application() -> Application {
    Application {
        id: ApplicationId(id(2)),
        name: "weather".to_owned(),
        reference: Some("ref-1".to_owned()),
        groups: vec!["gold".to_owned()],
        approved: vec![ProductVersionId(id(3))],
        state: ApplicationState::Active,
    }
}

fn credential() -> Credential {
    Credential {
        id: CredentialId(id(4)),
        digest: KeyDigest::from_bytes([5; 32]),
        application: ApplicationId(id(2)),
        expires_at_ms: Some(1_700_000_000_000),
    }
}

fn page() -> Page {
    let service = Service {
        id: ServiceId(id(1)),
        name: "weather-v1".to_owned(),
        access: Access::Approved(ProductVersionId(id(3))),
        key_auth: KeyAuth::default(),
        acl: Some(Acl {
            rule: AclRule::Allow(vec!["gold".to_owned()]),
            hide_groups_header: false,
        }),
    };
    Page {
        epoch: Epoch(id(9)),
        first: Cursor::START,
        last: Cursor::everything(7),
        head: 7,
        start_over: false,
        entries: vec![
            Entry::Service(service),
            Entry::Application(application()),
            Entry::Credential(credential()),
            Entry::Removed(Removed::Credential(CredentialId(id(6)))),
        ],
    }
}

fn report() -> Report {
    Report {
        gateway: "edge-1".to_owned(),
        vm: "18c-1-2".to_owned(),
        sequence: 3,
        version: "0.1.0".to_owned(),
        revision: 7,
        age_ms: Some(20),
        warnings: vec![Warning::BodiesNotRead],
        counts: vec![Count {
            credential: CredentialId(id(4)),
            service: ServiceId(id(1)),
            status: 200,
            last_ms: 1_700_000_000_000,
            latencies: vec![Latency {
                bucket: 4,
                requests: 300,
            }],
        }],
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[test]
fn a_page_reads_back_what_was_written() {
    let bytes = encode(&page()).unwrap();
    assert_eq!(decode::<Page>(&bytes), Ok(page()));
}

#[test]
fn a_page_in_json_reads_back_what_was_written() {
    let text = serde_json::to_string(&page()).unwrap();
    assert_eq!(serde_json::from_str::<Page>(&text).unwrap(), page());
}

#[test]
fn the_bytes_of_a_page_stay_what_version_1_says() {
    assert_eq!(
        hex(&encode(&page()).unwrap()),
        include_str!("page.v1.hex").trim()
    );
}

#[test]
fn the_bytes_of_a_check_stay_what_version_1_says() {
    let request = CheckRequest {
        service: "weather-v1".to_owned(),
        digest: KeyDigest::from_bytes([5; 32]),
    };
    let response = CheckResponse {
        epoch: Epoch(id(9)),
        revision: 7,
        digest: request.digest,
        outcome: Outcome::Found {
            credential: credential(),
            application: application(),
        },
    };
    let both = format!(
        "{}\n{}",
        hex(&encode(&request).unwrap()),
        hex(&encode(&response).unwrap())
    );
    assert_eq!(both, include_str!("check.v1.hex").trim());
}

#[test]
fn the_bytes_of_a_report_stay_what_version_1_says() {
    let bytes = encode(&report()).unwrap();
    assert_eq!(hex(&bytes), include_str!("report.v1.hex").trim());
    assert_eq!(decode::<Report>(&bytes), Ok(report()));
}

#[test]
fn a_report_in_json_reads_back_what_was_written() {
    let text = serde_json::to_string(&report()).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report());
}

#[test]
fn cut_off_or_overlong_bytes_are_refused() {
    let bytes = encode(&page()).unwrap();
    for length in 0..bytes.len() {
        assert_eq!(
            decode::<Page>(&bytes[..length]),
            Err(InvalidMessage),
            "cut to {length}"
        );
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(decode::<Page>(&longer), Err(InvalidMessage));
}
