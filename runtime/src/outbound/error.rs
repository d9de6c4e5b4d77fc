//! Why a call has no response.

use std::fmt;
use std::net::IpAddr;

use crate::auth::token;
use crate::transport;

/// Why a call has no response. It names parts of the request, never their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The HTTP client could not be built.
    Setup(String),
    /// The URL is not an absolute `http` or `https` URL, or carries credentials.
    BadUrl,
    /// The method is not an HTTP method.
    BadMethod,
    /// The value of this header cannot be sent: it has a line break or a control character.
    BadHeader(&'static str),
    /// The key that we sign with is none.
    BadKey,
    /// A body that is passed on as it comes cannot be signed before.
    Unsigned,
    /// There is no access token.
    Token(token::Error),
    /// No connection came about.
    Connect,
    /// The name of the host leads to this address only, which is neither public nor allowed.
    Forbidden(IpAddr),
    /// One side does not trust the other: why.
    Tls(String),
    /// There was no complete response in time.
    Timeout,
    /// The connection broke before the response was complete.
    Reset,
    /// The response has this status and a body above the limit (bytes).
    TooLarge { status: u16, limit: usize },
}

impl Error {
    /// Whether the same request may fare better later.
    ///
    /// A missing token and a bad key are retryable whatever the cause: the fault is in the credentials, not in the
    /// message. So is a name that leads to a wrong address.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::BadKey
            | Self::Token(_)
            | Self::Connect
            | Self::Forbidden(_)
            | Self::Tls(_)
            | Self::Timeout
            | Self::Reset => true,
            Self::Setup(_)
            | Self::BadUrl
            | Self::BadMethod
            | Self::BadHeader(_)
            | Self::Unsigned
            | Self::TooLarge { .. } => false,
        }
    }

    /// Whether the partner may have received the request, and even carried it out.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::Timeout | Self::Reset | Self::TooLarge { .. } => true,
            Self::Setup(_)
            | Self::BadUrl
            | Self::BadMethod
            | Self::BadHeader(_)
            | Self::BadKey
            | Self::Unsigned
            | Self::Token(_)
            | Self::Connect
            | Self::Forbidden(_)
            | Self::Tls(_) => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(cause) => write!(f, "the HTTP client cannot be built: {cause}"),
            Self::BadUrl => f.write_str("the URL cannot be called"),
            Self::BadMethod => f.write_str("the method is not an HTTP method"),
            Self::BadHeader(name) => write!(f, "the header {name} cannot be sent"),
            Self::BadKey => f.write_str("the key that we sign with is none"),
            Self::Unsigned => f.write_str("a body that is passed on as it comes cannot be signed"),
            Self::Token(error) => write!(f, "there is no access token: {error}"),
            Self::Connect => f.write_str("no connection"),
            Self::Forbidden(address) => {
                write!(
                    f,
                    "the host leads to {address}, which is not public, nor in `private` of tolmach.yaml"
                )
            }
            Self::Tls(cause) => f.write_str(cause),
            Self::Timeout => f.write_str("no complete response in time; the outcome is unknown"),
            Self::Reset => f.write_str("the connection broke; the outcome is unknown"),
            Self::TooLarge { status, limit } => {
                write!(f, "the response ({status}) is larger than {limit} bytes")
            }
        }
    }
}

/// It has no source: what there is to say of a token's error is in the message.
impl std::error::Error for Error {}

impl From<token::Error> for Error {
    fn from(error: token::Error) -> Self {
        Self::Token(error)
    }
}

impl From<transport::Error> for Error {
    fn from(error: transport::Error) -> Self {
        match error {
            transport::Error::Setup(cause) => Self::Setup(cause),
            transport::Error::Connect => Self::Connect,
            transport::Error::Forbidden(address) => Self::Forbidden(address),
            transport::Error::Tls(cause) => Self::Tls(cause),
            transport::Error::Reset => Self::Reset,
        }
    }
}
