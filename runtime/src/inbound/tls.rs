//! TLS of the listener: a certificate of ours, and whose certificates callers may show.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};

/// The files of PEM that TLS is set up with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Ours, then those up to the authority that callers know.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Authorities whose certificates callers may show.
    pub client_ca: Option<PathBuf>,
}

/// TLS as it is set up now; connections that are there keep what they began with.
#[derive(Debug, Clone)]
pub struct Tls {
    files: Files,
    config: Arc<RwLock<Arc<ServerConfig>>>,
}

/// Why TLS cannot be set up.
#[derive(Debug)]
pub enum Error {
    Unreadable {
        file: PathBuf,
        cause: pem::Error,
    },
    /// The file holds nothing of the kind.
    Nothing {
        file: PathBuf,
        what: &'static str,
    },
    /// An authority's certificate is none.
    Authority {
        file: PathBuf,
        cause: rustls::Error,
    },
    /// The certificate and the key are not of each other, or of a kind that is not known.
    Pair {
        cause: rustls::Error,
    },
    Verifier {
        cause: String,
    },
}

impl Tls {
    /// # Errors
    /// [`Error`]
    pub fn new(files: Files) -> Result<Self, Error> {
        let config = Arc::new(RwLock::new(config(&files)?));
        Ok(Self { files, config })
    }

    /// Reads the files again: new connections go by them.
    ///
    /// # Errors
    /// All stays as it was.
    pub fn renew(&self) -> Result<(), Error> {
        let config = config(&self.files)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Whether callers may show a certificate.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.files.client_ca.is_some()
    }

    #[must_use]
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn config(files: &Files) -> Result<Arc<ServerConfig>, Error> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|cause| match cause {
        pem::Error::NoItemsFound => Error::Nothing { file: files.key.clone(), what: "private key" },
        cause => Error::Unreadable { file: files.key.clone(), cause },
    })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|cause| Error::Pair { cause })?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(authorities) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots(authorities)?), provider)
                    // Whether one is needed is for the channel to say.
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| Error::Verifier { cause: error.to_string() })?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|cause| Error::Pair { cause })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn roots(file: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|cause| Error::Authority { file: file.to_owned(), cause })?;
    }
    Ok(roots)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let unreadable = |cause| Error::Unreadable { file: file.to_owned(), cause };
    let read = CertificateDer::pem_file_iter(file).map_err(unreadable)?;
    let certificates: Vec<_> = read.collect::<Result<_, _>>().map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(Error::Nothing { file: file.to_owned(), what: "certificate" });
    }
    Ok(certificates)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, cause } => write!(f, "{} cannot be read: {cause}", file.display()),
            Self::Nothing { file, what } => write!(f, "{} holds no {what} in PEM", file.display()),
            Self::Authority { file, cause } => {
                write!(f, "{} holds a certificate that is none of an authority: {cause}", file.display())
            }
            Self::Pair { cause } => write!(f, "the certificate and the key cannot be used together: {cause}"),
            Self::Verifier { cause } => write!(f, "callers' certificates cannot be verified: {cause}"),
        }
    }
}

impl std::error::Error for Error {}
