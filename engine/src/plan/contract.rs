//! A partner's contract, resolved: what the runtime listens on, calls and keeps.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::auth::{Authentication, Caller, ClientTls, Networks};
use super::route::Headers;
use super::secret::{self, SecretMember};
use super::template::Template;
use crate::exchange::{Conflict, Encoding, Exhausted, Method, Routes, Unknown, Verdict};
use crate::expression::Expression;

/// Every channel and endpoint by `partner/name`.
#[derive(Debug, Default)]
pub(crate) struct Contracts {
    pub channels: BTreeMap<Box<str>, Arc<Channel>>,
    pub endpoints: BTreeMap<Box<str>, Arc<Endpoint>>,
}

/// Something a partner sends us over.
#[derive(Debug)]
pub struct Channel {
    /// `partner/channel`
    pub name: Box<str>,
    pub partner: Box<str>,
    /// The path we listen on; `{name}` is a parameter. `None`: only we ourselves write to it.
    pub door: Option<(Method, Box<str>)>,
    /// `None` lets everyone in.
    pub auth: Option<Caller>,
    /// Where callers may come from; `None` lets them come from everywhere.
    pub networks: Option<Networks>,
    pub encoding: Encoding,
    /// Bytes.
    pub max_body: usize,
    /// What happens to a message that its faults refuse ([`crate::policy`]). One that is not JSON is refused all the
    /// same, and a fault of an unknown code or of unavailable records has a policy of its own.
    pub on_fault: crate::fault::Policy,
    pub on_conflict: Conflict,
    pub(crate) routes: Routes,
    pub(crate) message_type: Expression,
    /// Each type with the schema its messages must satisfy.
    pub(crate) messages: Vec<(Box<str>, Option<Box<str>>)>,
    pub(crate) id: Option<Expression>,
    pub(crate) key: Option<Expression>,
}

impl Channel {
    /// How its messages come.
    #[must_use]
    pub fn method(&self) -> Method {
        self.door.as_ref().map_or(Method::Post, |(method, _)| *method)
    }
}

/// Something we call at a partner.
#[derive(Debug)]
pub struct Endpoint {
    /// `partner/endpoint`
    pub name: Box<str>,
    pub partner: Box<str>,
    pub(crate) target: Target,
    pub(crate) headers: Headers,
    /// Of what we send.
    pub encoding: Encoding,
    pub auth: Option<Authentication>,
    pub(crate) secrets: Vec<SecretMember>,
    pub timeout: Duration,
    pub retry: Retry,
    pub on_exhausted: Exhausted,
    pub on_unknown: Unknown,
    /// Of its partner.
    pub limits: Limits,
    /// Of its partner.
    pub tls: Option<Arc<ClientTls>>,
    pub(crate) request: Option<Box<str>>,
    pub(crate) response: Option<Box<str>>,
    pub(crate) key: Option<Expression>,
    pub(crate) outcome: Vec<OutcomeRule>,
}

/// Where an endpoint leads.
#[derive(Debug)]
pub(crate) enum Target {
    Url(Method, Template),
    /// `partner/channel`, of ours.
    Channel(Box<str>),
}

impl Endpoint {
    #[must_use]
    pub fn method(&self) -> Method {
        match self.target {
            Target::Url(method, _) => method,
            Target::Channel(_) => Method::Post,
        }
    }

    /// The channel of ours that it is, instead of a URL.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        match &self.target {
            Target::Url(..) => None,
            Target::Channel(name) => Some(name),
        }
    }

    /// A body as it goes out: with the secrets that are kept nowhere.
    #[must_use]
    pub fn outgoing<'b>(&self, body: &'b [u8]) -> Cow<'b, [u8]> {
        if self.secrets.is_empty() { Cow::Borrowed(body) } else { secret::with(body, &self.secrets) }
    }

    /// Whether anything of it depends on what is sent.
    pub(crate) fn looks_inside(&self) -> bool {
        self.request.is_some()
            || self.encoding == Encoding::Form
            || self.key.is_some()
            || matches!(&self.target, Target::Url(_, url) if url.is_computed())
            || self.headers.iter().any(|(_, value)| value.is_computed())
    }
}

/// The longest timeout an endpoint can have: an attempt that takes longer holds its lane for nothing.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(300);

/// How often, and how long between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// All attempts, the first included.
    pub attempts: u32,
    /// The wait after the first failure; it doubles with each further one.
    pub first: Duration,
    /// The longest wait.
    pub max: Duration,
    /// How long it is tried at all.
    pub within: Option<Duration>,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 10, first: Duration::from_secs(5), max: Duration::from_secs(3600), within: None }
    }
}

/// What a partner can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests at a time.
    pub concurrent: Option<u32>,
    pub rate: Option<Rate>,
    /// When it is left alone.
    pub breaker: Option<Breaker>,
}

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub per: Duration,
}

/// After so many failures without a success in between nothing is tried for some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    pub failures: u32,
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrent: None, rate: None, breaker: Some(Breaker::default()) }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self { failures: 20, pause: Duration::from_secs(5) }
    }
}

/// One row of `outcome`: the first whose `when` holds decides.
#[derive(Debug)]
pub(crate) struct OutcomeRule {
    pub when: Option<Expression>,
    pub verdict: Verdict,
}
