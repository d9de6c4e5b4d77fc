//! One HTTP call: bounded in time and size, with credentials, without redirects.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use engine::{Auth, Authentication, OAuth2, Secret};
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect;

use super::{Error, retry_after};
use crate::auth::{Tokens, token};

/// Bytes of a response's body.
pub const MAX_RESPONSE: usize = 1024 * 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_PER_HOST: usize = 32;
const UNAUTHORIZED: u16 = 401;
const USER_AGENT: &str = concat!("tolmach/", env!("CARGO_PKG_VERSION"));
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

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
    /// Absolute, `http` or `https`, without credentials.
    pub url: &'a str,
    /// Of the body; not sent without one.
    pub content_type: &'a str,
    pub body: Bytes,
    /// Stays the same for every attempt of a delivery.
    pub idempotency_key: &'a str,
    pub auth: Option<&'a Authentication>,
    /// From connecting to the last byte of the response.
    pub timeout: Duration,
    /// W3C Trace Context.
    pub traceparent: Option<&'a str>,
}

/// What came back, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub body: Vec<u8>,
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

/// Calls endpoints. It keeps connections and access tokens; one serves the whole process.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    tokens: Tokens,
}

impl Client {
    /// # Errors
    /// [`Error::Setup`] if TLS cannot be set up, such as where the system has no CA certificates.
    pub fn new() -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| Error::Setup(causes(&error)))?;
        Ok(Self { http, tokens: Tokens::new() })
    }

    /// Sends a request and reads the whole response, of any status. Redirects are not followed.
    /// When an endpoint refuses an OAuth2 token with 401, a new token is tried once. Takes at most
    /// [`longest`].
    ///
    /// # Errors
    /// [`Error`]: what cannot be sent, what did not arrive, and what came back too large.
    pub async fn call(&self, request: Request<'_>) -> Result<Response, Error> {
        let prepared = Prepared::new(&request)?;
        match request.auth.map(|entry| (entry, &*entry.auth)) {
            None => self.send(&prepared, None).await,
            Some((_, Auth::Basic { user, password })) => {
                self.send(&prepared, Some(basic(user, password)?)).await
            }
            Some((_, Auth::Bearer { token })) => {
                let credentials = credentials("Bearer", token.reveal())?;
                self.send(&prepared, Some(credentials)).await
            }
            Some((entry, Auth::OAuth2(grant))) => self.send_with_token(&prepared, &entry.name, grant).await,
        }
    }

    async fn send_with_token(
        &self,
        prepared: &Prepared,
        name: &str,
        grant: &OAuth2,
    ) -> Result<Response, Error> {
        let token = self.tokens.bearer(name, grant, &self.http).await?;
        let first = credentials("Bearer", token.reveal())?;
        let response = self.send(prepared, Some(first)).await?;
        if response.status != UNAUTHORIZED {
            return Ok(response);
        }
        self.tokens.invalidate(name, &token);
        let token = self.tokens.bearer(name, grant, &self.http).await?;
        let second = credentials("Bearer", token.reveal())?;
        self.send(prepared, Some(second)).await
    }

    async fn send(&self, prepared: &Prepared, credentials: Option<HeaderValue>) -> Result<Response, Error> {
        let mut request = self
            .http
            .request(prepared.method.clone(), prepared.url.clone())
            .timeout(prepared.timeout)
            .headers(prepared.headers.clone());
        if !prepared.body.is_empty() {
            request = request.body(prepared.body.clone());
        }
        if let Some(value) = credentials {
            request = request.header(AUTHORIZATION, value);
        }
        read(request.send().await.map_err(failure)?).await
    }
}

/// A request whose parts are known to be sendable.
struct Prepared {
    method: reqwest::Method,
    url: reqwest::Url,
    headers: HeaderMap,
    body: Bytes,
    timeout: Duration,
}

impl Prepared {
    fn new(request: &Request<'_>) -> Result<Self, Error> {
        Ok(Self {
            method: reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|_| Error::BadMethod)?,
            url: url(request.url)?,
            headers: headers(request)?,
            body: request.body.clone(),
            timeout: request.timeout,
        })
    }
}

fn url(text: &str) -> Result<reqwest::Url, Error> {
    let url = reqwest::Url::parse(text).map_err(|_| Error::BadUrl)?;
    let callable = matches!(url.scheme(), "http" | "https") && url.has_host();
    // Credentials in a URL would become a header, and end up in logs: `auth` is the place.
    if callable && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(Error::BadUrl)
    }
}

fn headers(request: &Request<'_>) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, label, value: &str| {
        let value = HeaderValue::from_str(value).map_err(|_| Error::BadHeader(label))?;
        headers.insert(name, value);
        Ok::<_, Error>(())
    };
    set(ACCEPT, "Accept", "application/json")?;
    set(IDEMPOTENCY_KEY, "Idempotency-Key", request.idempotency_key)?;
    if !request.body.is_empty() {
        set(CONTENT_TYPE, "Content-Type", request.content_type)?;
    }
    if let Some(parent) = request.traceparent {
        set(TRACEPARENT, "traceparent", parent)?;
    }
    Ok(headers)
}

fn basic(user: &Secret, password: &Secret) -> Result<HeaderValue, Error> {
    let pair = format!("{}:{}", user.reveal(), password.reveal());
    credentials("Basic", &STANDARD.encode(pair))
}

fn credentials(scheme: &str, value: &str) -> Result<HeaderValue, Error> {
    let mut header =
        HeaderValue::try_from(format!("{scheme} {value}")).map_err(|_| Error::BadHeader("Authorization"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// An error with all that it came from: the outermost alone says "builder error".
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// The order matters: a connection that was not made in time is both, and nothing was sent.
fn failure(error: reqwest::Error) -> Error {
    if error.is_connect() {
        Error::Connect
    } else if error.is_timeout() {
        Error::Timeout
    } else if error.is_builder() {
        Error::BadUrl
    } else {
        Error::Reset
    }
}

async fn read(mut response: reqwest::Response) -> Result<Response, Error> {
    let status = response.status().as_u16();
    let content_type = text(response.headers(), &CONTENT_TYPE).map(str::to_owned);
    let retry_after =
        text(response.headers(), &RETRY_AFTER).and_then(|value| retry_after::parse(value, Timestamp::now()));
    let too_large = Error::TooLarge { status, limit: MAX_RESPONSE };
    if response.content_length().is_some_and(|length| length > MAX_RESPONSE as u64) {
        return Err(too_large);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > MAX_RESPONSE {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, body, content_type, retry_after })
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests;
