//! TLS of a listener, from files that are read again when they change.
//!
//! Certificates live for weeks and the program for years. Files that cannot be used change nothing: what
//! was read before goes on, and the log says why.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::config::{ClientCertificates, TlsFiles};

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// What is spoken over TLS, the best first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("`{}` holds no {what} in PEM", path.display())]
    NotPem {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// Why.
        source: pem::Error,
    },
    /// A certificate and a key cannot be used, or not together.
    #[error("`{}` and `{}` cannot be used together", certificate.display(), key.display())]
    Unusable {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// No client could be verified.
    #[error("`{}` holds no authority to verify clients by", path.display())]
    NoAuthority {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: VerifierBuilderError,
    },
}

/// A listener's TLS as it is at the moment.
pub(super) type Current = watch::Receiver<Arc<ServerConfig>>;

/// A listener's TLS, and the files it is from.
#[derive(Debug)]
pub(super) struct Certificates {
    files: TlsFiles,
    read: Read,
    current: watch::Sender<Arc<ServerConfig>>,
}

/// What the files hold.
#[derive(Clone, PartialEq, Eq)]
struct Read {
    certificate: Vec<u8>,
    key: Vec<u8>,
    authorities: Option<Vec<u8>>,
}

// === impl Certificates ===

impl Certificates {
    /// Reads the files the first time, when an error means that nothing is served.
    pub(super) fn read(files: TlsFiles) -> Result<Self, TlsError> {
        let read = Read::from(&files)?;
        let current = watch::Sender::new(Arc::new(read.config(&files)?));
        Ok(Self {
            files,
            read,
            current,
        })
    }

    /// Returns what is in force, now and later.
    pub(super) fn current(&self) -> Current {
        self.current.subscribe()
    }

    /// Reads the files again whenever they change, and when the program is told to (SIGHUP).
    pub(super) async fn follow(mut self) {
        let mut hang_ups = signal(SignalKind::hangup()).ok();
        let mut interval = tokio::time::interval(INTERVAL);
        loop {
            let told = async {
                match &mut hang_ups {
                    Some(hang_ups) => hang_ups.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = told => {}
                _ = interval.tick() => {}
            }
            self.look();
        }
    }

    fn look(&mut self) {
        match Read::from(&self.files) {
            Ok(read) if read == self.read => {}
            Ok(read) => {
                // Noted in any case: what cannot be used is complained of once.
                self.read = read;
                match self.read.config(&self.files) {
                    Ok(config) => self.renew(config),
                    Err(error) => log_kept(&error),
                }
            }
            // It may be in the middle of being replaced.
            Err(error) => log_kept(&error),
        }
    }

    fn renew(&self, config: ServerConfig) {
        self.current.send_replace(Arc::new(config));
        let certificate = self.files.certificate.display();
        tracing::info!(%certificate, "a new certificate is in force");
    }
}

// === impl Read ===

impl Read {
    fn from(files: &TlsFiles) -> Result<Self, TlsError> {
        Ok(Self {
            certificate: content(&files.certificate)?,
            key: content(&files.key)?,
            authorities: match &files.clients {
                Some((path, _)) => Some(content(path)?),
                None => None,
            },
        })
    }

    fn config(&self, files: &TlsFiles) -> Result<ServerConfig, TlsError> {
        let chain = certificates(&files.certificate, &self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|source| TlsError::NotPem {
            path: files.key.clone(),
            what: "key",
            source,
        })?;
        let unusable = |source| TlsError::Unusable {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
            source,
        };
        let provider = Arc::new(ring::default_provider());
        // TLS 1.2 and 1.3; rustls knows no older ones.
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?;
        let mut config = self
            .verifying(builder, files, provider)?
            .with_single_cert(chain, key)
            .map_err(unusable)?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }

    fn verifying(
        &self,
        builder: ConfigBuilder<ServerConfig, WantsVerifier>,
        files: &TlsFiles,
        provider: Arc<CryptoProvider>,
    ) -> Result<ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>, TlsError> {
        let (Some((path, whether)), Some(authorities)) = (&files.clients, &self.authorities) else {
            return Ok(builder.with_no_client_auth());
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(path, authorities)?);
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = match whether {
            ClientCertificates::Required => verifier,
            ClientCertificates::Optional => verifier.allow_unauthenticated(),
        };
        let verifier = verifier.build().map_err(|source| TlsError::NoAuthority {
            path: path.clone(),
            source,
        })?;
        Ok(builder.with_client_cert_verifier(verifier))
    }
}

/// A key is in it.
impl std::fmt::Debug for Read {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Read(..)")
    }
}

fn content(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let not_pem = |source| TlsError::NotPem {
        path: path.to_owned(),
        what: "certificate",
        source,
    };
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let all = all.map_err(not_pem)?;
    if all.is_empty() {
        return Err(not_pem(pem::Error::NoItemsFound));
    }
    Ok(all)
}

fn log_kept(error: &TlsError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, "the certificate that was in force stays so");
}
