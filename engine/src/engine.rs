//! The way of a message through the engine: open, route, validate, map, validate.

mod conclude;
mod deliver;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

pub use conclude::{Concluded, Followed, Outcome, Response};
pub use deliver::{Delivery, RecordWrite};

use crate::expression::{Context, Error, Expression, Ids, Inbound, Record, Records, Scope};
use crate::fault::{Fault, Kind};
use crate::plan::Plan;
use crate::plan::contract::{Channel, Contracts, Endpoint};
use crate::plan::mapping::Writer;
use crate::plan::route::{Answer, Route};
use crate::router::Router;
use crate::schema::Schemas;
use crate::value::{Arena, Limits, Value, read};

/// No fault lists more violations of a schema.
const MAX_VIOLATIONS: usize = 20;

/// One compiled configuration. It has no state: all that changes is given with each call.
#[derive(Debug)]
pub struct Engine {
    contracts: Contracts,
    routes: BTreeMap<Box<str>, Arc<Route>>,
    router: Router,
    records: BTreeMap<String, Arc<Record>>,
    schemas: Schemas,
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
}

/// What a message causes.
#[derive(Debug, PartialEq)]
pub struct Translation {
    /// `partner/route`
    pub route: Box<str>,
    pub answer: Reply,
    pub deliveries: Vec<Delivery>,
    pub records: Vec<RecordWrite>,
}

/// What the caller gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// JSON; empty where the route answers with a status alone.
    pub body: Vec<u8>,
}

impl Engine {
    pub(crate) fn new(plan: Plan) -> Self {
        let Plan { contracts, routes, records, schemas } = plan;
        let router = Router::new(routes.values());
        Self { contracts, routes, router, records, schemas }
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
        let value = parse(body, arena, Kind::Malformed, "the body")?;
        let scope = scope(value, inbound, world, arena);
        let message_type = one(&channel.message_type, value, &scope, Kind::UnknownType, "the message type")?;
        if !channel.messages.iter().any(|(name, _)| **name == *message_type) {
            let known: Vec<&str> = channel.messages.iter().map(|(name, _)| &**name).collect();
            let detail = format!("the message type is not one of {}", known.join(", "));
            return Err(Fault {
                source: Some(channel.message_type.text().to_owned()),
                ..Fault::new(Kind::UnknownType, detail)
            });
        }
        let identity = |expression: &'a Option<Expression>, what| match expression {
            Some(expression) => one(expression, value, &scope, Kind::NoIdentity, what).map(Some),
            None => Ok(None),
        };
        let id = identity(&channel.id, "the message's id")?;
        let key = identity(&channel.key, "the message's order key")?;
        Ok(Received { message_type: message_type.into(), id, key, value })
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
        self.validate_message(channel, received).map_err(|fault| vec![fault])?;
        let route = self
            .router
            .find(&channel.name, &received.message_type, received.value, &scope)
            .map_err(|fault| vec![fault])?;
        let mut work = deliver::Work::new(self, received.key.as_deref());
        let answer = answer(route.answer.as_ref(), received.value, &scope, &mut work.faults);
        work.records(&route.records, received.value, &scope);
        if let Some(send) = &route.send {
            work.send(send, received.value, &scope);
        }
        let (deliveries, records) = work.finish(&route.name)?;
        Ok(Translation { route: route.name.clone(), answer, deliveries, records })
    }

    /// What the route `name` sends for this message, whatever its `when` says: for a person who tries it.
    ///
    /// # Errors
    /// As for [`Self::open`] and [`Self::translate`]; `None` when there is no such route.
    pub fn map<'a>(
        &'a self,
        name: &str,
        body: &'a [u8],
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Option<Result<Vec<u8>, Vec<Fault>>> {
        let route = self.routes.get(name)?;
        let channel = self.contracts.channels.get(&route.channel)?;
        Some(self.map_route(route, channel, body, inbound, world, arena))
    }

    fn map_route<'a>(
        &'a self,
        route: &'a Route,
        channel: &'a Channel,
        body: &'a [u8],
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Vec<u8>, Vec<Fault>> {
        let value = parse(body, arena, Kind::Malformed, "the message").map_err(|fault| vec![fault])?;
        let received = Received { message_type: route.message.clone(), id: None, key: None, value };
        self.validate_message(channel, &received).map_err(|fault| vec![fault])?;
        let scope = scope(value, inbound, world, arena);
        let mut work = deliver::Work::new(self, None);
        match &route.send {
            Some(send) => work.send_anyway(send, value, &scope),
            None => {
                let answer = answer(route.answer.as_ref(), value, &scope, &mut work.faults);
                return if work.faults.is_empty() { Ok(answer.body) } else { Err(work.faults) };
            }
        }
        let (mut deliveries, _) = work.finish(&route.name)?;
        Ok(deliveries.pop().map(|delivery| delivery.body).unwrap_or_default())
    }

    fn validate_message(&self, channel: &Channel, received: &Received<'_>) -> Result<(), Fault> {
        let schema = channel.messages.iter().find(|(name, _)| *name == received.message_type);
        let Some((_, Some(schema))) = schema else { return Ok(()) };
        self.validate(schema, received.value, Kind::Invalid, "the message does not satisfy its schema")
    }

    fn validate(&self, schema: &str, value: Value<'_>, kind: Kind, detail: &str) -> Result<(), Fault> {
        let Some(schema) = self.schemas.get(schema) else { return Ok(()) };
        if schema.is_valid(value) {
            return Ok(());
        }
        Err(Fault::new(kind, detail).violations(schema.violations(value, MAX_VIOLATIONS)))
    }
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
) -> Result<String, Fault> {
    let fault = |detail: String, error: Option<&Error>| Fault {
        source: Some(expression.text().to_owned()),
        policy: error.map_or(crate::fault::Policy::Refuse, Error::policy),
        ..Fault::new(kind, detail)
    };
    match expression.eval(node, scope) {
        Ok(Value::String(text)) if !text.is_empty() => Ok(text.decode().into_owned()),
        Ok(Value::Number(number)) => Ok(number.as_str().to_owned()),
        Ok(Value::Null) => Err(fault(format!("{what} is missing"), None)),
        Ok(Value::String(_)) => Err(fault(format!("{what} is empty"), None)),
        Ok(other) => Err(fault(format!("{what} must be a string or a number, not {}", other.kind()), None)),
        Err(error) => Err(fault(format!("{what}: {error}"), Some(&error))),
    }
}

/// The caller's answer; without an `answer` it is an empty 202: accepted, and nothing more is said.
fn answer<'a>(
    answer: Option<&'a Answer>,
    node: Value<'a>,
    scope: &Scope<'a>,
    faults: &mut Vec<Fault>,
) -> Reply {
    let Some(answer) = answer else { return Reply { status: 202, body: Vec::new() } };
    let mut writer = Writer::default();
    if let Some(mapping) = &answer.mapping {
        mapping.write(node, scope, &mut writer);
    }
    faults.append(&mut writer.faults);
    Reply { status: answer.status, body: writer.out }
}
