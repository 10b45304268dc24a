//! Gateway and registry that know each other by certificates: `envoy/registry-mtls.yaml`, and the
//! gateway's certificate renewed while Envoy runs.

use std::fs;
use std::path::Path;

use serde_json::json;
use stage::certificates::Certificates;
use stage::envoy::EnvoyConfig;
use stage::error::StageError;
use stage::registry::{Database, Listeners, Registry};
use stage::scene::Scene;
use stage::wait;
use tempfile::TempDir;

use crate::watch::assert_healthy;
use crate::world::{PATIENCE, World, with_key};

const NAME: &str = "registry.example.com";

/// How often Envoy has connected to the registry, whatever became of it.
const CONNECTIONS: &str = "cluster.keystile-registry.upstream_cx_total";

#[test]
fn certificates_open_the_registry_and_a_renewed_one_is_taken_up_without_a_restart() {
    let folder = TempDir::new().unwrap();
    let first = Certificates::make(NAME).unwrap();
    let mut scene = scene(folder.path(), &first);
    let world = World::found(&scene.registry).unwrap();
    world.join("weather-v1", &json!({})).unwrap();
    let before = world.key().unwrap().key;
    let asked = with_key("/", &before);
    scene.envoy.send_until(200, PATIENCE, &asked).unwrap();

    // From here on the registry believes another authority, whose certificate the gateway has not got.
    let second = Certificates::make(NAME).unwrap();
    fs::write(folder.path().join("gateways.pem"), &second.authority).unwrap();
    scene.registry.kill();
    scene.registry.start_again().unwrap();
    let meanwhile = with_key("/", &world.key().unwrap().key);
    wait_for_attempts(&scene);
    let refused = scene.envoy.send(&meanwhile).unwrap();
    assert_eq!(
        refused.status, 401,
        "nothing new is heard without a certificate"
    );
    assert_eq!(scene.envoy.send(&asked).unwrap().status, 200);

    renew(scene.envoy.folder(), &second);
    scene.envoy.send_until(200, PATIENCE, &meanwhile).unwrap();
    let log = scene.envoy.log() + &scene.registry.log();
    assert!(!log.contains("PRIVATE KEY"), "{log}");
    assert_healthy(&scene, &[&before]).unwrap();
}

/// An Envoy that shows its certificate, and no token that is one.
fn scene(folder: &Path, certificates: &Certificates) -> Scene {
    let registry = serving(folder, certificates).unwrap();
    let gateway = registry.listeners().gateway;
    Scene::set(registry, |config: EnvoyConfig| {
        let mut config = config
            .with_part("registry-mtls.yaml")?
            .with_part("gateway-certificate.yaml")?;
        for (file, pem) in certificates.of_gateway() {
            config = config.with_file(file, pem);
        }
        config.registry(gateway, "no-token")
    })
    .unwrap()
}

/// A registry whose gateway listener asks for certificates.
fn serving(folder: &Path, certificates: &Certificates) -> Result<Registry, StageError> {
    let file = |name: &str, pem: &str| {
        let path = folder.join(name);
        fs::write(&path, pem).map_err(StageError::io("cannot write"))?;
        Ok::<_, StageError>(path.display().to_string())
    };
    let identity = &certificates.registry;
    let mut registry = Registry::prepare(&Database::Sqlite, Listeners::free()?)?
        .with(
            "--gateway-tls-cert",
            &file("registry.pem", &identity.certificate)?,
        )
        .with(
            "--gateway-tls-key",
            &file("registry-key.pem", &identity.key)?,
        )
        .with(
            "--gateway-client-ca",
            &file("gateways.pem", &certificates.authority)?,
        );
    registry.start_again()?;
    Ok(registry)
}

/// Waits until Envoy has tried to connect again, and once more: an answer would have come by then.
fn wait_for_attempts(scene: &Scene) {
    let attempts = || scene.envoy.stats().unwrap().value(CONNECTIONS).unwrap_or(0);
    let begun = attempts();
    wait::until("attempts to connect", PATIENCE, || match attempts() {
        enough if enough >= begun + 2 => Ok(()),
        other => Err(format!("{begun}, then {other}")),
    })
    .unwrap();
}

/// Puts another certificate into the place of the gateway's, as whoever renews it would: each file by
/// renaming another one over it.
fn renew(folder: &Path, certificates: &Certificates) {
    let gateway = &certificates.gateway;
    let named = fs::read_to_string(folder.join("gateway-certificate.yaml")).unwrap();
    for (file, text) in [
        ("gateway.pem", &gateway.certificate),
        ("gateway-key.pem", &gateway.key),
        ("gateway-certificate.yaml", &named),
    ] {
        let next = folder.join("next");
        fs::write(&next, text).unwrap();
        fs::rename(next, folder.join(file)).unwrap();
    }
}
