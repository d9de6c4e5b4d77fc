//! A request whose parts are known to be sendable.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::{Error, Request, Upload};
use crate::transport::{Transport, uri};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// A request whose parts are known to be sendable.
pub(super) struct Prepared {
    pub request: hyper::Request<Bytes>,
    /// Sent instead of the body.
    pub upload: Option<Upload>,
    pub timeout: Duration,
    /// The connections that it goes over.
    pub http: Arc<Transport>,
}

impl Prepared {
    pub fn new(request: Request<'_>, upload: Option<Upload>, http: Arc<Transport>) -> Result<Self, Error> {
        let headers = headers(&request)?;
        let mut prepared = hyper::Request::new(request.body);
        *prepared.method_mut() =
            Method::from_bytes(request.method.as_bytes()).map_err(|_| Error::BadMethod)?;
        *prepared.uri_mut() = uri::parse(request.url).ok_or(Error::BadUrl)?;
        *prepared.headers_mut() = headers;
        Ok(Self { request: prepared, upload, timeout: request.timeout, http })
    }

    /// Adds what proves who we are.
    pub fn show<const N: usize>(&mut self, credentials: [(HeaderName, HeaderValue); N]) {
        for (name, value) in credentials {
            self.request.headers_mut().insert(name, value);
        }
    }

    /// The id and the body, unless it is streamed.
    pub fn signed(&self) -> Option<(&str, &[u8])> {
        let id = self.request.headers().get(IDEMPOTENCY_KEY)?.to_str().ok()?;
        self.upload.is_none().then_some((id, &**self.request.body()))
    }

    /// The same, to be sent again; none of what is streamed.
    pub fn again(&self) -> Option<Self> {
        let Self { request, upload, timeout, http } = self;
        let (request, http) = (request.clone(), Arc::clone(http));
        upload.is_none().then(|| Self { request, upload: None, timeout: *timeout, http })
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
    if let Some(state) = request.tracestate {
        set(TRACESTATE, "tracestate", state)?;
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
