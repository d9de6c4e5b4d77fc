//! What we show to an endpoint, where that is more than a constant: tokens of our own, signatures of what we send.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::{Jwt, Secret, SigningKey};
use hmac::{Hmac, Mac as _};
use hyper::header::{HeaderName, HeaderValue};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, AlgorithmFamily, EncodingKey, Header, encode};
use serde::Serialize;
use sha2::Sha256;

use super::jwt::BadKey;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

#[derive(Serialize)]
struct Claims<'c> {
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'c str>,
}

/// A token of ours for one attempt; `of` is the name of what it is declared by.
///
/// # Errors
/// The key is none of the algorithm.
pub fn token(
    of: &str,
    jwt: &Jwt,
    subject: Option<&str>,
    lifetime: Duration,
    now: Timestamp,
) -> Result<Secret, BadKey> {
    let (algorithm, key) = signing_key(of, jwt)?;
    let iat = now.as_second();
    let exp = iat.saturating_add_unsigned(lifetime.as_secs());
    let claims = Claims { iat, exp, iss: jwt.issuer.as_deref(), aud: jwt.audience.as_deref(), sub: subject };
    encode(&Header::new(algorithm), &claims, &key).map(Secret::new).map_err(|_| BadKey::new(of, jwt))
}

/// What tokens of ours are signed with.
///
/// # Errors
/// The key is none of the algorithm.
pub fn signing_key(of: &str, jwt: &Jwt) -> Result<(Algorithm, EncodingKey), BadKey> {
    let bad = || BadKey::new(of, jwt);
    let algorithm: Algorithm = jwt.algorithm.parse().map_err(|_| bad())?;
    let key = jwt.key.reveal().as_bytes();
    let key = match algorithm.family() {
        AlgorithmFamily::Hmac if key.is_empty() => Err(bad()),
        AlgorithmFamily::Hmac => Ok(EncodingKey::from_secret(key)),
        AlgorithmFamily::Rsa => EncodingKey::from_rsa_pem(key).map_err(|_| bad()),
        AlgorithmFamily::Ec => EncodingKey::from_ec_pem(key).map_err(|_| bad()),
        _ => EncodingKey::from_ed_pem(key).map_err(|_| bad()),
    }?;
    Ok((algorithm, key))
}

/// The headers of Standard Webhooks for a body, its id and the time of the attempt; none where the key is empty.
#[must_use]
pub fn webhook(
    key: &SigningKey,
    id: &str,
    body: &[u8],
    now: Timestamp,
) -> Option<[(HeaderName, HeaderValue); 3]> {
    let key = Some(key.reveal()).filter(|key| !key.is_empty())?;
    let timestamp = now.as_second().to_string();
    let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let value = |text: &str| HeaderValue::from_str(text).ok();
    Some([(ID, value(id)?), (TIMESTAMP, value(&timestamp)?), (SIGNATURE, value(&signature)?)])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The example of the specification of Standard Webhooks.
    #[test]
    fn what_we_send_is_signed_as_standard_webhooks_says() {
        let key = SigningKey::new(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let now = Timestamp::from_second(1_614_265_330).unwrap();
        let body = br#"{"test": 2432232314}"#;
        let [(_, id), (_, timestamp), (name, signature)] =
            webhook(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", body, now).unwrap();
        assert_eq!(
            (id, timestamp),
            ("msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap(), "1614265330".parse().unwrap())
        );
        assert_eq!(name, "webhook-signature");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(webhook(&SigningKey::new([]), "id", body, now).is_none());
    }
}
