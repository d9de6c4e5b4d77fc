//! One HTTP call: bounded in time and size, with credentials, without redirects.

use std::fmt;
use std::pin::pin;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use engine::{Auth, Authentication, OAuth2, Secret};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect;
use tokio::time::Instant;

use super::prepared::Prepared;
use super::{Error, Opened, Progress, Upload, retry_after};
use crate::auth::{Tokens, token};

/// Bytes of a response's body.
pub const MAX_RESPONSE: usize = 1024 * 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const IDLE_PER_HOST: usize = 32;
const UNAUTHORIZED: u16 = 401;
const USER_AGENT: &str = concat!("tolmach/", env!("CARGO_PKG_VERSION"));

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
        let timeout = request.timeout;
        let prepared = Prepared { whole: Some(timeout), ..Prepared::new(&request)? };
        read(self.authorized(&prepared, request.auth).await?).await
    }

    /// Sends a request and waits for the head of its response only. Takes as long as [`Self::call`]; with an `upload`, which
    /// is sent instead of the body, as long as it moves. What was streamed cannot be sent again after a 401.
    ///
    /// # Errors
    /// As for [`Self::call`]; an upload that broke says so itself.
    pub async fn open(&self, request: Request<'_>, upload: Option<Upload>) -> Result<Opened, Error> {
        let prepared = Prepared { upload: Mutex::new(upload), ..Prepared::new(&request)? };
        Ok(Opened::new(self.authorized(&prepared, request.auth).await?, request.timeout))
    }

    async fn authorized(
        &self,
        prepared: &Prepared,
        auth: Option<&Authentication>,
    ) -> Result<reqwest::Response, Error> {
        match auth.map(|entry| (entry, &*entry.auth)) {
            None => self.send(prepared, None).await,
            Some((_, Auth::Basic { user, password })) => {
                self.send(prepared, Some(basic(user, password)?)).await
            }
            Some((_, Auth::Bearer { token })) => {
                let credentials = credentials("Bearer", token.reveal())?;
                self.send(prepared, Some(credentials)).await
            }
            Some((entry, Auth::OAuth2(grant))) => self.send_with_token(prepared, &entry.name, grant).await,
        }
    }

    async fn send_with_token(
        &self,
        prepared: &Prepared,
        name: &str,
        grant: &OAuth2,
    ) -> Result<reqwest::Response, Error> {
        let once = prepared.is_streamed();
        let token = self.tokens.bearer(name, grant, &self.http).await?;
        let first = credentials("Bearer", token.reveal())?;
        let response = self.send(prepared, Some(first)).await?;
        if response.status().as_u16() != UNAUTHORIZED {
            return Ok(response);
        }
        self.tokens.invalidate(name, &token);
        if once {
            return Ok(response);
        }
        let token = self.tokens.bearer(name, grant, &self.http).await?;
        let second = credentials("Bearer", token.reveal())?;
        self.send(prepared, Some(second)).await
    }

    async fn send(
        &self,
        prepared: &Prepared,
        credentials: Option<HeaderValue>,
    ) -> Result<reqwest::Response, Error> {
        let mut request = self
            .http
            .request(prepared.method.clone(), prepared.url.clone())
            .headers(prepared.headers.clone());
        if let Some(timeout) = prepared.whole {
            request = request.timeout(timeout);
        }
        let mut progress = None;
        if let Some(upload) = prepared.upload() {
            progress = Some(upload.progress());
            request = request.body(reqwest::Body::wrap(upload));
        } else if !prepared.body.is_empty() {
            request = request.body(prepared.body.clone());
        }
        if let Some(value) = credentials {
            request = request.header(AUTHORIZATION, value);
        }
        head(request.send(), prepared.timeout, progress).await
    }
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

/// The head of the response, if it comes within `timeout` of the last that was sent.
async fn head(
    sending: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
    timeout: Duration,
    progress: Option<Progress>,
) -> Result<reqwest::Response, Error> {
    let mut sending = pin!(sending);
    let mut since = Instant::now();
    loop {
        if let Ok(sent) = tokio::time::timeout_at(since + timeout, &mut sending).await {
            return sent.map_err(failure);
        }
        match progress.as_ref().map(Progress::last) {
            Some(last) if last > since => since = last,
            Some(_) | None => return Err(Error::Timeout),
        }
    }
}

/// The order matters: a connection that was not made in time is both, and nothing was sent.
pub(super) fn failure(error: reqwest::Error) -> Error {
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

pub(super) async fn read(mut response: reqwest::Response) -> Result<Response, Error> {
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
