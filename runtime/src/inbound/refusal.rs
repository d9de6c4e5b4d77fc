//! Everything the listener refuses, and the one place where a refusal becomes an answer.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{ACCEPT_ENCODING, ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::Value;

use super::{Problem, Response};

/// Why a request is not taken. Nothing of it holds a value of the message.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// No channel listens on the path.
    NotFound,
    /// The path has channels, for these methods (as `Allow` lists them).
    MethodNotAllowed { allow: String },
    /// The credentials are missing or wrong; `challenge` goes into `WWW-Authenticate`.
    Unauthorized { challenge: String },
    /// The channel does not take messages from there.
    Forbidden,
    /// The body is of a kind the channel does not take.
    UnsupportedMediaType { detail: &'static str },
    /// The body is compressed in a way that is not read.
    UnsupportedCoding,
    /// The body is larger than `limit` bytes.
    TooLarge { limit: usize },
    /// The request is not proper HTTP, such as a body shorter than its declared length.
    BadRequest { detail: &'static str },
    /// The body did not arrive in time.
    Timeout,
    /// The same identity came before, with another body.
    Conflict,
    /// The body cannot be read as the channel's encoding. Faults name paths and rules only.
    Malformed { faults: Vec<Value> },
    /// The message is well formed and does not satisfy the contract. Faults name paths and rules
    /// only.
    Invalid { faults: Vec<Value> },
    /// Nothing is wrong with the message, but something it needs is not there yet. Faults name
    /// paths and rules only.
    NotYet { faults: Vec<Value> },
    /// The endpoint that was called for the message did not take it, or did not answer (`late`: in time). Whether it has
    /// acted may be `unknown`.
    CallFailed { late: bool, unknown: bool, retry_after: Option<Duration> },
    /// The endpoint that was called for the message refused it.
    CallRejected,
    /// The endpoint has responded, and no answer can be made of it. Faults name paths and rules only.
    Unanswerable { faults: Vec<Value> },
    /// The same message came before, and what an endpoint said to it was passed on and is not kept.
    PassedOn,
    /// The same message is being worked on.
    UnderWay { retry_after: Duration },
    /// Too much is being done already.
    Overloaded { retry_after: Duration },
    /// A person has paused the partner.
    Paused { retry_after: Duration },
    /// The message cannot be made durable now.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Refusal {
    /// The answer that tells the caller.
    #[must_use]
    pub fn into_response(self) -> Response {
        self.into_problem().into_response()
    }

    /// The problem document. `retryable` means that the same message may be sent again as it is.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        match self {
            Self::NotFound => problem(404, "not-found", "No channel has this path"),
            Self::MethodNotAllowed { allow } => {
                problem(405, "method-not-allowed", "The path takes other methods").header(ALLOW, &allow)
            }
            Self::Unauthorized { challenge } => {
                problem(401, "unauthorized", "The credentials are missing or wrong")
                    .header(WWW_AUTHENTICATE, &challenge)
            }
            Self::Forbidden => {
                problem(403, "forbidden", "The channel does not take messages from this address")
            }
            Self::UnsupportedMediaType { detail } => {
                problem(415, "unsupported-media-type", "The channel does not take this kind of body")
                    .detail(detail)
            }
            Self::UnsupportedCoding => {
                problem(415, "unsupported-coding", "The body's Content-Encoding is not read")
                    .detail("one of gzip and deflate is, or none")
                    .header(ACCEPT_ENCODING, "gzip, deflate")
            }
            Self::TooLarge { limit } => problem(413, "too-large", "The body is too large")
                .detail(format!("at most {limit} bytes are taken"))
                .with("limit", limit),
            Self::BadRequest { detail } => {
                problem(400, "bad-request", "The request is not well formed").detail(detail)
            }
            Self::Timeout => problem(408, "timeout", "The body did not arrive in time").retryable(),
            Self::Conflict => problem(409, "conflict", "Another message with this identity came before")
                .detail("a message that is sent again must have the same body"),
            Self::Malformed { faults } => {
                problem(400, "malformed", "The body cannot be read").with("faults", faults)
            }
            Self::Invalid { faults } => {
                problem(422, "invalid", "The message does not satisfy the contract").with("faults", faults)
            }
            Self::NotYet { faults } => {
                problem(503, "not-yet", "The message cannot be taken yet").with("faults", faults).retryable()
            }
            Self::CallFailed { late, unknown, retry_after } => call_failed(late, unknown, retry_after),
            Self::CallRejected => {
                problem(502, "rejected-by-partner", "The partner that was asked has refused the message")
            }
            Self::Unanswerable { faults } => {
                problem(502, "unanswerable", "The partner's response cannot be made into an answer")
                    .detail("the partner may have carried out what was asked")
                    .with("faults", faults)
            }
            Self::PassedOn => problem(409, "passed-on", "The message came before, and was answered")
                .detail("the answer was passed on from a partner and is not kept"),
            Self::UnderWay { retry_after } => {
                problem(503, "under-way", "The same message is being worked on")
                    .header(RETRY_AFTER, &seconds(retry_after))
                    .retryable()
            }
            Self::Overloaded { retry_after } => problem(503, "overloaded", "Too many requests")
                .header(RETRY_AFTER, &seconds(retry_after))
                .retryable(),
            Self::Paused { retry_after } => problem(503, "paused", "The channel is paused")
                .header(RETRY_AFTER, &seconds(retry_after))
                .retryable(),
            Self::Unavailable => problem(503, "unavailable", "The message cannot be kept now").retryable(),
            Self::Internal => problem(500, "internal", "Something failed on our side").retryable(),
        }
    }
}

fn problem(status: u16, slug: &str, title: &'static str) -> Problem {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Problem::new(status, slug, title)
}

fn call_failed(late: bool, unknown: bool, retry_after: Option<Duration>) -> Problem {
    let failed = match late {
        true => problem(504, "partner-timeout", "The partner that was asked did not answer in time"),
        false => problem(502, "partner-failed", "The partner that was asked could not answer"),
    };
    let detail = match unknown {
        true => "it may have carried out what was asked; the message may come again with the same id",
        false => "the message may come again with the same id",
    };
    let failed = failed.detail(detail).retryable();
    match retry_after {
        Some(wait) => failed.header(RETRY_AFTER, &seconds(wait)),
        None => failed,
    }
}

/// Whole seconds, rounded up: never earlier than meant.
fn seconds(wait: Duration) -> String {
    let up = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(up).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::fmt::Write as _;

    use http_body_util::BodyExt as _;
    use serde_json::json;

    use super::*;

    fn every() -> Vec<Refusal> {
        let faults = vec![json!({
            "kind": "rule",
            "rule": {"file": "bank/new.yaml", "line": 7, "column": 3},
            "target": "product.amount",
            "source": "payload.amount"
        })];
        vec![
            Refusal::NotFound,
            Refusal::MethodNotAllowed { allow: "GET, POST".to_owned() },
            Refusal::Unauthorized { challenge: "Bearer realm=\"bank/inbox\"".to_owned() },
            Refusal::UnsupportedMediaType { detail: "the channel takes application/json" },
            Refusal::UnsupportedCoding,
            Refusal::TooLarge { limit: 1_048_576 },
            Refusal::BadRequest { detail: "the body ends early" },
            Refusal::Timeout,
            Refusal::Conflict,
            Refusal::Malformed { faults: faults.clone() },
            Refusal::Invalid { faults: faults.clone() },
            Refusal::NotYet { faults },
            Refusal::CallFailed { late: false, unknown: false, retry_after: Some(Duration::from_secs(7)) },
            Refusal::CallFailed { late: true, unknown: true, retry_after: None },
            Refusal::CallRejected,
            Refusal::Unanswerable { faults: Vec::new() },
            Refusal::PassedOn,
            Refusal::UnderWay { retry_after: Duration::from_secs(1) },
            Refusal::Overloaded { retry_after: Duration::from_millis(1500) },
            Refusal::Paused { retry_after: Duration::from_secs(60) },
            Refusal::Unavailable,
            Refusal::Internal,
        ]
    }

    async fn rendered(response: Response) -> String {
        let (head, body) = response.into_parts();
        let mut text = format!("HTTP {}\n", head.status);
        for (name, value) in &head.headers {
            writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
        let body = body.collect().await.unwrap().to_bytes();
        writeln!(text, "{}", String::from_utf8(body.to_vec()).unwrap()).unwrap();
        text
    }

    #[tokio::test]
    async fn what_a_caller_is_told() {
        let mut all = Vec::new();
        for refusal in every() {
            all.push(rendered(refusal.into_response()).await);
        }
        insta::assert_snapshot!(all.join("\n"));
    }
}
