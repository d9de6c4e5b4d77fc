//! Checks what a caller shows: Basic (RFC 7617), Bearer (RFC 6750), a key in a header, a signed token, a signature.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::{Caller, Channel, Credential, Inbound, Secret, World};
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::{certificate, jwt, signature};

/// A caller that is not let in. The reason is for the log: the answer must not tell reasons apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    scheme: Scheme,
    reason: Reason,
}

/// Why a caller is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing of what the channel asks for is there.
    Missing,
    /// It is not what the channel prescribes.
    Malformed,
    /// It is well formed, and not ours.
    Wrong,
    /// It was right, and is too old or of a time to come.
    OutOfTime,
    /// The signature could not be worked out over this message: the fault of an expression, without values.
    Unsigned(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Basic,
    Bearer,
    ApiKey,
    Signature,
    Certificate,
}

/// Lets callers of one channel in, or does not.
#[derive(Debug)]
pub struct Guard {
    channel: Arc<Channel>,
    token: Option<jwt::Verifier>,
}

impl Guard {
    /// # Errors
    /// The key by which tokens are to be verified is none.
    pub fn new(channel: &Arc<Channel>) -> Result<Self, jwt::BadKey> {
        let token = match &channel.auth {
            Some(Caller::Jwt(jwt)) => Some(jwt::Verifier::new(&channel.name, jwt)?),
            _ => None,
        };
        Ok(Self { channel: Arc::clone(channel), token })
    }

    /// What can be told by the headers and the connection alone. The time it takes does not depend on how much of a credential is right.
    ///
    /// # Errors
    /// [`Denied`], with a challenge for the answer and a reason for the log.
    pub fn check(
        &self,
        headers: &HeaderMap,
        certificate: Option<&CertificateDer<'_>>,
        now: Timestamp,
    ) -> Result<(), Denied> {
        match &self.channel.auth {
            None => Ok(()),
            Some(Caller::Certificate { name, sha256 }) => {
                let verdict = certificate::check(certificate, name.as_deref(), sha256.as_ref());
                verdict.map_err(|reason| Denied { scheme: Scheme::Certificate, reason })
            }
            Some(caller) => by_headers(caller, self.token.as_ref(), headers, now),
        }
    }

    /// What is told by the message: of its text as it came, and of the JSON that was made of it.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn check_message(
        &self,
        (text, json): (&[u8], &[u8]),
        inbound: &Inbound,
        world: World<'_>,
    ) -> Result<(), Denied> {
        let Some(Caller::Signature(signature)) = &self.channel.auth else { return Ok(()) };
        let verdict = signature::check(signature, (text, json), inbound, world);
        verdict.map_err(|reason| Denied { scheme: Scheme::Signature, reason })
    }
}

fn by_headers(
    caller: &Caller,
    token: Option<&jwt::Verifier>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(), Denied> {
    let (scheme, verdict) = match caller {
        Caller::Signature(_) | Caller::Certificate { .. } => return Ok(()),
        Caller::Constant(Credential::Basic { user, password }) => {
            (Scheme::Basic, basic(headers, user, password))
        }
        Caller::Constant(Credential::Bearer { token }) => (Scheme::Bearer, bearer(headers, token)),
        Caller::Constant(Credential::ApiKey { header, key }) => {
            (Scheme::ApiKey, api_key(headers, header, key))
        }
        Caller::Jwt(_) => (Scheme::Bearer, signed(headers, token, now)),
    };
    verdict.map_err(|reason| Denied { scheme, reason })
}

/// Whether the one bearer token is this one.
#[must_use]
pub fn has_bearer(headers: &HeaderMap, token: &Secret) -> bool {
    bearer(headers, token).is_ok()
}

fn signed(headers: &HeaderMap, token: Option<&jwt::Verifier>, now: Timestamp) -> Result<(), Reason> {
    let presented = credentials(headers, "bearer")?;
    token.ok_or(Reason::Wrong)?.check(presented, now)
}

fn basic(headers: &HeaderMap, user: &Secret, password: &Secret) -> Result<(), Reason> {
    let presented = credentials(headers, "basic")?;
    let decoded = STANDARD
        .decode(presented)
        .map_err(|_| Reason::Malformed)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| Reason::Malformed))?;
    // A user name has no colon, a password may.
    let (name, word) = decoded.split_once(':').ok_or(Reason::Malformed)?;
    // Both are compared, whatever the first comparison says.
    accept(same(name, user.reveal()) & same(word, password.reveal()))
}

fn bearer(headers: &HeaderMap, token: &Secret) -> Result<(), Reason> {
    let presented = credentials(headers, "bearer")?;
    accept(same(presented, token.reveal()))
}

fn api_key(headers: &HeaderMap, header: &str, key: &Secret) -> Result<(), Reason> {
    let name = HeaderName::try_from(header).map_err(|_| Reason::Missing)?;
    let presented = one(headers, &name)?.to_str().map_err(|_| Reason::Malformed)?;
    // A setting that is empty is a mistake, and lets nobody in.
    if presented.is_empty() { Err(Reason::Malformed) } else { accept(same(presented, key.reveal())) }
}

/// What follows the scheme in the one `Authorization` header; it is not empty.
fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Result<&'h str, Reason> {
    let text = one(headers, &AUTHORIZATION)?.to_str().map_err(|_| Reason::Malformed)?;
    let (name, rest) = text.split_once(' ').ok_or(Reason::Malformed)?;
    let rest = rest.trim_matches(' ');
    if name.eq_ignore_ascii_case(scheme) && !rest.is_empty() { Ok(rest) } else { Err(Reason::Malformed) }
}

/// The header that must be there once: of two, nobody knows which one another has looked at.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<&'h HeaderValue, Reason> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(Reason::Missing)?;
    if values.next().is_some() { Err(Reason::Malformed) } else { Ok(value) }
}

/// Digests have one length, so comparing them tells nothing about the length of a secret.
pub(super) fn same(presented: &str, expected: &str) -> Choice {
    Sha256::digest(presented).as_slice().ct_eq(Sha256::digest(expected).as_slice())
}

pub(super) fn accept(same: Choice) -> Result<(), Reason> {
    if bool::from(same) { Ok(()) } else { Err(Reason::Wrong) }
}

impl Denied {
    /// For the log only.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The value of `WWW-Authenticate`; `realm` is the name of the channel.
    #[must_use]
    pub fn challenge(&self, realm: &str) -> String {
        let realm = quoted(realm);
        match self.scheme {
            Scheme::Basic => format!("Basic realm={realm}, charset=\"UTF-8\""),
            Scheme::Bearer => format!("Bearer realm={realm}"),
            Scheme::ApiKey => format!("ApiKey realm={realm}"),
            Scheme::Signature => format!("Signature realm={realm}"),
            Scheme::Certificate => format!("Certificate realm={realm}"),
        }
    }
}

/// A quoted-string (RFC 9110, section 5.6.4), without the characters a header cannot carry.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars().filter(|c| matches!(c, ' '..='~')) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// For logs and metrics.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Wrong => "wrong",
            Self::OutOfTime => "out of time",
            Self::Unsigned(fault) => fault,
        })
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "credentials refused: {}", self.reason)
    }
}

impl std::error::Error for Denied {}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    fn basic_auth(user: &str, password: &str) -> Caller {
        Caller::Constant(Credential::Basic { user: Secret::new(user), password: Secret::new(password) })
    }

    fn bearer_auth(token: &str) -> Caller {
        Caller::Constant(Credential::Bearer { token: Secret::new(token) })
    }

    fn check(caller: &Caller, values: &[&str]) -> Result<(), Denied> {
        by_headers(caller, None, &headers(values), Timestamp::UNIX_EPOCH)
    }

    fn verdict(caller: &Caller, values: &[&str]) -> Result<(), Reason> {
        check(caller, values).map_err(|denied| denied.reason)
    }

    fn encoded(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn basic_takes_the_right_pair() {
        let auth = basic_auth("банк", "p:w:d ");
        assert_eq!(verdict(&auth, &[&encoded("банк:p:w:d ")]), Ok(()));
        let other_case = encoded("банк:p:w:d ").replace("Basic", "bAsIc");
        assert_eq!(verdict(&auth, &[&other_case]), Ok(()));
    }

    #[test]
    fn basic_refuses_what_differs() {
        let auth = basic_auth("u", "p");
        for wrong in ["u:", ":p", "u:pp", "uu:p", "U:p", "p:u", ":"] {
            assert_eq!(verdict(&auth, &[&encoded(wrong)]), Err(Reason::Wrong), "{wrong}");
        }
    }

    #[test]
    fn basic_refuses_what_is_malformed() {
        let auth = basic_auth("u", "p");
        assert_eq!(verdict(&auth, &[]), Err(Reason::Missing));
        let (good, not_utf8) = (encoded("u:p"), format!("Basic {}", STANDARD.encode(b"\xff:p")));
        let malformed: [&[&str]; 9] = [
            &[""],
            &["Basic"],
            &["Basic "],
            &["Basic dTpw!"],
            &["Basic dTpwcA"], // "u:pp" without its padding
            &["Bearer dTpw"],
            &["Basic dXA="], // "up", no colon
            &[&not_utf8],
            &[&good, &good],
        ];
        for values in malformed {
            assert_eq!(verdict(&auth, values), Err(Reason::Malformed), "{values:?}");
        }
    }

    #[test]
    fn bearer_takes_the_right_token_only() {
        let auth = bearer_auth("s3cret");
        assert_eq!(verdict(&auth, &["Bearer s3cret"]), Ok(()));
        assert_eq!(verdict(&auth, &["bearer  s3cret"]), Ok(()));
        assert_eq!(verdict(&auth, &["Bearer s3cre"]), Err(Reason::Wrong));
        assert_eq!(verdict(&auth, &["Bearer s3cret x"]), Err(Reason::Wrong));
        assert_eq!(verdict(&auth, &["s3cret"]), Err(Reason::Malformed));
        assert_eq!(verdict(&auth, &[]), Err(Reason::Missing));
    }

    #[test]
    fn an_empty_token_lets_nobody_in() {
        assert_eq!(verdict(&bearer_auth(""), &["Bearer "]), Err(Reason::Malformed));
    }

    #[test]
    fn a_key_in_a_header_is_there_once_and_whole() {
        let caller = |key: &str| {
            Caller::Constant(Credential::ApiKey { header: "x-api-key".into(), key: Secret::new(key) })
        };
        let verdict = |key: &str, values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("X-Api-Key", HeaderValue::from_str(value).unwrap());
            }
            by_headers(&caller(key), None, &headers, Timestamp::UNIX_EPOCH).map_err(|denied| denied.reason)
        };
        assert_eq!(verdict("s3cret", &["s3cret"]), Ok(()));
        assert_eq!(verdict("s3cret", &["s3cre"]), Err(Reason::Wrong));
        assert_eq!(verdict("s3cret", &["s3cret", "s3cret"]), Err(Reason::Malformed));
        assert_eq!(verdict("s3cret", &[]), Err(Reason::Missing));
        assert_eq!(verdict("", &[""]), Err(Reason::Malformed));
    }

    #[test]
    fn the_challenge_does_not_tell_reasons_apart() {
        let auth = basic_auth("u", "p");
        let challenges: Vec<String> = [vec![], vec!["Basic ?"], vec!["Basic dTo="]]
            .into_iter()
            .map(|values| check(&auth, &values).unwrap_err())
            .map(|denied| denied.challenge("bank/inbox"))
            .collect();
        assert_eq!(challenges, vec!["Basic realm=\"bank/inbox\", charset=\"UTF-8\""; 3]);
    }

    #[test]
    fn a_realm_cannot_break_out_of_its_quotes() {
        let denied = Denied { scheme: Scheme::Bearer, reason: Reason::Missing };
        assert_eq!(denied.challenge("a\"b\\c\r\nd"), "Bearer realm=\"a\\\"b\\\\cd\"");
    }
}
