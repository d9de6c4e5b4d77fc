//! What a caller gets, and the call that it may have to wait for.

use super::deliver::{Delivery, RecordWrite, Request, Work, headers};
use super::{Concluded, Engine, World, conclude, json_or_null, parse, read_of, refused};
use crate::exchange::Outcome;
use crate::expression::{Inbound, Scope};
use crate::fault::{Fault, Kind};
use crate::plan::route::{Answer, Content};
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
        let message = parse(message, arena, Kind::Malformed, "the message").map_err(|fault| vec![fault])?;
        let response = called.response.map(|response| (response, json_or_null(response.body, arena)));
        let (raw, node) = response.map_or((&[][..], Value::Null), |(response, body)| (response.body, body));
        let scope = conclude::scope(message, called.request, response, inbound, world, arena);
        let mut work = Work::new(self, called.route, called.key, raw);
        let reply = work.answer(&route.answers, called.outcome, node, &scope);
        work.steps(call.then.after(called.outcome), node, &scope);
        let (deliveries, records) =
            work.finish().map_err(|faults| faults.into_iter().map(refused).collect::<Vec<_>>())?;
        Ok(Answered { reply, deliveries, records })
    }
}

impl<'e> Work<'e> {
    /// The first answer to this end that holds.
    pub fn answer<'a>(
        &mut self,
        answers: &'a [Answer],
        on: Outcome,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Option<Reply>
    where
        'e: 'a,
    {
        let faults = self.faults.len();
        let answer = answers
            .iter()
            .filter(|answer| answer.on == on)
            .find(|answer| self.holds(answer.when.as_ref(), &answer.place, node, scope));
        // A condition that cannot be decided must not let a later answer pass for this one.
        answer.filter(|_| self.faults.len() == faults).and_then(|answer| self.reply(answer, node, scope))
    }

    fn reply<'a>(&mut self, answer: &'a Answer, node: Value<'a>, scope: &Scope<'a>) -> Option<Reply>
    where
        'e: 'a,
    {
        let (body, content_type) = match &answer.content {
            Content::Nothing => (Vec::new(), JSON),
            Content::Json(body) => (self.body(body, &answer.place, node, scope)?, JSON),
            Content::Text(text) => match text.render_text(node, scope) {
                Ok(text) => (text.into_bytes(), TEXT),
                Err(error) => {
                    let fault = Fault::new(Kind::Rule, format!("the answer: {error}")).policy(error.policy());
                    self.faults.push(Fault { rule: Some(answer.place.clone()), ..fault });
                    return None;
                }
            },
        };
        match headers(&answer.headers, "the answer", node, scope) {
            Ok(mut headers) => {
                let declared = headers.iter().position(|(name, _)| &**name == "content-type");
                let declared = declared.map(|at| headers.remove(at).1);
                let content_type = declared.map_or(content_type.into(), Into::into);
                Some(Reply { status: answer.status, content_type, headers, body })
            }
            Err(fault) => {
                self.faults.push(Fault { rule: Some(answer.place.clone()), ..fault });
                None
            }
        }
    }

    /// The call that the route makes for this message.
    pub fn call<'a>(
        &mut self,
        call: &'a crate::plan::route::Call,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Option<Request>
    where
        'e: 'a,
    {
        self.request(&call.endpoint, &call.place, &call.body, node, scope).map(|made| made.request)
    }
}
