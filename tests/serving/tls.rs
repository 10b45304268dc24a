//! Certificates: replaced while the registry runs, broken ones, those of gateways.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::KeyPair;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use stage::registry::{Database, Listeners, Registry};
use tempfile::TempDir;

use crate::authority::{Authority, Certificate};

/// How long a new file may take to be in force.
const RELOAD: Duration = Duration::from_secs(20);

#[test]
fn a_certificate_is_replaced_without_a_restart_and_a_broken_one_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let (first, second) = (Authority::new(), Authority::new());
    let files = first.certify().write(folder.path());
    let registry = serving(&files, None);
    let gateway = registry.listeners().gateway;
    assert!(ask(gateway, &first, None).is_ok());
    assert!(
        ask(gateway, &second, None).is_err(),
        "another authority's is not taken for it"
    );
    std::fs::write(&files.0, "no certificate").unwrap();
    stage::wait::until("complaint", RELOAD, || {
        let log = registry.log();
        log.contains("stays so").then_some(()).ok_or(log)
    })
    .unwrap();
    assert!(ask(gateway, &first, None).is_ok(), "the old one goes on");
    second.certify().write(folder.path());
    stage::wait::until("new certificate", RELOAD, || ask(gateway, &second, None)).unwrap();
    assert!(ask(gateway, &first, None).is_err());
}

#[test]
fn a_certificate_lets_a_gateway_in_and_without_one_there_is_no_connection() {
    let folder = TempDir::new().unwrap();
    let (server, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let files = server.certify().write(folder.path());
    let registry = serving(&files, Some((&clients.file(folder.path()), "required")));
    let gateway = registry.listeners().gateway;
    let status = ask(gateway, &server, Some(&clients.certify())).unwrap();
    assert_eq!(status, 200, "no token is needed");
    assert!(ask(gateway, &server, None).is_err());
    assert!(ask(gateway, &server, Some(&strangers.certify())).is_err());
}

#[test]
fn where_certificates_are_optional_a_token_does_as_well() {
    let folder = TempDir::new().unwrap();
    let (server, clients) = (Authority::new(), Authority::new());
    let files = server.certify().write(folder.path());
    let registry = serving(&files, Some((&clients.file(folder.path()), "optional")));
    let gateway = registry.listeners().gateway;
    assert_eq!(ask(gateway, &server, Some(&clients.certify())), Ok(200));
    assert_eq!(
        ask(gateway, &server, None),
        Ok(401),
        "somebody has to be somebody"
    );
}

#[test]
fn a_registry_does_not_start_with_a_certificate_it_cannot_use() {
    let folder = TempDir::new().unwrap();
    let (certificate, _) = Authority::new().certify().write(folder.path());
    let key = folder.path().join("other.key");
    std::fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let error = try_serving(&(certificate, key), None).unwrap_err();
    assert!(
        error.to_string().contains("cannot be used together"),
        "{error}"
    );
}

fn serving(files: &(PathBuf, PathBuf), clients: Option<(&str, &str)>) -> Registry {
    try_serving(files, clients).unwrap()
}

fn try_serving(
    (certificate, key): &(PathBuf, PathBuf),
    clients: Option<(&str, &str)>,
) -> Result<Registry, stage::error::StageError> {
    let registry = Registry::prepare(&Database::Sqlite, Listeners::free()?)?;
    let mut registry = registry
        .with("--gateway-tls-cert", &certificate.display().to_string())
        .with("--gateway-tls-key", &key.display().to_string());
    if let Some((authority, whether)) = clients {
        registry = registry
            .with("--gateway-client-ca", authority)
            .with("--gateway-client-certificates", whether);
    }
    registry.start_again()?;
    Ok(registry)
}

/// Asks for the feed over TLS and returns the status.
fn ask(
    address: SocketAddr,
    server: &Authority,
    client: Option<&Certificate>,
) -> Result<u16, String> {
    let mut roots = RootCertStore::empty();
    roots.add(server.der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match client {
        None => config.with_no_client_auth(),
        Some(client) => {
            let chain =
                vec![CertificateDer::from_pem_slice(client.certificate.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(client.key.as_bytes()).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    let request = "GET /gateway/v1/state HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let text = |error: std::io::Error| error.to_string();
    stream.write_all(request.as_bytes()).map_err(text)?;
    let mut start = [0; 12];
    stream.read_exact(&mut start).map_err(text)?;
    let status = String::from_utf8_lossy(&start)
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    status.parse().map_err(|_| status)
}
