//! A request whose parts are known to be sendable.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};

use super::{Error, Request, Upload};
use crate::transport::uri;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A request whose parts are known to be sendable.
pub(super) struct Prepared {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    /// Sent instead of the body, once.
    upload: Mutex<Option<Upload>>,
    pub timeout: Duration,
}

impl Prepared {
    pub fn new(request: &Request<'_>, upload: Option<Upload>) -> Result<Self, Error> {
        Ok(Self {
            method: Method::from_bytes(request.method.as_bytes()).map_err(|_| Error::BadMethod)?,
            uri: uri::parse(request.url).ok_or(Error::BadUrl)?,
            headers: headers(request)?,
            body: request.body.clone(),
            upload: Mutex::new(upload),
            timeout: request.timeout,
        })
    }

    /// The request as it goes out, with its body if that is there.
    pub fn request(&self, credentials: Option<HeaderValue>) -> hyper::Request<Bytes> {
        let mut request = hyper::Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        if let Some(credentials) = credentials {
            request.headers_mut().insert(AUTHORIZATION, credentials);
        }
        request
    }

    pub fn upload(&self) -> Option<Upload> {
        self.upload.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub fn is_streamed(&self) -> bool {
        self.upload.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

fn headers(request: &Request<'_>) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(8 + request.headers.len());
    let mut set = |name: HeaderName, label, value: &str| {
        let value = HeaderValue::from_str(value).map_err(|_| Error::BadHeader(label))?;
        headers.insert(name, value);
        Ok::<_, Error>(())
    };
    set(IDEMPOTENCY_KEY, "Idempotency-Key", request.idempotency_key)?;
    if !request.body.is_empty() && !request.content_type.is_empty() {
        set(CONTENT_TYPE, "Content-Type", request.content_type)?;
    }
    if let Some(parent) = request.traceparent {
        set(TRACEPARENT, "traceparent", parent)?;
    }
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
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
