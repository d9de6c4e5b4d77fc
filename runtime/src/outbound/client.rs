//! One HTTP call: bounded in time and size, with credentials, without redirects.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use engine::{Auth, Authentication, ClientTls, Credential, Networks, OAuth2, Secret};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use tokio::time::Instant;
use tokio::time::error::Elapsed;

use super::prepared::Prepared;
use super::{Error, Opened, Progress, Upload, flow, retry_after};
use crate::auth::{Tokens, shown, token};
use crate::coding::{self, Coding};
use crate::destination::{Destinations, Seen};
use crate::transport::Transport;

/// Bytes of a response's body.
pub const MAX_RESPONSE: usize = 1024 * 1024;

/// The longest that [`Client::call`] takes with a request's `timeout`: a token and the request,
/// and both once more after a 401.
#[must_use]
pub const fn longest(timeout: Duration) -> Duration {
    timeout.saturating_add(token::LONGEST).saturating_mul(2)
}

/// What is sent.
#[derive(Clone)]
pub struct Request<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// The destination.
    pub partner: &'a str,
    /// How connections to it are made; none is the usual way.
    pub tls: Option<&'a Arc<ClientTls>>,
    /// Absolute, `http` or `https`, without credentials.
    pub url: &'a str,
    /// What the contract sets, names in lower case: they win over ours.
    pub headers: &'a [(String, String)],
    /// Of the body; not sent without one.
    pub content_type: &'a str,
    /// As it goes out.
    pub body: Bytes,
    /// Stays the same for every attempt of a delivery.
    pub idempotency_key: &'a str,
    pub auth: Option<&'a Authentication>,
    /// From connecting to the last byte of the response.
    pub timeout: Duration,
    /// W3C Trace Context.
    pub traceparent: Option<&'a str>,
    pub tracestate: Option<&'a str>,
}

/// What came back, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: Bytes,
    pub content_type: Option<String>,
    /// At most a day.
    pub retry_after: Option<Duration>,
}

/// The body is a partner's data and is not shown.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("content_type", &self.content_type)
            .field("retry_after", &self.retry_after)
            .finish()
    }
}

/// The connections of one partner, and what they were made by.
type Own = (Arc<ClientTls>, Arc<Transport>);

/// Calls endpoints. It keeps connections and access tokens; one serves the whole process.
#[derive(Debug)]
pub struct Client {
    http: Arc<Transport>,
    /// Of partners whose connections are of their own kind.
    own: Mutex<BTreeMap<String, Own>>,
    private: Networks,
    tokens: Tokens,
    destinations: Destinations,
}

impl Client {
    /// Names of hosts may lead to public addresses and to those of `private`.
    ///
    /// # Errors
    /// [`Error::Setup`] if TLS cannot be set up, such as where the system has no CA certificates.
    pub fn new(destinations: Destinations, private: Networks) -> Result<Self, Error> {
        let (http, own) = (Arc::new(Transport::new(private.clone())?), Mutex::default());
        Ok(Self { http, own, private, tokens: Tokens::new(), destinations })
    }

    /// What each partner can take; each request tells of one.
    #[must_use]
    pub fn destinations(&self) -> &Destinations {
        &self.destinations
    }

    /// Sends a request and reads the whole response, of any status. Redirects are not followed.
    /// When an endpoint refuses an OAuth2 token with 401, a new token is tried once. Takes at most
    /// [`longest`].
    ///
    /// # Errors
    /// [`Error`]: what cannot be sent, what did not arrive, and what came back too large.
    pub async fn call(&self, request: Request<'_>) -> Result<Response, Error> {
        let (auth, timeout, partner) = (request.auth, request.timeout, request.partner);
        let http = self.transport(request.partner, request.tls)?;
        let prepared = Prepared::new(request, None, http)?;
        let called = async {
            let Head { http, since } = self.authorized(prepared, auth).await?;
            tokio::time::timeout_at(since + timeout, read(http)).await.unwrap_or(Err(Error::Timeout))
        };
        let called = called.await;
        let answered = called.as_ref().map(|response| (response.status, response.retry_after));
        self.learn(partner, answered);
        called
    }

    /// Sends a request and waits for the head of its response only. Takes as long as [`Self::call`]; with an `upload`, which
    /// is sent instead of the body, as long as it moves. What was streamed cannot be sent again after a 401.
    ///
    /// # Errors
    /// As for [`Self::call`]; an upload that broke says so itself.
    pub async fn open(&self, request: Request<'_>, upload: Option<Upload>) -> Result<Opened, Error> {
        let (auth, timeout, partner) = (request.auth, request.timeout, request.partner);
        let http = self.transport(request.partner, request.tls)?;
        let opened = self.authorized(Prepared::new(request, upload, http)?, auth).await;
        let opened = opened.map(|head| Opened::new(head.http, timeout));
        self.learn(partner, opened.as_ref().map(|opened| (opened.status(), opened.retry_after())));
        opened
    }

    /// The connections to a partner; those that it had under another `tls` end when nothing is under way over them.
    fn transport(&self, partner: &str, tls: Option<&Arc<ClientTls>>) -> Result<Arc<Transport>, Error> {
        let Some(tls) = tls else { return Ok(Arc::clone(&self.http)) };
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, transport)) = own.get(partner).filter(|(known, _)| known == tls) {
            return Ok(Arc::clone(transport));
        }
        let transport =
            Transport::of(self.private.clone(), tls).map_err(|bad| Error::Setup(bad.to_string()))?;
        let transport = Arc::new(transport);
        own.insert(partner.to_owned(), (Arc::clone(tls), Arc::clone(&transport)));
        Ok(transport)
    }

    /// What a response, or that there is none, tells of the partner.
    fn learn(&self, partner: &str, answered: Result<(u16, Option<Duration>), &Error>) {
        let seen = match answered {
            Ok((429 | 503, Some(wait))) => Seen::Busy(wait),
            Ok((500.., _)) => Seen::Fails,
            Ok(_) | Err(Error::TooLarge { .. }) => Seen::Works,
            Err(
                Error::Connect
                | Error::Forbidden(_)
                | Error::Tls(_)
                | Error::Timeout
                | Error::Reset
                | Error::Token(_),
            ) => Seen::Fails,
            // Nothing was sent: that tells of us.
            Err(
                Error::Setup(_)
                | Error::BadUrl
                | Error::BadMethod
                | Error::BadHeader(_)
                | Error::BadKey
                | Error::Unsigned,
            ) => return,
        };
        self.destinations.saw(partner, seen, std::time::Instant::now());
    }

    async fn authorized(&self, mut prepared: Prepared, auth: Option<&Authentication>) -> Result<Head, Error> {
        let Some(Authentication { name, auth }) = auth else { return self.send(prepared).await };
        match &**auth {
            Auth::OAuth2(grant) => return Box::pin(self.send_with_token(prepared, name, grant)).await,
            Auth::Constant(credential) => prepared.show([constant(credential)?]),
            Auth::Jwt { jwt, subject, lifetime } => {
                let token = shown::token(name, jwt, subject.as_deref(), *lifetime, Timestamp::now());
                prepared.show([bearer(token.map_err(|_| Error::BadKey)?.reveal())?]);
            }
            Auth::StandardWebhooks { key } => {
                let (id, body) = prepared.signed().ok_or(Error::Unsigned)?;
                let headers = shown::webhook(key, id, body, Timestamp::now());
                prepared.show(headers.ok_or(Error::BadKey)?);
            }
        }
        self.send(prepared).await
    }

    async fn send_with_token(
        &self,
        mut prepared: Prepared,
        name: &str,
        grant: &OAuth2,
    ) -> Result<Head, Error> {
        let (again, http) = (prepared.again(), Arc::clone(&prepared.http));
        let token = self.tokens.bearer(name, grant, &http).await?;
        prepared.show([bearer(token.reveal())?]);
        let head = self.send(prepared).await?;
        if head.http.status() != StatusCode::UNAUTHORIZED {
            return Ok(head);
        }
        self.tokens.invalidate(name, &token);
        let Some(mut prepared) = again else { return Ok(head) };
        let token = self.tokens.bearer(name, grant, &http).await?;
        prepared.show([bearer(token.reveal())?]);
        self.send(prepared).await
    }

    async fn send(&self, prepared: Prepared) -> Result<Head, Error> {
        let (Prepared { request, upload, timeout, http }, since) = (prepared, Instant::now());
        let http = match upload {
            None => tokio::time::timeout_at(since + timeout, http.send(request)).await,
            Some(upload) => {
                let progress = upload.progress();
                while_moving(http.stream(request.map(|_| upload)), timeout, &progress).await
            }
        };
        match http {
            Ok(Ok(http)) => Ok(Head { http, since }),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Error::Timeout),
        }
    }
}

/// The head of a response, and when its request was begun.
struct Head {
    http: hyper::Response<Incoming>,
    since: Instant,
}

type Header = (HeaderName, HeaderValue);

fn constant(credential: &Credential) -> Result<Header, Error> {
    match credential {
        Credential::Basic { user, password } => basic(user, password),
        Credential::Bearer { token } => bearer(token.reveal()),
        Credential::ApiKey { header, key } => api_key(header, key),
    }
}

fn basic(user: &Secret, password: &Secret) -> Result<Header, Error> {
    let pair = format!("{}:{}", user.reveal(), password.reveal());
    credentials("Basic", &STANDARD.encode(pair))
}

fn bearer(token: &str) -> Result<Header, Error> {
    credentials("Bearer", token)
}

fn credentials(scheme: &str, value: &str) -> Result<Header, Error> {
    let value =
        HeaderValue::try_from(format!("{scheme} {value}")).map_err(|_| Error::BadHeader("Authorization"))?;
    Ok((AUTHORIZATION, sensitive(value)))
}

fn api_key(header: &str, key: &Secret) -> Result<Header, Error> {
    let bad = || Error::BadHeader("of `api_key`");
    let name = HeaderName::try_from(header).map_err(|_| bad())?;
    Ok((name, sensitive(HeaderValue::try_from(key.reveal()).map_err(|_| bad())?)))
}

fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

/// What comes of `sending` within `timeout` of the last that was sent.
async fn while_moving<T>(
    sending: impl Future<Output = T>,
    timeout: Duration,
    progress: &Progress,
) -> Result<T, Elapsed> {
    let mut sending = pin!(sending);
    let mut since = Instant::now();
    loop {
        match tokio::time::timeout_at(since + timeout, &mut sending).await {
            Err(_) if progress.moved() >= flow::least(timeout) => since = Instant::now(),
            ended => return ended,
        }
    }
}

pub(super) async fn read(response: hyper::Response<Incoming>) -> Result<Response, Error> {
    let (head, body) = response.into_parts();
    let status = head.status.as_u16();
    let content_type = text(&head.headers, &CONTENT_TYPE).map(str::to_owned);
    let retry_after = retry_after::of(&head.headers, status, Timestamp::now());
    let too_large = Error::TooLarge { status, limit: MAX_RESPONSE };
    if body.size_hint().lower() > MAX_RESPONSE as u64 {
        return Err(too_large);
    }
    match Limited::new(body, MAX_RESPONSE).collect().await {
        Ok(collected) => {
            // Nobody was asked to compress anything; some do.
            let coding = Coding::of(&head.headers).unwrap_or(Coding::Identity);
            let body = coding.decode(collected.to_bytes(), MAX_RESPONSE).map_err(|error| match error {
                coding::Error::TooLarge => too_large,
                coding::Error::Broken => Error::Reset,
            })?;
            Ok(Response { status, body, content_type, retry_after })
        }
        Err(error) if error.is::<LengthLimitError>() => Err(too_large),
        Err(_) => Err(Error::Reset),
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests;
