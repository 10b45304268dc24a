//! What encrypts the listeners, and what gateways show to be let in.

use std::path::PathBuf;

use clap::Args;

use crate::domain::name::named;

/// The files that encrypt each listener; they are read again when they change.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "TLS (files in PEM; read again when they change, or on SIGHUP)")]
pub struct TlsSettings {
    /// The portal's certificate, and those of the authorities between it and the root.
    #[arg(long, env = "KEYSTILE_PORTAL_TLS_CERT", value_name = "FILE")]
    pub portal_tls_cert: Option<PathBuf>,
    /// Its key.
    #[arg(long, env = "KEYSTILE_PORTAL_TLS_KEY", value_name = "FILE")]
    pub portal_tls_key: Option<PathBuf>,
    /// The same for administrators.
    #[arg(long, env = "KEYSTILE_ADMIN_TLS_CERT", value_name = "FILE")]
    pub admin_tls_cert: Option<PathBuf>,
    /// Its key.
    #[arg(long, env = "KEYSTILE_ADMIN_TLS_KEY", value_name = "FILE")]
    pub admin_tls_key: Option<PathBuf>,
    /// The same for gateways.
    #[arg(long, env = "KEYSTILE_GATEWAY_TLS_CERT", value_name = "FILE")]
    pub gateway_tls_cert: Option<PathBuf>,
    /// Its key.
    #[arg(long, env = "KEYSTILE_GATEWAY_TLS_KEY", value_name = "FILE")]
    pub gateway_tls_key: Option<PathBuf>,
    /// The authorities whose certificates let a gateway in, in the place of a token.
    #[arg(long, env = "KEYSTILE_GATEWAY_CLIENT_CA", value_name = "FILE")]
    pub gateway_client_ca: Option<PathBuf>,
    /// Whether gateways need a certificate, or may show a token as well: required or optional.
    #[arg(
        long,
        env = "KEYSTILE_GATEWAY_CLIENT_CERTIFICATES",
        value_name = "WHETHER",
        default_value = "required"
    )]
    pub gateway_client_certificates: ClientCertificates,
}

named! {
    /// Whether clients need a certificate.
    ClientCertificates {
        /// Without one there is no connection.
        Required = "required",
        /// Without one there has to be a token.
        Optional = "optional",
    }
}

/// What encrypts a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Its certificate, and those between it and the root.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Whose certificates let clients in, and whether they need one.
    pub clients: Option<(PathBuf, ClientCertificates)>,
}

/// What encrypts the listeners; none is as good as its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The portal's.
    pub portal: Option<TlsFiles>,
    /// Administrators'.
    pub admin: Option<TlsFiles>,
    /// Gateways'.
    pub gateway: Option<TlsFiles>,
}

/// Why a listener would not be encrypted as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTlsSettings {
    /// A certificate without a key, or the other way round.
    #[error("`{listener}_tls_cert` and `{listener}_tls_key` belong together")]
    Half {
        /// Whose.
        listener: &'static str,
    },
    /// Certificates would be asked for without TLS.
    #[error("`gateway_client_ca` needs `gateway_tls_cert` and `gateway_tls_key`")]
    ClientsWithoutTls,
}

// === impl TlsSettings ===

impl TlsSettings {
    /// Returns what encrypts each listener.
    pub fn files(&self) -> Result<Tls, InvalidTlsSettings> {
        let gateway = pair(
            "gateway",
            self.gateway_tls_cert.as_ref(),
            self.gateway_tls_key.as_ref(),
        )?;
        let clients = self.gateway_client_ca.clone();
        if clients.is_some() && gateway.is_none() {
            return Err(InvalidTlsSettings::ClientsWithoutTls);
        }
        Ok(Tls {
            portal: pair(
                "portal",
                self.portal_tls_cert.as_ref(),
                self.portal_tls_key.as_ref(),
            )?,
            admin: pair(
                "admin",
                self.admin_tls_cert.as_ref(),
                self.admin_tls_key.as_ref(),
            )?,
            gateway: gateway.map(|files| TlsFiles {
                clients: clients.map(|ca| (ca, self.gateway_client_certificates)),
                ..files
            }),
        })
    }
}

fn pair(
    listener: &'static str,
    certificate: Option<&PathBuf>,
    key: Option<&PathBuf>,
) -> Result<Option<TlsFiles>, InvalidTlsSettings> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles {
            certificate: certificate.clone(),
            key: key.clone(),
            clients: None,
        })),
        _ => Err(InvalidTlsSettings::Half { listener }),
    }
}
