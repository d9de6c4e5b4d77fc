//! HTTP to others: connections that are kept, TLS, one request and the head of its response.

mod address;
mod identity;
pub mod uri;

use std::error::Error as StdError;
use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use engine::{ClientTls, Networks};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_rustls::rustls;
use tower_service::Service;

use address::{Forbidden, Lookup, Resolver};
pub use identity::BadTls;

/// To a connection that is ready for use, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_PER_HOST: usize = 32;
/// A connection whose other end is silent is asked whether it is still there so often, and given up after so many times.
const PROBE: Duration = Duration::from_secs(15);
const PROBES: u32 = 3;
/// The longest that what was sent may stay unacknowledged.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// How often a request is sent that an HTTP/2 server has given back unseen.
const TIMES: usize = 3;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("tolmach/", env!("CARGO_PKG_VERSION")));

/// Whether connections can be made so.
///
/// # Errors
/// What of it cannot be used.
pub fn check(tls: &ClientTls) -> Result<(), BadTls> {
    identity::config(Some(tls)).map(drop)
}

type Failure = Box<dyn StdError + Send + Sync>;

/// A body that is there, or one that comes from somewhere.
pub type Body = Either<Full<Bytes>, UnsyncBoxBody<Bytes, Failure>>;

/// Why there is no head of a response. Names nothing of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// TLS cannot be set up.
    Setup(String),
    /// No connection came about: nothing was sent.
    Connect,
    /// The name of the host leads to this address only, which is not public and not allowed: nothing was sent.
    Forbidden(IpAddr),
    /// One side does not trust the other, or they do not understand each other: nothing was carried out.
    Tls(String),
    /// The connection broke.
    Reset,
}

/// Sends requests. It keeps connections; one serves the whole process. Redirects are not followed, proxies not used.
#[derive(Debug)]
pub struct Transport {
    client: legacy::Client<Dial, Body>,
}

impl Transport {
    /// Names may lead to public addresses and to those of `private`.
    ///
    /// # Errors
    /// [`Error::Setup`], such as where the system has no CA certificates.
    pub fn new(private: Networks) -> Result<Self, Error> {
        Self::with(private, address::system(), None).map_err(|bad| Error::Setup(bad.why))
    }

    /// Connections of one partner's own kind; they are never used for another.
    ///
    /// # Errors
    /// What of its `tls` cannot be used.
    pub fn of(private: Networks, tls: &ClientTls) -> Result<Self, BadTls> {
        Self::with(private, address::system(), Some(tls))
    }

    /// Where every name stands for one address.
    #[cfg(test)]
    pub(crate) fn leading_to(address: IpAddr, private: Networks) -> Result<Self, Error> {
        let found = std::net::SocketAddr::new(address, 0);
        let lookup: Lookup = Arc::new(move |_| Box::pin(async move { Ok(vec![found]) }));
        Self::with(private, lookup, None).map_err(|bad| Error::Setup(bad.why))
    }

    fn with(private: Networks, lookup: Lookup, tls: Option<&ClientTls>) -> Result<Self, BadTls> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver { lookup, private: Arc::new(private) });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(PROBE));
        tcp.set_keepalive_interval(Some(PROBE));
        tcp.set_keepalive_retries(Some(PROBES));
        tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
        let tls = HttpsConnectorBuilder::new()
            .with_tls_config(identity::config(tls)?)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let client = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .build(Dial(tls));
        Ok(Self { client })
    }

    /// Sends a request with a body that is there and waits for the head of its response. One that was not even seen is sent
    /// once more.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Forbidden`] and [`Error::Reset`].
    pub async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Incoming>, Error> {
        request.headers_mut().entry(USER_AGENT).or_insert(AGENT);
        for _ in 1..TIMES {
            // Without TLS it is HTTP/1, where nothing is given back.
            if request.uri().scheme() != Some(&Scheme::HTTPS) {
                break;
            }
            match self.client.request(whole(request.clone())).await {
                Err(error) if was_given_back(&error) => {}
                ended => return Ok(ended?),
            }
        }
        Ok(self.client.request(whole(request)).await?)
    }

    /// As [`Self::send`], with a body that comes from somewhere.
    ///
    /// # Errors
    /// As for [`Self::send`].
    pub async fn stream<B>(&self, mut request: Request<B>) -> Result<Response<Incoming>, Error>
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Failure>,
    {
        request.headers_mut().entry(USER_AGENT).or_insert(AGENT);
        let streamed = request.map(|body| Either::Right(body.map_err(Into::into).boxed_unsync()));
        Ok(self.client.request(streamed).await?)
    }
}

fn whole(request: Request<Bytes>) -> Request<Body> {
    request.map(|body| Either::Left(Full::new(body)))
}

/// An HTTP/2 server that shuts down or has too much to do says which requests it has not looked at.
fn was_given_back(error: &legacy::Error) -> bool {
    let Some(error) = error.source().and_then(|source| source.source()?.downcast_ref::<h2::Error>()) else {
        return false;
    };
    let shuts_down = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
    let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
    error.is_remote() && (shuts_down || refused)
}

/// Makes a connection within its time.
#[derive(Clone)]
struct Dial(HttpsConnector<HttpConnector<Resolver>>);

impl Service<Uri> for Dial {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = self.0.call(to);
        Box::pin(async move { tokio::time::timeout(CONNECT_TIMEOUT, connecting).await? })
    }
}

impl From<legacy::Error> for Error {
    fn from(error: legacy::Error) -> Self {
        let first: &(dyn StdError + 'static) = &error;
        let causes = || std::iter::successors(Some(first), |&error| error.source());
        if let Some(cause) = causes().find_map(of_tls) {
            return Self::Tls(told(cause));
        }
        if !error.is_connect() {
            return Self::Reset;
        }
        let forbidden = causes().find_map(|cause| cause.downcast_ref::<Forbidden>());
        forbidden.map_or(Self::Connect, |Forbidden(address)| Self::Forbidden(*address))
    }
}

/// What TLS says of it; it comes within errors of input and output.
fn of_tls<'e>(cause: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    if let Some(found) = cause.downcast_ref() {
        return Some(found);
    }
    let within: &(dyn StdError + 'static) = cause.downcast_ref::<std::io::Error>()?.get_ref()?;
    of_tls(within)
}

fn told(cause: &rustls::Error) -> String {
    match cause {
        rustls::Error::InvalidCertificate(why) => format!("the partner's certificate is not trusted: {why}"),
        rustls::Error::AlertReceived(alert) => format!("the partner ends the connection: {alert:?}"),
        cause => format!("TLS does not come about: {cause}"),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(cause) => f.write_str(cause),
            Self::Connect => f.write_str("no connection"),
            Self::Forbidden(address) => write!(f, "{}", Forbidden(*address)),
            Self::Tls(cause) => f.write_str(cause),
            Self::Reset => f.write_str("the connection broke"),
        }
    }
}

impl StdError for Error {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::outbound::fake::{Fake, Reply};

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    async fn status(transport: &Transport, url: &str) -> Result<u16, Error> {
        let request = Request::post(url).body(Bytes::new()).unwrap();
        transport.send(request).await.map(|response| response.status().as_u16())
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_called_unless_it_is_allowed() {
        let server = Fake::start(|_, _| Reply::json(200, "{}")).await;
        let named = server.url("/").replace("127.0.0.1", "bank.example");
        let closed = Transport::leading_to(HERE, Networks::default()).unwrap();
        let forbidden = Err(Error::Forbidden(HERE));
        assert_eq!(status(&closed, &named).await, forbidden);
        assert_eq!(status(&closed, &named.replace("http:", "https:")).await, forbidden);
        assert!(server.seen().is_empty());
        let open = Networks::new(vec!["127.0.0.0/8".parse().unwrap()]);
        let open = Transport::leading_to(HERE, open).unwrap();
        assert_eq!(status(&open, &named).await, Ok(200));
        assert_eq!(status(&closed, &server.url("/")).await, Ok(200), "an address is meant as it is");
    }

    #[tokio::test]
    async fn numbers_that_are_no_address_are_names() {
        let closed = Transport::new(Networks::default()).unwrap();
        let ended = status(&closed, "http://2130706433:1/").await;
        // Some systems read it as 127.0.0.1, others as nothing.
        assert!(matches!(ended, Err(Error::Forbidden(_) | Error::Connect)), "{ended:?}");
    }
}
