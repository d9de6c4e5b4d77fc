//! The way of a message through the engine: open, route, validate, map, validate.

mod answer;
mod conclude;
mod effect;
mod part;
mod proof;
mod record;
mod request;
mod work;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

pub use answer::{Answered, Call, Reply};
pub use conclude::{Concluded, Followed, Response};
pub use effect::{Delivery, RecordWrite, Request};
pub use proof::Signed;
pub use workspace::Workspace;

use answer::Saying;
use part::{Part, merge};
use work::Work;

use crate::exchange::{Encoding, Outcome};
use crate::expression::{Context, Error, Expression, Ids, Inbound, Record, Records, Scope};
use crate::fault::{Fault, Kind, Policy};
use crate::plan::Plan;
use crate::plan::contract::{Channel, Contracts, Endpoint};
use crate::plan::mapping::Writer;
use crate::plan::route::Route;
use crate::router::Router;
use crate::schema::{Compiled, Schema};
use crate::value::{Arena, Limits, Value, read};

/// No fault lists more violations of a schema.
const MAX_VIOLATIONS: usize = 20;
/// More faults of one message than this help nobody.
const MAX_FAULTS: usize = 20;

/// The message of a route that none sets in motion, and of a channel that reads none.
const NOTHING: &[u8] = b"{}";

/// One compiled configuration. It has no state: all that changes is given with each call.
#[derive(Debug)]
pub struct Engine {
    contracts: Contracts,
    routes: BTreeMap<Box<str>, Arc<Route>>,
    router: Router,
    records: BTreeMap<String, Arc<Record>>,
    settings: BTreeSet<String>,
    schemas: Compiled,
}

/// The world as one call sees it.
#[derive(Clone, Copy)]
pub struct World<'w> {
    pub now: Timestamp,
    pub ids: &'w dyn Ids,
    pub records: &'w dyn Records,
}

/// A message that was read and recognised.
#[derive(Debug)]
pub struct Received<'a> {
    pub message_type: Box<str>,
    /// The idempotency key, where the channel has one.
    pub id: Option<String>,
    /// The order key, where the channel has one.
    pub key: Option<String>,
    value: Value<'a>,
    body: &'a [u8],
}

/// What a message causes.
#[derive(Debug, PartialEq)]
pub struct Translation {
    /// `partner/route`: the one that answers, else the first of those that take the message.
    pub route: Box<str>,
    pub answering: Answering,
    pub deliveries: Vec<Delivery>,
    pub records: Vec<RecordWrite>,
}

/// Where the caller's answer comes from.
#[derive(Debug, PartialEq)]
pub enum Answering {
    /// It is known at once.
    Now(Reply),
    /// It is made of an endpoint's response: see [`Engine::called`].
    Call(Box<Call>),
}

impl Engine {
    pub(crate) fn new(plan: Plan) -> Self {
        let Plan { contracts, routes, records, settings, schemas } = plan;
        let router = Router::new(routes.values());
        Self { contracts, routes, router, records, settings, schemas }
    }

    /// Everything that is listened on, by name.
    pub fn channels(&self) -> impl Iterator<Item = &Arc<Channel>> {
        self.contracts.channels.values()
    }

    /// The channel `partner/channel`.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<&Arc<Channel>> {
        self.contracts.channels.get(name)
    }

    /// The endpoint `partner/endpoint`.
    #[must_use]
    pub fn endpoint(&self, name: &str) -> Option<&Arc<Endpoint>> {
        self.contracts.endpoints.get(name)
    }

    /// Everything that is called, by name.
    pub fn endpoints(&self) -> impl Iterator<Item = &Arc<Endpoint>> {
        self.contracts.endpoints.values()
    }

    /// Every route, by name.
    pub fn routes(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.routes.values()
    }

    /// The record `partner.record`.
    #[must_use]
    pub fn record(&self, name: &str) -> Option<&Arc<Record>> {
        self.records.get(name)
    }

    /// The names of all settings, `partner.setting`.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().map(String::as_str)
    }

    pub(crate) fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.get(name).map(|schema| &**schema)
    }

    /// Reads a message and finds out what it is, and who it is: its type, its id, its order key.
    ///
    /// # Errors
    /// The body is not JSON, its type is not one of the channel's, or its id or key is missing.
    pub fn open<'a>(
        &'a self,
        channel: &'a Channel,
        body: &'a [u8],
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Received<'a>, Fault> {
        let opened = self.recognise(channel, body, inbound, world, arena);
        opened.map_err(|fault| if self.router.calls(&channel.name, None) { refused(fault) } else { fault })
    }

    fn recognise<'a>(
        &'a self,
        channel: &'a Channel,
        body: &'a [u8],
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Received<'a>, Fault> {
        let body = read_of(channel, body);
        let value = parse(body, arena, Kind::Malformed, "the body")?;
        let scope = scope(value, inbound, world, arena);
        let message_type = one(&channel.message_type, value, &scope, Kind::UnknownType, "the message type")?;
        if !channel.messages.iter().any(|(name, _)| **name == *message_type) {
            let known: Vec<&str> = channel.messages.iter().map(|(name, _)| &**name).collect();
            let detail = format!("the message type is not one of {}", known.join(", "));
            return Err(Fault {
                source: Some(channel.message_type.text().into_owned()),
                ..Fault::new(Kind::UnknownType, detail)
            });
        }
        let identity = |expression: &'a Option<Expression>, what| match expression {
            Some(expression) => {
                one(expression, value, &scope, Kind::NoIdentity, what).map(|text| Some(text.to_owned()))
            }
            None => Ok(None),
        };
        let id = identity(&channel.id, "the message's id")?;
        let key = identity(&channel.key, "the message's order key")?;
        Ok(Received { message_type: message_type.into(), id, key, value, body })
    }

    /// Validates and maps a message: what is answered, sent and remembered.
    ///
    /// # Errors
    /// Every fault that was found in one go.
    pub fn translate<'a>(
        &'a self,
        channel: &'a Channel,
        received: &Received<'a>,
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Translation, Vec<Fault>> {
        let scope = scope(received.value, inbound, world, arena);
        let waits = self.router.calls(&channel.name, Some(&received.message_type));
        self.work_out(channel, received, &scope).map_err(|faults| match waits {
            true => faults.into_iter().map(refused).collect(),
            false => faults,
        })
    }

    fn work_out<'a>(
        &'a self,
        channel: &'a Channel,
        received: &Received<'a>,
        scope: &Scope<'a>,
    ) -> Result<Translation, Vec<Fault>> {
        self.validate_message(channel, &received.message_type, received.value)
            .map_err(|fault| vec![fault])?;
        let routes = self
            .router
            .find(&channel.name, channel.routes, &received.message_type, received.value, scope)
            .map_err(|fault| vec![fault])?;
        let (mut parts, mut faults) = (Vec::with_capacity(routes.len()), Vec::new());
        let mut writer = Writer::with_room(received.body.len());
        // The deliveries are copied out before the message is gone, its key with them.
        let key = received.key.as_deref().map(|key| &*scope.arena.alloc_str(key));
        for route in routes {
            match self.carry_out(route, key, received.body, received.value, scope, &mut writer) {
                Ok(part) => parts.push(part),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() { Ok(merge(&parts)) } else { Err(faults) }
    }

    /// What a route does that no message sets in motion; none where its `when` does not hold.
    ///
    /// # Errors
    /// Every fault that was found in one go; there is no such route.
    pub fn unprompted<'a>(
        &'a self,
        route: &str,
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Option<Translation>, Vec<Fault>> {
        let Some(route) = self.routes.get(route).filter(|route| route.channel().is_none()) else {
            let detail = format!("the configuration has no route {route} any more that runs by itself");
            return Err(vec![Fault::new(Kind::Configuration, detail)]);
        };
        let value = parse(NOTHING, arena, Kind::Malformed, "nothing").map_err(|fault| vec![fault])?;
        let scope = scope(value, inbound, world, arena);
        let mut writer = Writer::default();
        let mut work = Work::new(self, &route.name, None, NOTHING, arena, &mut writer);
        if !work.holds(route.when.as_ref(), &route.place, value, &scope) {
            return work.finish().map(|_| None);
        }
        // One lane for all that such a route sends, unless an endpoint says otherwise.
        let part = self.carry_out(route, Some(&route.name), NOTHING, value, &scope, &mut writer)?;
        Ok(Some(merge(&[part])))
    }

    fn carry_out<'a>(
        &'a self,
        route: &'a Route,
        key: Option<&'a str>,
        raw: &'a [u8],
        node: Value<'a>,
        scope: &Scope<'a>,
        writer: &mut Writer,
    ) -> Result<Part<'a>, Vec<Fault>> {
        let mut work = Work::new(self, &route.name, key, raw, scope.arena, writer);
        let saying = match &route.call {
            Some(call) => work.call(call, node, scope),
            None => work.answer(&route.answers, Outcome::Delivered, node, scope).map(Saying::Now),
        };
        work.steps(&route.steps, node, scope);
        Ok(Part { saying, effects: work.finish()? })
    }

    fn validate_message(&self, channel: &Channel, message_type: &str, value: Value<'_>) -> Result<(), Fault> {
        let schema = channel.messages.iter().find(|(name, _)| **name == *message_type);
        let Some((_, Some(schema))) = schema else { return Ok(()) };
        let detail = || "the message does not satisfy its schema".to_owned();
        self.validate(schema, value, Kind::Invalid, detail)
    }

    fn validate(
        &self,
        schema: &str,
        value: Value<'_>,
        kind: Kind,
        detail: impl FnOnce() -> String,
    ) -> Result<(), Fault> {
        let Some(schema) = self.schemas.get(schema) else { return Ok(()) };
        schema
            .validate(value, MAX_VIOLATIONS)
            .map_err(|violations| Fault::new(kind, detail()).violations(violations))
    }
}

/// As much of a message as is looked at.
fn read_of<'a>(channel: &Channel, body: &'a [u8]) -> &'a [u8] {
    if channel.encoding == Encoding::Raw { NOTHING } else { body }
}

/// Reads JSON; `kind` and `what` say whose it is in the fault.
fn parse<'a>(body: &'a [u8], arena: &'a Arena, kind: Kind, what: &str) -> Result<Value<'a>, Fault> {
    read(body, arena, &Limits::default())
        .map_err(|error| Fault::new(kind, format!("{what} is not valid JSON: {error}")))
}

fn scope<'a>(message: Value<'a>, inbound: &'a Inbound, world: World<'a>, arena: &'a Arena) -> Scope<'a> {
    let context = arena.alloc(Context::new(world.now, world.ids, world.records, inbound, message));
    Scope::new(arena, context, message)
}

/// An expression that must yield a string or a number; `what` names it in the fault.
fn one<'a>(
    expression: &'a Expression,
    node: Value<'a>,
    scope: &Scope<'a>,
    kind: Kind,
    what: &str,
) -> Result<&'a str, Fault> {
    let fault = |detail: String, error: Option<&Error>| Fault {
        source: Some(expression.text().into_owned()),
        policy: error.map_or(crate::fault::Policy::Refuse, Error::policy),
        ..Fault::new(kind, detail)
    };
    match expression.eval(node, scope) {
        Ok(Value::String(text)) if !text.is_empty() => Ok(text.decode_in(scope.arena)),
        Ok(Value::Number(number)) => Ok(number.as_str()),
        Ok(Value::Null) => Err(fault(format!("{what} is missing"), None)),
        Ok(Value::String(_)) => Err(fault(format!("{what} is empty"), None)),
        Ok(other) => Err(fault(format!("{what} must be a string or a number, not {}", other.kind()), None)),
        Err(error) => Err(fault(format!("{what}: {error}"), Some(&error))),
    }
}

/// A body that is not JSON is no value: a proxy's error page decides nothing.
fn json_or_null<'a>(body: &'a [u8], arena: &'a Arena) -> Value<'a> {
    parse(body, arena, Kind::Malformed, "the response").unwrap_or(Value::Null)
}

/// A fault of a message whose caller waits: it can be told now, and nobody could answer it later.
fn refused(fault: Fault) -> Fault {
    match fault.policy {
        Policy::Park => fault.policy(Policy::Refuse),
        Policy::Refuse | Policy::Retry => fault,
    }
}
