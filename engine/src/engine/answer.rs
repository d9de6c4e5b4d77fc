//! What a caller gets, and the call that it may have to wait for.

use super::effect::{Delivery, Outgoing, Pair, RecordWrite, Request, owned};
use super::request::headers;
use super::work::Work;
use super::{Answering, Concluded, Engine, World, conclude, json_or_null, read_of, refused};
use crate::exchange::Outcome;
use crate::expression::{Inbound, Scope};
use crate::fault::{Fault, Kind};
use crate::plan::mapping::Writer;
use crate::plan::route::{self, Answer, Content};
use crate::value::{Arena, Value};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// What the caller gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub content_type: Box<str>,
    /// Names in lower case, `content-type` not among them.
    pub headers: Vec<(Box<str>, String)>,
    /// Empty where the route answers with a status alone.
    pub body: Vec<u8>,
}

/// A request whose response the caller waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `partner/route`
    pub route: Box<str>,
    pub request: Request,
    /// A response that means `delivered` is passed on unread.
    pub forward: bool,
}

/// What a call leads to, to be committed before the caller is answered.
#[derive(Debug, Default, PartialEq)]
pub struct Answered {
    /// None where the route does not say what its caller gets at this end.
    pub reply: Option<Reply>,
    pub deliveries: Vec<Delivery>,
    pub records: Vec<RecordWrite>,
}

/// An [`Answering`] in the arena.
pub(super) enum Saying<'a> {
    Now(Said<'a>),
    Call { outgoing: Outgoing<'a>, forward: bool },
}

/// A [`Reply`] in the arena.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    status: u16,
    content_type: &'a str,
    /// `content-type` may be among them.
    headers: &'a [Pair<'a>],
    pub body: &'a [u8],
}

impl Saying<'_> {
    pub fn answering(&self, route: &str) -> Answering {
        match self {
            Self::Now(said) => Answering::Now(said.reply()),
            Self::Call { outgoing, forward } => {
                let request = outgoing.request();
                Answering::Call(Box::new(Call { route: route.into(), request, forward: *forward }))
            }
        }
    }
}

impl Said<'_> {
    fn reply(&self) -> Reply {
        let mut headers = owned(self.headers);
        let declared = headers.iter().position(|(name, _)| &**name == "content-type");
        let declared = declared.map(|at| headers.remove(at).1);
        let content_type = declared.map_or(self.content_type.into(), Into::into);
        Reply { status: self.status, content_type, headers, body: self.body.to_vec() }
    }
}

impl Reply {
    /// Taken, and nothing more is said.
    #[must_use]
    pub fn accepted() -> Self {
        Self { status: 202, content_type: JSON.into(), headers: Vec::new(), body: Vec::new() }
    }
}

impl Engine {
    /// What the caller gets, and what follows, now that its call has ended.
    ///
    /// # Errors
    /// The route is gone, or a rule of its answer or its `then` could not be carried out.
    pub fn called<'a>(
        &'a self,
        called: Concluded<'a>,
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Answered, Vec<Fault>> {
        let route = self.routes.get(called.route);
        let Some((route, call)) = route.and_then(|route| Some((route, route.call.as_ref()?))) else {
            let detail =
                format!("the configuration has no route {} any more, or it calls nothing", called.route);
            return Err(vec![Fault::new(Kind::Configuration, detail)]);
        };
        let channel = route.channel().and_then(|channel| self.channel(channel));
        let message = channel.map_or(called.message, |channel| read_of(channel, called.message));
        let response = called.response.map(|response| (response, json_or_null(response.body, arena)));
        let (raw, node) = response.map_or((&[][..], Value::Null), |(response, body)| (response.body, body));
        let scope = conclude::scope(message, called.request, response, inbound, world, arena);
        let mut writer = Writer::default();
        let mut work = Work::new(self, called.route, called.key, raw, arena, &mut writer);
        let said = work.answer(&route.answers, called.outcome, node, &scope);
        work.steps(call.then.after(called.outcome), node, &scope);
        let effects = work.finish().map_err(|faults| faults.into_iter().map(refused).collect::<Vec<_>>())?;
        Ok(Answered {
            reply: said.map(|said| said.reply()),
            deliveries: effects.deliveries().collect(),
            records: effects.records().collect(),
        })
    }
}

impl<'a> Work<'_, 'a> {
    /// The first answer to this end that holds.
    pub fn answer(
        &mut self,
        answers: &'a [Answer],
        on: Outcome,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Option<Said<'a>> {
        let faults = self.writer.faults.len();
        let answer = answers
            .iter()
            .filter(|answer| answer.on == on)
            .find(|answer| self.holds(answer.when.as_ref(), &answer.place, node, scope));
        // A condition that cannot be decided must not let a later answer pass for this one.
        let answer = answer.filter(|_| self.writer.faults.len() == faults)?;
        self.say(answer, node, scope)
    }

    fn say(&mut self, answer: &'a Answer, node: Value<'a>, scope: &Scope<'a>) -> Option<Said<'a>> {
        let (body, content_type) = match &answer.content {
            Content::Nothing => (&[][..], JSON),
            Content::Json(body) => (self.body(body, &answer.place, node, scope)?, JSON),
            Content::Text(text) => match text.render_text(node, scope) {
                Ok(text) => (text.as_bytes(), TEXT),
                Err(error) => {
                    let fault = Fault::new(Kind::Rule, format!("the answer: {error}")).policy(error.policy());
                    self.fault(&answer.place, fault);
                    return None;
                }
            },
        };
        match headers(&answer.headers, "the answer", node, scope) {
            Ok(headers) => Some(Said { status: answer.status, content_type, headers, body }),
            Err(fault) => {
                self.fault(&answer.place, fault);
                None
            }
        }
    }

    /// The call that the route makes for this message.
    pub fn call(&mut self, call: &'a route::Call, node: Value<'a>, scope: &Scope<'a>) -> Option<Saying<'a>> {
        let outgoing = self.request(&call.endpoint, &call.place, &call.body, node, scope)?;
        Some(Saying::Call { outgoing, forward: call.forward })
    }
}
