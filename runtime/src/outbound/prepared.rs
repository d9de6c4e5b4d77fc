//! A request whose parts are known to be sendable.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::{Error, Request, Upload};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A request whose parts are known to be sendable.
pub(super) struct Prepared {
    pub method: reqwest::Method,
    pub url: reqwest::Url,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Sent instead of the body, once.
    pub upload: Mutex<Option<Upload>>,
    /// For the head of the response.
    pub timeout: Duration,
    /// For all of the response, where all of it is read.
    pub whole: Option<Duration>,
}

impl Prepared {
    pub fn new(request: &Request<'_>) -> Result<Self, Error> {
        Ok(Self {
            method: reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|_| Error::BadMethod)?,
            url: url(request.url)?,
            headers: headers(request)?,
            body: request.body.clone(),
            upload: Mutex::new(None),
            timeout: request.timeout,
            whole: None,
        })
    }

    pub fn upload(&self) -> Option<Upload> {
        self.upload.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub fn is_streamed(&self) -> bool {
        self.upload.lock().unwrap_or_else(PoisonError::into_inner).is_some()
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
    if !request.body.is_empty() && !request.content_type.is_empty() {
        set(CONTENT_TYPE, "Content-Type", request.content_type)?;
    }
    if let Some(parent) = request.traceparent {
        set(TRACEPARENT, "traceparent", parent)?;
    }
    for (name, value) in request.headers {
        let name = HeaderName::try_from(name).map_err(|_| Error::BadHeader("of the contract"))?;
        let value = HeaderValue::from_str(value).map_err(|_| Error::BadHeader("of the contract"))?;
        // Without a body there is nothing that it could be the type of.
        if name != CONTENT_TYPE || !request.content_type.is_empty() {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}
