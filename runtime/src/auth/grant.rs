//! One request to a token endpoint: the grant of client credentials, or of a user's password (RFC 6749, sections 4.4, 4.3).

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use engine::{OAuth2, Secret};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Request, StatusCode};
use serde::Deserialize;

use crate::transport::{self, Transport, uri};

/// The longest a token endpoint may take, from connecting to the last byte.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of a token endpoint's answer.
const MAX_ANSWER: usize = 64 * 1024;

/// A token that says nothing about its life is used this long.
const DEFAULT_LIFE: Duration = Duration::from_secs(5 * 60);

/// No token is used longer, whatever it says.
const MAX_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why there is no token. It never holds a secret or a part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The token URL is not one that can be called.
    BadUrl,
    /// The endpoint could not be reached, or hung up.
    Unreachable,
    /// The name of the token URL's host leads to this address only, which is neither public nor allowed.
    Forbidden(IpAddr),
    /// The endpoint did not answer in time.
    Timeout,
    /// The endpoint answered with this status instead of 200.
    Status(u16),
    /// The answer is larger than 64 KB.
    TooLarge,
    /// The answer is not the JSON that RFC 6749 prescribes, or the token cannot go into a header.
    Malformed,
    /// The token is of another type than bearer.
    NotBearer,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadUrl => f.write_str("the token URL cannot be called"),
            Self::Unreachable => f.write_str("the token endpoint cannot be reached"),
            Self::Forbidden(address) => write!(
                f,
                "the host of the token URL leads to {address}, which is not public, nor in `private` of tolmach.yaml"
            ),
            Self::Timeout => f.write_str("the token endpoint did not answer in time"),
            Self::Status(status) => write!(f, "the token endpoint answered {status}"),
            Self::TooLarge => f.write_str("the token endpoint's answer is too large"),
            Self::Malformed => f.write_str("the token endpoint's answer is malformed"),
            Self::NotBearer => f.write_str("the token endpoint gave a token that is not a bearer"),
        }
    }
}

impl std::error::Error for Error {}

/// What a token endpoint gave.
pub(super) struct Granted {
    pub token: Secret,
    /// How long the token is to be used.
    pub life: Duration,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    expires_in: Option<serde_json::Value>,
}

/// Asks for a token once.
pub(super) async fn ask(grant: &OAuth2, http: &Transport) -> Result<Granted, Error> {
    let url = uri::parse(&grant.token_url).ok_or(Error::BadUrl)?;
    let mut request = Request::post(url)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(form(grant)))
        .map_err(|_| Error::BadUrl)?;
    if let Some(secret) = &grant.client_secret {
        request.headers_mut().insert(AUTHORIZATION, authorization(&grant.client_id, secret)?);
    }
    tokio::time::timeout(TIMEOUT, exchange(request, http)).await.unwrap_or(Err(Error::Timeout))
}

async fn exchange(request: Request<Bytes>, http: &Transport) -> Result<Granted, Error> {
    let response = http.send(request).await.map_err(|error| match error {
        transport::Error::Forbidden(address) => Error::Forbidden(address),
        transport::Error::Setup(_)
        | transport::Error::Connect
        | transport::Error::Tls(_)
        | transport::Error::Reset => Error::Unreachable,
    })?;
    let status = response.status();
    if status != StatusCode::OK {
        return Err(Error::Status(status.as_u16()));
    }
    match Limited::new(response.into_body(), MAX_ANSWER).collect().await {
        Ok(body) => read(&body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Error::TooLarge),
        Err(_) => Err(Error::Unreachable),
    }
}

fn form(grant: &OAuth2) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    match &grant.user {
        None => form.append_pair("grant_type", "client_credentials"),
        Some((name, password)) => form
            .append_pair("grant_type", "password")
            .append_pair("username", name.reveal())
            .append_pair("password", password.reveal()),
    };
    if grant.client_secret.is_none() {
        form.append_pair("client_id", grant.client_id.reveal());
    }
    if let Some(scope) = &grant.scope {
        form.append_pair("scope", scope);
    }
    form.finish()
}

/// RFC 6749, section 2.3.1: id and secret are form-encoded before they become Basic credentials.
fn authorization(id: &Secret, secret: &Secret) -> Result<HeaderValue, Error> {
    let encode =
        |secret: &Secret| -> String { form_urlencoded::byte_serialize(secret.reveal().as_bytes()).collect() };
    let (id, secret) = (encode(id), encode(secret));
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let mut value = HeaderValue::try_from(basic).map_err(|_| Error::Malformed)?;
    value.set_sensitive(true);
    Ok(value)
}

fn read(body: &[u8]) -> Result<Granted, Error> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| Error::Malformed)?;
    if !answer.token_type.eq_ignore_ascii_case("bearer") {
        return Err(Error::NotBearer);
    }
    let token = answer.access_token;
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::Malformed);
    }
    let life = match &answer.expires_in {
        None | Some(serde_json::Value::Null) => DEFAULT_LIFE,
        Some(value) => early(seconds(value).ok_or(Error::Malformed)?),
    };
    Ok(Granted { token: Secret::new(token), life })
}

/// RFC 6749 says a number; some servers send it in quotes.
fn seconds(value: &serde_json::Value) -> Option<u64> {
    match value {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// A token is renewed at 90 % of its life and at least 5 s before its end; one too short for that,
/// at half of it. The second at the end bounds how often an endpoint is asked.
fn early(expires_in: u64) -> Duration {
    let whole = Duration::from_secs(expires_in).min(MAX_LIFE);
    let margin = whole.saturating_sub(Duration::from_secs(5));
    (whole * 9 / 10).min(margin.max(whole / 2)).max(Duration::from_secs(1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn life(expires_in: &str) -> Result<u128, Error> {
        let body = format!(r#"{{"access_token":"t","token_type":"BEARER","expires_in":{expires_in},"x":1}}"#);
        read(body.as_bytes()).map(|granted| granted.life.as_millis())
    }

    #[test]
    fn a_token_is_renewed_before_its_end() {
        assert_eq!(life("3600"), Ok(3_240_000));
        assert_eq!(life("\"3600\""), Ok(3_240_000));
        assert_eq!(life("20"), Ok(15_000));
        assert_eq!(life("4"), Ok(2_000));
        assert_eq!(life("0"), Ok(1_000));
        assert_eq!(life("null"), Ok(300_000));
        assert_eq!(life("18446744073709551615"), Ok(77_760_000));
    }

    #[test]
    fn a_life_that_is_no_number_of_seconds_is_malformed() {
        for value in ["-1", "1.5", "\"soon\"", "{}", "true"] {
            assert_eq!(life(value), Err(Error::Malformed), "{value}");
        }
    }

    #[test]
    fn an_answer_is_read_strictly() {
        let cases: [(&str, Error); 6] = [
            ("", Error::Malformed),
            ("[]", Error::Malformed),
            (r#"{"token_type":"bearer"}"#, Error::Malformed),
            (r#"{"access_token":"t"}"#, Error::Malformed),
            (r#"{"access_token":"t\r\nX: y","token_type":"bearer"}"#, Error::Malformed),
            (r#"{"access_token":"t","token_type":"mac"}"#, Error::NotBearer),
        ];
        for (body, expected) in cases {
            assert_eq!(read(body.as_bytes()).map(|_| ()).unwrap_err(), expected, "{body}");
        }
    }
}
