//! Signed tokens (RFC 7519) of callers, by one algorithm that the contract names.

use std::fmt;

use engine::Jwt;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation, decode};
use serde::Deserialize;

use super::caller::Reason;

/// Two clocks are hardly ever one.
const LEEWAY: f64 = 60.0;

/// The key of a setting is none of this algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadKey {
    /// `partner/channel`, or `partner/auth`.
    of: Box<str>,
    algorithm: &'static str,
}

impl BadKey {
    pub(super) fn new(of: &str, jwt: &Jwt) -> Self {
        Self { of: of.into(), algorithm: jwt.algorithm }
    }
}

impl BadKey {
    /// The partner whose key it is.
    #[must_use]
    pub fn partner(&self) -> &str {
        self.of.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, algorithm } = self;
        write!(f, "{of}: the key is none of {algorithm}: a shared secret for HS, else PEM")
    }
}

impl std::error::Error for BadKey {}

/// Verifies tokens that are for us.
pub(crate) struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

/// Seconds since 1970, perhaps with a fraction (RFC 7519, section 2).
#[derive(Deserialize)]
struct Times {
    exp: f64,
    nbf: Option<f64>,
}

impl Verifier {
    pub fn new(of: &str, jwt: &Jwt) -> Result<Self, BadKey> {
        let bad = || BadKey::new(of, jwt);
        let algorithm: Algorithm = jwt.algorithm.parse().map_err(|_| bad())?;
        let key = jwt.key.reveal().as_bytes();
        let key = match algorithm.family() {
            // An empty secret is one that everybody knows.
            AlgorithmFamily::Hmac if key.is_empty() => Err(bad()),
            AlgorithmFamily::Hmac => Ok(DecodingKey::from_secret(key)),
            AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(key).map_err(|_| bad()),
            AlgorithmFamily::Ec => DecodingKey::from_ec_pem(key).map_err(|_| bad()),
            _ => DecodingKey::from_ed_pem(key).map_err(|_| bad()),
        }?;
        Ok(Self { key, validation: validation(algorithm, jwt) })
    }

    /// # Errors
    /// The token is none, is another's, or is not of this time.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<(), Reason> {
        use jsonwebtoken::errors::ErrorKind;
        let token =
            decode::<Times>(token, &self.key, &self.validation).map_err(|error| match error.kind() {
                ErrorKind::InvalidToken | ErrorKind::Base64(_) | ErrorKind::Json(_) | ErrorKind::Utf8(_) => {
                    Reason::Malformed
                }
                _ => Reason::Wrong,
            })?;
        let now = now.as_duration().as_secs_f64();
        let Times { exp, nbf } = token.claims;
        let is_now = now < exp + LEEWAY && nbf.is_none_or(|nbf| nbf - LEEWAY <= now);
        if is_now { Ok(()) } else { Err(Reason::OutOfTime) }
    }
}

/// All but times, which are held against the clock that we were given.
fn validation(algorithm: Algorithm, jwt: &Jwt) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    let mut required = vec!["exp"];
    // Without one of ours a token that is for somebody is for another (RFC 7519, section 4.1.3).
    if let Some(audience) = &jwt.audience {
        validation.set_audience(&[audience]);
        required.push("aud");
    }
    if let Some(issuer) = &jwt.issuer {
        validation.set_issuer(&[issuer]);
        required.push("iss");
    }
    validation.set_required_spec_claims(&required);
    validation
}
