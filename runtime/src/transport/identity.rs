//! TLS of connections to one partner: whose certificates we trust, and what we show.

use std::fmt;
use std::sync::Arc;

use engine::{ClientTls, Secret};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// What of a partner's `tls` cannot be used. It names settings' purposes, never their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadTls {
    /// `ca`, `certificate` or `key`.
    pub key: &'static str,
    pub why: String,
}

/// Names of hosts are verified always; TLS is 1.2 or 1.3.
///
/// # Errors
/// What of it cannot be used.
pub fn config(tls: Option<&ClientTls>) -> Result<ClientConfig, BadTls> {
    let bad = |key, why: &dyn fmt::Display| BadTls { key, why: why.to_string() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad("ca", &error))?;
    let builder = match tls.and_then(|tls| tls.ca.as_ref()) {
        None => builder.with_platform_verifier().map_err(|error| bad("ca", &error))?,
        Some(authorities) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates("ca", authorities)? {
                roots.add(certificate).map_err(|error| bad("ca", &error))?;
            }
            builder.with_root_certificates(roots)
        }
    };
    match tls.and_then(|tls| tls.identity.as_ref()) {
        None => Ok(builder.with_no_client_auth()),
        Some((certificate, key)) => {
            let chain = certificates("certificate", certificate)?;
            let key = PrivateKeyDer::from_pem_slice(key.reveal().as_bytes())
                .map_err(|_| bad("key", &"it holds no private key in PEM"))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| bad("key", &error))
        }
    }
}

fn certificates(key: &'static str, pem: &Secret) -> Result<Vec<CertificateDer<'static>>, BadTls> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.reveal().as_bytes()).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err(BadTls { key, why: "it holds no certificate in PEM".to_owned() }),
    }
}

impl fmt::Display for BadTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "what `{}` of `tls` names cannot be used: {}", self.key, self.why)
    }
}

impl std::error::Error for BadTls {}
