//! Callers that are known by their certificate, which TLS has verified already.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::server::ParsedCertificate;

use super::caller::{Reason, accept};

/// Whether the certificate is for this name (a DNS name or an address among its alternative names, RFC 6125; its subject
/// counts for nothing), and is the one with this fingerprint.
pub(super) fn check(
    certificate: Option<&CertificateDer<'_>>,
    name: Option<&str>,
    sha256: Option<&[u8; 32]>,
) -> Result<(), Reason> {
    let certificate = certificate.ok_or(Reason::Missing)?;
    if let Some(name) = name {
        let name = ServerName::try_from(name).map_err(|_| Reason::Wrong)?;
        let parsed = ParsedCertificate::try_from(certificate).map_err(|_| Reason::Malformed)?;
        verify_server_name(&parsed, &name).map_err(|_| Reason::Wrong)?;
    }
    match sha256 {
        Some(expected) => accept(Sha256::digest(certificate).as_slice().ct_eq(expected)),
        None => Ok(()),
    }
}
