//! Problem details (RFC 9457): how we say in an answer what is wrong.

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Response, whole};

/// The members that every problem has; an extension cannot replace them.
const STANDARD: [&str; 5] = ["type", "title", "status", "detail", "retry"];

/// One problem document with the headers that belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    document: Document,
    status: StatusCode,
    headers: HeaderMap,
}

/// The members in the order in which they are written.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    retry: bool,
    #[serde(flatten)]
    extensions: Map<String, Value>,
}

impl Problem {
    /// `slug` ends the URN `urn:tolmach:problem:<slug>`, which names the kind of problem for
    /// programs; `title` names it for people. Sending the same again is not advised.
    #[must_use]
    pub fn new(status: StatusCode, slug: &str, title: &'static str) -> Self {
        Self {
            document: Document {
                kind: format!("urn:tolmach:problem:{slug}"),
                title,
                status: status.as_u16(),
                detail: None,
                retry: false,
                extensions: Map::new(),
            },
            status,
            headers: HeaderMap::new(),
        }
    }

    /// What is wrong this time, in one sentence. It names no value of the message.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.document.detail = Some(detail.into());
        self
    }

    /// The same message may be sent again, and may fare better.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.document.retry = true;
        self
    }

    /// Adds a member beside the standard ones, which it cannot replace.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if !STANDARD.contains(&name) {
            self.document.extensions.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a header; a value that no header can carry is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The status and the document.
    #[must_use]
    pub fn rendered(&self) -> (u16, Vec<u8>) {
        // Strings, numbers and JSON values only: it cannot fail, and an empty body would still do.
        (self.document.status, serde_json::to_vec(&self.document).unwrap_or_default())
    }

    /// The answer, as `application/problem+json`.
    #[must_use]
    pub fn into_response(self) -> Response {
        let (_, body) = self.rendered();
        let mut response = Response::new(whole(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_replaces_no_standard_member() {
        let problem = Problem::new(StatusCode::NOT_FOUND, "x", "X").with("status", 200).with("more", 1);
        let text = serde_json::to_string(&problem.document).unwrap();
        assert_eq!(
            text,
            r#"{"type":"urn:tolmach:problem:x","title":"X","status":404,"retry":false,"more":1}"#
        );
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_left_out() {
        let problem =
            Problem::new(StatusCode::NOT_FOUND, "x", "X").header(hyper::header::ALLOW, "GET\r\nX: y");
        assert!(problem.headers.is_empty());
    }
}
