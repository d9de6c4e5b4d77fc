//! What a response means, and what follows a delivery's outcome.

use super::effect::{Delivery, RecordWrite};
use super::work::Work;
use super::{Engine, World, json_or_null};
use crate::exchange::{Outcome, Verdict};
use crate::expression::{Context, Inbound, Late, Scope, is_true};
use crate::fault::{Fault, Kind};
use crate::plan::contract::Endpoint;
use crate::plan::mapping::Writer;
use crate::plan::route::Send;
use crate::value::{Arena, Value};

/// An endpoint's response.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

/// A delivery or a call that has an end.
#[derive(Debug, Clone, Copy)]
pub struct Concluded<'a> {
    /// `partner/route`
    pub route: &'a str,
    /// Where in the route's plan it stands; `call` of a call.
    pub step: &'a str,
    /// `partner/endpoint`: where it went.
    pub endpoint: &'a str,
    /// The message that began it all, as JSON.
    pub message: &'a [u8],
    /// The order key that what follows has unless its endpoint says otherwise.
    pub key: Option<&'a str>,
    /// What we sent.
    pub request: &'a [u8],
    /// What came back, if anything did.
    pub response: Option<Response<'a>>,
    pub outcome: Outcome,
}

/// What follows a delivery, to be committed with its end.
#[derive(Debug, Default, PartialEq)]
pub struct Followed {
    pub deliveries: Vec<Delivery>,
    pub records: Vec<RecordWrite>,
}

impl Engine {
    /// What the response means: the first row of `outcome` that holds decides, else the HTTP status.
    ///
    /// # Errors
    /// The partner took the delivery, but its response is not what the contract says.
    pub fn verdict<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        request: &'a [u8],
        response: Response<'a>,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Verdict, Fault> {
        if endpoint.outcome.is_empty() && endpoint.response.is_none() {
            return Ok(by_status(response.status));
        }
        let body = json_or_null(response.body, arena);
        let inbound = arena.alloc(Inbound::default());
        let scope = scope(&[], request, Some((response, body)), inbound, world, arena);
        let verdict = match decide(endpoint, body, &scope)? {
            Some(verdict) => verdict,
            None => by_status(response.status),
        };
        if let (Verdict::Delivered, Some(schema)) = (verdict, &endpoint.response) {
            let detail = || {
                format!("{} took the delivery, but its response does not satisfy its schema", endpoint.name)
            };
            self.validate(schema, body, Kind::InvalidResult, detail)?;
        }
        Ok(verdict)
    }

    /// What a response means whose body is not read: as if it had none.
    ///
    /// # Errors
    /// A row of `outcome` could not be decided.
    pub fn verdict_unread<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        request: &'a [u8],
        status: u16,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Verdict, Fault> {
        let inbound = arena.alloc(Inbound::default());
        let response = Response { status, body: &[] };
        let scope = scope(&[], request, Some((response, Value::Null)), inbound, world, arena);
        Ok(decide(endpoint, Value::Null, &scope)?.unwrap_or_else(|| by_status(status)))
    }

    /// The deliveries and records that follow an outcome.
    ///
    /// # Errors
    /// The route or the step is gone or is another now, or a rule of its `then` could not be carried out.
    pub fn follow<'a>(
        &'a self,
        concluded: Concluded<'a>,
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Followed, Vec<Fault>> {
        let send = self.sent(&concluded).map_err(|fault| vec![fault])?;
        let steps = send.then.after(concluded.outcome);
        if steps.is_empty() {
            return Ok(Followed::default());
        }
        let response = concluded.response.map(|response| (response, json_or_null(response.body, arena)));
        let (raw, node) = response.map_or((&[][..], Value::Null), |(response, body)| (response.body, body));
        let scope = scope(concluded.message, concluded.request, response, inbound, world, arena);
        let mut writer = Writer::with_room(raw.len());
        let mut work = Work::new(self, concluded.route, concluded.key, raw, arena, &mut writer);
        work.steps(steps, node, &scope);
        let effects = work.finish()?;
        Ok(Followed { deliveries: effects.deliveries().collect(), records: effects.records().collect() })
    }

    /// The step that made the delivery. Steps are found by where they stand; after an edit another may stand there, and
    /// its consequences are not those of this delivery.
    fn sent(&self, concluded: &Concluded<'_>) -> Result<&Send, Fault> {
        let Concluded { route, step, endpoint, .. } = *concluded;
        let detail = match self.routes.get(route).map(|route| route.send_at(step)) {
            Some(Some(send)) if *send.endpoint == *endpoint => return Ok(send),
            Some(Some(send)) => {
                format!("the step `{step}` sends to {} now, not to {endpoint}", send.endpoint)
            }
            Some(None) => format!("the route {route} has no step `{step}` any more"),
            None => format!("the configuration has no route {route} any more"),
        };
        Err(Fault::new(Kind::Configuration, detail).on_route(route))
    }
}

/// The scope of what is made of a response: it is the root.
pub(super) fn scope<'a>(
    message: &'a [u8],
    request: &'a [u8],
    response: Option<(Response<'a>, Value<'a>)>,
    inbound: &'a Inbound,
    world: World<'a>,
    arena: &'a Arena,
) -> Scope<'a> {
    let mut context = Context::new(world.now, world.ids, world.records, inbound, Value::Null);
    context.message = Late::text(message);
    context.request = Late::text(request);
    if let Some((response, body)) = response {
        context.answer = body;
        context.status = Some(response.status);
    }
    Scope::new(arena, arena.alloc(context), response.map_or(Value::Null, |(_, body)| body))
}

fn decide<'a>(endpoint: &'a Endpoint, body: Value<'a>, scope: &Scope<'a>) -> Result<Option<Verdict>, Fault> {
    for rule in &endpoint.outcome {
        let Some(when) = &rule.when else { return Ok(Some(rule.verdict)) };
        let holds = when.eval(body, scope).map_err(|error| Fault {
            source: Some(when.text().into_owned()),
            ..Fault::new(Kind::Rule, format!("the outcome of {}: {error}", endpoint.name))
                .policy(error.policy())
        })?;
        if is_true(holds) {
            return Ok(Some(rule.verdict));
        }
    }
    Ok(None)
}

/// A request that timed out, came too early, too often, or met a broken server may come again (RFC 9110, section 15); so
/// may one whose credentials were refused: that is for us to mend, and no fault of the message.
fn by_status(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Delivered,
        401 | 403 | 407 | 408 | 425 | 429 | 500..=599 => Verdict::Retry,
        _ => Verdict::Rejected,
    }
}
