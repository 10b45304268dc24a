//! Authorities that certify whatever a test needs, and the files they are kept in.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::CertificateDer;

/// An authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
pub(crate) struct Certificate {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(parameters, key).unwrap())
    }

    /// Certifies this machine.
    pub(crate) fn certify(&self) -> Certificate {
        self.certify_for(&["localhost", "127.0.0.1"])
    }

    /// Certifies whoever has these names.
    pub(crate) fn certify_for(&self, names: &[&str]) -> Certificate {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let parameters = CertificateParams::new(names).unwrap();
        let key = KeyPair::generate().unwrap();
        Certificate {
            certificate: parameters.signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// Writes its own certificate down; returns where.
    pub(crate) fn file(&self, folder: &Path) -> String {
        let path = folder.join("authority.pem");
        std::fs::write(&path, self.0.pem()).unwrap();
        path.display().to_string()
    }

    /// Returns its own certificate.
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }
}

impl Certificate {
    /// Writes both down; returns where the certificate is, and its key.
    pub(crate) fn write(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let (at, key_at) = (folder.join("server.pem"), folder.join("server.key"));
        std::fs::write(&key_at, &self.key).unwrap();
        std::fs::write(&at, &self.certificate).unwrap();
        (at, key_at)
    }
}
