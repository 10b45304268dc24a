//! Certificates of a test's own: an authority, the registry's and a gateway's.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use crate::error::StageError;

/// A certificate and its private key, in PEM.
#[derive(Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

/// What both sides of a connection show each other.
#[derive(Debug)]
pub struct Certificates {
    /// The authority's certificate, which both sides believe.
    pub authority: String,
    /// The registry's.
    pub registry: Identity,
    /// A gateway's.
    pub gateway: Identity,
}

// === impl Certificates ===

impl Certificates {
    /// Makes all of them; the registry is known by a name.
    pub fn make(registry: &str) -> Result<Self, StageError> {
        Self::issue(registry).map_err(|error| StageError::unexpected("certificates", &error))
    }

    fn issue(registry: &str) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let identity = |name: &str, purpose| {
            let mut params = CertificateParams::new(vec![name.to_owned()])?;
            params.extended_key_usages = vec![purpose];
            let key = KeyPair::generate()?;
            let certificate = params.signed_by(&key, &authority)?;
            Ok::<_, rcgen::Error>(Identity {
                certificate: certificate.pem(),
                key: key.serialize_pem(),
            })
        };
        Ok(Self {
            registry: identity(registry, ExtendedKeyUsagePurpose::ServerAuth)?,
            gateway: identity("gateway-1", ExtendedKeyUsagePurpose::ClientAuth)?,
            authority: authority.pem(),
        })
    }

    /// Returns what `envoy/registry-mtls.yaml` reads, by file.
    pub fn of_gateway(&self) -> [(&str, &str); 3] {
        [
            ("registry-ca.pem", &self.authority),
            ("gateway.pem", &self.gateway.certificate),
            ("gateway-key.pem", &self.gateway.key),
        ]
    }
}
