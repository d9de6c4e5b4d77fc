//! Checks the credentials of a caller: Basic (RFC 7617) and Bearer (RFC 6750).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::{Auth, Secret};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// A caller that is not let in. The reason is for the log: the answer must not tell reasons apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denied {
    scheme: Scheme,
    reason: Reason,
}

/// Why a caller is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// There is no `Authorization` header.
    Missing,
    /// The header is not what the scheme of the channel prescribes.
    Malformed,
    /// The credentials are well formed, and not ours.
    Wrong,
    /// The channel is configured with something a caller cannot satisfy, so nobody is let in.
    Unusable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Basic,
    Bearer,
}

/// Lets a caller in, or does not. Without `auth` everyone is let in.
///
/// The time it takes does not depend on how much of a credential is right.
///
/// # Errors
/// [`Denied`], with a challenge for the answer and a reason for the log.
pub fn check(auth: Option<&Auth>, headers: &HeaderMap) -> Result<(), Denied> {
    match auth {
        None => Ok(()),
        Some(Auth::Basic { user, password }) => {
            basic(headers, user, password).map_err(|reason| Denied::new(Scheme::Basic, reason))
        }
        Some(Auth::Bearer { token }) => {
            bearer(headers, token).map_err(|reason| Denied::new(Scheme::Bearer, reason))
        }
        // It says how we ask for a token; nothing follows for what a caller should present.
        Some(Auth::OAuth2(_)) => Err(Denied::new(Scheme::Bearer, Reason::Unusable)),
    }
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

/// What follows the scheme in the one `Authorization` header; it is not empty.
fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Result<&'h str, Reason> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Reason::Missing)?;
    if values.next().is_some() {
        return Err(Reason::Malformed);
    }
    let text = value.to_str().map_err(|_| Reason::Malformed)?;
    let (name, rest) = text.split_once(' ').ok_or(Reason::Malformed)?;
    let rest = rest.trim_matches(' ');
    if name.eq_ignore_ascii_case(scheme) && !rest.is_empty() { Ok(rest) } else { Err(Reason::Malformed) }
}

/// Digests have one length, so comparing them tells nothing about the length of a secret.
fn same(presented: &str, expected: &str) -> Choice {
    Sha256::digest(presented).as_slice().ct_eq(Sha256::digest(expected).as_slice())
}

fn accept(same: Choice) -> Result<(), Reason> {
    if bool::from(same) { Ok(()) } else { Err(Reason::Wrong) }
}

impl Denied {
    fn new(scheme: Scheme, reason: Reason) -> Self {
        Self { scheme, reason }
    }

    /// For the log only.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The value of `WWW-Authenticate`; `realm` is the name of the channel.
    #[must_use]
    pub fn challenge(&self, realm: &str) -> String {
        let realm = quoted(realm);
        match self.scheme {
            Scheme::Basic => format!("Basic realm={realm}, charset=\"UTF-8\""),
            Scheme::Bearer => format!("Bearer realm={realm}"),
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

impl Reason {
    /// The word for logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Wrong => "wrong",
            Self::Unusable => "unusable",
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "credentials refused: {}", self.reason.as_str())
    }
}

impl std::error::Error for Denied {}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use engine::OAuth2;
    use hyper::header::HeaderValue;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    fn basic_auth(user: &str, password: &str) -> Auth {
        Auth::Basic { user: Secret::new(user), password: Secret::new(password) }
    }

    fn bearer_auth(token: &str) -> Auth {
        Auth::Bearer { token: Secret::new(token) }
    }

    fn verdict(auth: &Auth, values: &[&str]) -> Result<(), Reason> {
        check(Some(auth), &headers(values)).map_err(|denied| denied.reason())
    }

    fn encoded(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn an_open_channel_lets_everyone_in() {
        assert_eq!(check(None, &HeaderMap::new()), Ok(()));
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
    fn a_grant_of_ours_lets_nobody_in() {
        let auth = Auth::OAuth2(OAuth2 {
            token_url: "http://x".into(),
            client_id: Secret::new("a"),
            client_secret: Secret::new("b"),
            scope: None,
        });
        assert_eq!(verdict(&auth, &["Bearer a"]), Err(Reason::Unusable));
    }

    #[test]
    fn the_challenge_does_not_tell_reasons_apart() {
        let auth = basic_auth("u", "p");
        let challenges: Vec<String> = [vec![], vec!["Basic ?"], vec!["Basic dTo="]]
            .into_iter()
            .map(|values| check(Some(&auth), &headers(&values)).unwrap_err())
            .map(|denied| denied.challenge("bank/inbox"))
            .collect();
        assert_eq!(challenges, vec!["Basic realm=\"bank/inbox\", charset=\"UTF-8\""; 3]);
    }

    #[test]
    fn a_realm_cannot_break_out_of_its_quotes() {
        let denied = Denied::new(Scheme::Bearer, Reason::Missing);
        assert_eq!(denied.challenge("a\"b\\c\r\nd"), "Bearer realm=\"a\\\"b\\\\cd\"");
    }
}
