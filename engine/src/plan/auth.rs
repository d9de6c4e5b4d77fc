//! How a caller is known to us, and we to an endpoint, resolved.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::expression::Expression;

/// A value that must not be shown. It has no `Display`, and `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    pub fn new(value: impl Into<Box<str>>) -> Self {
        Self(value.into())
    }

    /// The value, to be sent or compared and nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The bytes that an HMAC is made with; `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(Box<[u8]>);

impl SigningKey {
    pub fn new(key: impl Into<Box<[u8]>>) -> Self {
        Self(key.into())
    }

    /// The key, to sign with and nothing else.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// What is shown the same with every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    Basic { user: Secret, password: Secret },
    Bearer { token: Secret },
    ApiKey { header: Box<str>, key: Secret },
}

/// What a caller of a channel must show.
#[derive(Debug)]
pub enum Caller {
    Constant(Credential),
    /// A bearer token that is signed.
    Jwt(Jwt),
    /// It depends on the message: [`Signature::of`] tells.
    Signature(Signature),
    /// What TLS has verified: for this name, with this SHA-256.
    Certificate {
        name: Option<Box<str>>,
        sha256: Option<[u8; 32]>,
    },
}

/// What we show to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    Constant(Credential),
    /// A token of our own for each attempt.
    Jwt {
        jwt: Jwt,
        subject: Option<Box<str>>,
        lifetime: Duration,
    },
    /// What we send is signed: <https://github.com/standard-webhooks/standard-webhooks>.
    StandardWebhooks {
        key: SigningKey,
    },
    OAuth2(OAuth2),
}

/// A signed token (RFC 7519). A token of another algorithm than this one is none (RFC 8725, section 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwt {
    /// By its name in RFC 7518, section 3.1.
    pub algorithm: &'static str,
    /// The shared secret of an HMAC, else PEM: the public key of a caller, the private key of ours.
    pub key: Secret,
    pub issuer: Option<Box<str>>,
    pub audience: Option<Box<str>>,
}

/// What proves of a message who has sent it, and when.
#[derive(Debug)]
pub struct Signature {
    pub(crate) given: Expression,
    pub(crate) is: Expression,
    pub(crate) at: Option<Expression>,
    /// How far its time may be from ours.
    pub within: Duration,
}

/// A grant of RFC 6749: of client credentials (section 4.4), or of a user's password (section 4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2 {
    pub token_url: Box<str>,
    pub client_id: Secret,
    /// Without one the client is public: it names itself and proves nothing (section 3.2.1).
    pub client_secret: Option<Secret>,
    /// Name and password.
    pub user: Option<(Secret, Secret)>,
    pub scope: Option<Box<str>>,
}

/// TLS of connections to a partner; each is PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientTls {
    /// Authorities of the partner's certificate, instead of the system's.
    pub ca: Option<Secret>,
    /// The certificate that we show, and its key.
    pub identity: Option<(Secret, Secret)>,
}

/// One entry of a contract's `auth`. Its name is what tokens are cached by.
#[derive(Debug, Clone)]
pub struct Authentication {
    /// `partner/auth`
    pub name: Box<str>,
    pub auth: Arc<Auth>,
}

/// Ranges of addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Box<[IpNet]>);

impl Networks {
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks.into())
    }

    /// Whether an address is in one of them. An IPv4 address that is written as IPv6 is one of IPv4.
    #[must_use]
    pub fn hold(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}
