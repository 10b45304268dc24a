//! Everything that takes access away, and what gives it back, in real time.

use serde_json::{Value, json};
use stage::api::{Admin, Publication};
use stage::error::StageError;
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, PROPAGATION, with_key};

/// A change of one thing: where, what, what a key gets then, and what undoes it.
struct Change {
    path: String,
    take: Value,
    status: u16,
    give_back: Value,
}

/// What a developer has: an application that is registered, and a key.
struct Party {
    key: String,
    changes: Vec<Change>,
}

/// What there is by id, as far as it can be changed.
struct Ids {
    developer: String,
    application: String,
    registration: String,
    version: String,
    strategy: String,
}

/// Makes a developer with an application that is approved for a service.
fn party(admin: &Admin) -> Result<Party, StageError> {
    let strategy = admin.create_strategy("key-auth", &["apikey"])?;
    let service = admin.create_service("weather-v1", &json!({}))?;
    let product = admin.create_product("weather")?;
    let version = admin.create_version_of(service, &product, "v1")?;
    let publication = Publication {
        strategy: strategy.clone(),
        auto_approve: true,
    };
    admin.publish(version, &publication)?;
    let made = |path: &str, body: Value| -> Result<String, StageError> {
        let answer = admin.caller().post(path, &body)?;
        answer.expect(201)?.parse("/id")
    };
    let developer = json!({"email": "ada@example.test", "full_name": "Ada"});
    let developer = made("/admin/v1/developers", developer)?;
    let application = made(
        "/admin/v1/applications",
        json!({"name": "Umbrella", "developer_id": developer, "auth_strategy_id": strategy}),
    )?;
    let registration = made(
        "/admin/v1/registrations",
        json!({"application_id": application, "product_version_id": version}),
    )?;
    let key = admin.issue_key(application.parse().unwrap(), "of a journey")?;
    let ids = Ids {
        developer,
        application,
        registration,
        version: version.to_string(),
        strategy,
    };
    Ok(Party {
        changes: changes(admin.portal(), &ids, &key.id.to_string()),
        key: key.key,
    })
}

/// Lists whatever can come between a key and a service.
fn changes(portal: &str, ids: &Ids, credential: &str) -> Vec<Change> {
    let portal = format!("/v2/portals/{portal}");
    let application = format!("applications/{}", ids.application);
    let suspension = |path: String, status| Change {
        path,
        take: json!({"suspended": true}),
        status,
        give_back: json!({"suspended": false}),
    };
    let decision = |path: String| Change {
        path,
        take: json!({"status": "revoked"}),
        status: 403,
        give_back: json!({"status": "approved"}),
    };
    let closing = Change {
        path: format!("{portal}/product-versions/{}", ids.version),
        take: json!({"auth_strategy_ids": [], "application_registration_enabled": false}),
        status: 403,
        give_back: json!({
            "auth_strategy_ids": [ids.strategy],
            "application_registration_enabled": true,
        }),
    };
    let registration = &ids.registration;
    vec![
        suspension(format!("/admin/v1/{application}"), 403),
        suspension(
            format!("/admin/v1/{application}/credentials/{credential}"),
            401,
        ),
        decision(format!("{portal}/developers/{}", ids.developer)),
        decision(format!(
            "{portal}/{application}/registrations/{registration}"
        )),
        closing,
    ]
}

#[test]
fn whatever_takes_access_away_and_gives_it_back_does_so_within_a_second() {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, Ok).unwrap();
    let admin = scene.registry.admin().unwrap();
    let party = party(&admin).unwrap();
    let request = with_key("/", &party.key);
    scene.envoy.send_until(200, PATIENCE, &request).unwrap();
    for change in &party.changes {
        for (body, status) in [(&change.take, change.status), (&change.give_back, 200)] {
            let answer = admin.caller().patch(&change.path, body).unwrap();
            answer.expect(200).unwrap();
            let followed = scene.envoy.send_until(status, PROPAGATION, &request);
            assert!(followed.is_ok(), "{} {body}: {followed:?}", change.path);
        }
    }
    assert_healthy(&scene, &[&party.key]).unwrap();
}
