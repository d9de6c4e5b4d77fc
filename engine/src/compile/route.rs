//! Routes: both contracts are found, every part is compiled.

mod answers;
pub(super) mod rivals;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use super::bound::BoundRoute;
use super::declarations::Face;
use super::documents::Documents;
use super::expressions::Compiler;
use super::mapping::Position;
use super::quantity;
use crate::diagnostic::{Code, suggestion};
use crate::document::Scalar;
use crate::document::route as written;
use crate::exchange::Encoding;
use crate::expression::{Known, Sight};
use crate::fault::Policy;
use crate::plan::route::{Route, Trigger};
use crate::source::Span;

/// More often is not a poll but a load.
const SHORTEST_PERIOD: Duration = Duration::from_secs(1);

/// The routes of one partner.
pub(super) fn compile(documents: &Documents, compiler: &mut Compiler<'_>) -> Vec<BoundRoute> {
    let mut routes = Vec::with_capacity(documents.routes.len());
    for (name, written) in &documents.routes {
        let full = format!("{}/{name}", documents.partner);
        let mut routing = Routing { compiler, partner: &documents.partner, message: Known::Any };
        let message_at = match &written.trigger {
            Some(written::Trigger::Receive { message, .. }) => Some(message.span),
            _ => None,
        };
        let route = routing.route(&full, written).map(Arc::new);
        routes.extend(route.map(|route| BoundRoute { route, message_at }));
    }
    routes
}

struct Routing<'r, 'c> {
    compiler: &'r mut Compiler<'c>,
    partner: &'r str,
    /// The shape of the message that came in.
    message: Known<'c>,
}

impl<'c> Routing<'_, 'c> {
    fn route(&mut self, name: &str, written: &written::Route) -> Option<Route> {
        let (trigger, sight) = self.trigger(written)?;
        let when = self.compiler.condition(written.when.as_ref(), self.partner, &sight);
        let raw = self.is_raw(&trigger);
        let call = written.call.as_ref().map(|call| self.call(call, raw));
        let answers = self.answers(written, &sight);
        let name_of = |at: usize| if written.listed { format!("steps[{at}]") } else { "send".to_owned() };
        let steps = self.steps(&written.steps, &name_of, &sight, 0);
        Some(Route {
            name: name.into(),
            partner: self.partner.into(),
            title: written.title.as_deref().map(Into::into),
            trigger,
            place: self.compiler.place(written.span),
            when,
            answers,
            // One that is not sound is reported, and the plan is not used.
            call: call.flatten(),
            steps,
        })
    }

    /// What sets the route in motion, and what its expressions see.
    fn trigger(&mut self, written: &written::Route) -> Option<(Trigger, Sight<'c>)> {
        match written.trigger.as_ref()? {
            written::Trigger::Start => Some((Trigger::Start, Sight::unprompted())),
            written::Trigger::Every(period) => {
                let every = quantity::duration(period, &mut self.compiler.diagnostics)?;
                if every < SHORTEST_PERIOD {
                    self.compiler.error(Code::OutOfRange, "a period is at least 1s", period.span, None);
                }
                Some((Trigger::Every(every), Sight::unprompted()))
            }
            written::Trigger::Receive { channel: name, message } => {
                let (full, channel) = self.compiler.channel_of(self.partner, name)?;
                self.message = self.message_shape(message, (&full, &channel));
                self.check_channel(written, (&full, &channel), name);
                let trigger =
                    Trigger::Receive { channel: full.into(), message: message.text.as_str().into() };
                Some((trigger, Sight::over(self.message.clone())))
            }
        }
    }

    /// What the channel does with messages has to suit what the route does with them.
    fn check_channel(&mut self, written: &written::Route, (full, channel): (&str, &Face), name: &Scalar) {
        let forwards = written.call.as_ref().is_some_and(|call| call.forward);
        if channel.encoding == Encoding::Raw && !forwards {
            let message = format!("{full} takes raw bodies, which can only be passed on");
            let help = "`call` an endpoint with `forward: true`, or let the channel read `body: json`";
            self.compiler.error(Code::ConflictingKeys, message, name.span, Some(help.to_owned()));
        }
        if let (Some(call), Policy::Park) = (&written.call, channel.on_fault) {
            let message = format!("a message of {full} that has a fault is parked, but a caller waits");
            let help = "nobody could be answered later; give the channel `on_fault: reject`, or `send`";
            self.compiler.error(Code::ConflictingKeys, message, call.endpoint.span, Some(help.to_owned()));
        }
    }

    fn is_raw(&self, trigger: &Trigger) -> bool {
        let Trigger::Receive { channel, .. } = trigger else { return false };
        let channel = self.compiler.names.channels.get(&**channel);
        channel.is_some_and(|channel| channel.encoding == Encoding::Raw)
    }

    /// `inbox` is this partner's, `market/inbox` another's.
    fn qualify(&self, name: &str) -> String {
        if name.contains('/') { name.to_owned() } else { format!("{}/{name}", self.partner) }
    }

    fn message_shape(&mut self, message: &Scalar, (full, channel): (&str, &Face)) -> Known<'c> {
        match channel.messages.iter().find(|(name, _)| **name == *message.text) {
            Some((_, schema)) => self.schema_of(schema.as_deref()),
            None => {
                let text = format!("`{full}` has no message `{}`", message.text);
                let help = suggestion(&message.text, channel.messages.iter().map(|(name, _)| &**name));
                self.compiler.error(Code::UnknownMessageType, text, message.span, help);
                Known::Any
            }
        }
    }

    fn schema_of(&self, name: Option<&str>) -> Known<'c> {
        Known::shape(name.and_then(|name| self.compiler.schemas.shape(name, self.compiler.used)))
    }

    fn position<'p>(&self, sight: &Sight<'c>, target: Known<'c>, at: Span) -> Position<'p, 'c>
    where
        Self: 'p,
    {
        let (sight, path) = (sight.clone(), String::new());
        Position {
            partner: self.partner,
            sight,
            target,
            path,
            at,
            schema_of: "what is sent",
            over_a_copy: false,
        }
    }
}
