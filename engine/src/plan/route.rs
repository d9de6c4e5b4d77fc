//! A route, resolved: what sets it in motion, what is answered, called, sent and remembered.

use std::sync::Arc;
use std::time::Duration;

use super::mapping::{Mapping, Rule};
use super::template::Template;
use crate::exchange::Outcome;
use crate::expression::{Expression, Record};
use crate::fault::Place;

#[derive(Debug)]
pub struct Route {
    /// `partner/route`
    pub name: Box<str>,
    pub partner: Box<str>,
    pub title: Option<Box<str>>,
    pub trigger: Trigger,
    pub(crate) place: Place,
    pub(crate) when: Option<Expression>,
    /// The first that holds is given.
    pub(crate) answers: Vec<Answer>,
    pub(crate) call: Option<Call>,
    pub(crate) steps: Vec<Step>,
}

/// What sets a route in motion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A message of this type over this channel, `partner/channel`.
    Receive { channel: Box<str>, message: Box<str> },
    /// The start of the process.
    Start,
    /// The passing of this time.
    Every(Duration),
}

/// How many bodies a message makes of a route: see [`Route::sends`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    Nothing,
    AtMostOne,
    Several,
}

#[derive(Debug)]
pub(crate) struct Answer {
    /// The end of the call that it answers; of a route without one, `Delivered`.
    pub on: Outcome,
    pub place: Place,
    pub when: Option<Expression>,
    pub status: u16,
    pub headers: Headers,
    pub content: Content,
}

/// Names in lower case.
pub(crate) type Headers = Vec<(Box<str>, Template)>;

#[derive(Debug)]
pub(crate) enum Content {
    Nothing,
    Json(Body),
    Text(Template),
}

/// A request whose response the caller waits for.
#[derive(Debug)]
pub(crate) struct Call {
    pub place: Place,
    /// `partner/endpoint`
    pub endpoint: Box<str>,
    pub body: Body,
    /// Its response is passed on unread.
    pub forward: bool,
    pub then: Then,
}

/// One delivery to make, or one for each element.
#[derive(Debug)]
pub(crate) struct Send {
    /// Where it stands in the route: `send`, `steps[0].then.delivered[1]`. It is stored with the delivery.
    pub step: Box<str>,
    pub place: Place,
    /// `partner/endpoint`
    pub endpoint: Box<str>,
    pub when: Option<Expression>,
    pub elements: Option<Expression>,
    pub after: Duration,
    pub body: Body,
    pub then: Then,
}

#[derive(Debug)]
pub(crate) enum Body {
    Mapping(Mapping),
    /// The subtree, some of its members replaced.
    Copy(Box<Rule>),
    /// The current node as it is: to the byte, where it is what came.
    Whole,
}

#[derive(Debug)]
pub(crate) struct RecordStep {
    pub place: Place,
    pub when: Option<Expression>,
    pub elements: Option<Expression>,
    pub rows: Vec<RecordRow>,
}

#[derive(Debug)]
pub(crate) struct RecordRow {
    pub record: Arc<Record>,
    pub place: Place,
    pub fields: Mapping,
}

#[derive(Debug, Default)]
pub(crate) struct Then {
    pub delivered: Vec<Step>,
    pub rejected: Vec<Step>,
    pub failed: Vec<Step>,
}

#[derive(Debug)]
pub(crate) enum Step {
    Send(Box<Send>),
    Record(RecordStep),
}

impl Route {
    /// `partner/channel`, where a message sets it in motion.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        match &self.trigger {
            Trigger::Receive { channel, .. } => Some(channel),
            Trigger::Start | Trigger::Every(_) => None,
        }
    }

    /// Whether its caller waits for an endpoint's response.
    #[must_use]
    pub fn calls(&self) -> bool {
        self.call.is_some()
    }

    /// What it sends for one message; of a route that calls, what it calls with.
    #[must_use]
    pub fn sends(&self) -> Sends {
        let mut sends = self.steps.iter().filter_map(Step::as_send);
        match (sends.next(), sends.next()) {
            _ if self.calls() => Sends::AtMostOne,
            (None, _) => Sends::Nothing,
            (Some(only), None) if only.elements.is_none() => Sends::AtMostOne,
            (Some(_), _) => Sends::Several,
        }
    }

    /// Whether it says what its caller gets.
    pub(crate) fn answers(&self) -> bool {
        self.calls() || !self.answers.is_empty()
    }

    /// The delivery that stands at `step`.
    pub(crate) fn send_at(&self, step: &str) -> Option<&Send> {
        let called = self.call.iter().flat_map(|call| call.then.steps());
        find(self.steps.iter().chain(called), step)
    }
}

fn find<'s>(steps: impl Iterator<Item = &'s Step>, at: &str) -> Option<&'s Send> {
    steps.filter_map(Step::as_send).find_map(|send| send.find(at))
}

impl Step {
    fn as_send(&self) -> Option<&Send> {
        match self {
            Self::Send(send) => Some(send),
            Self::Record(_) => None,
        }
    }
}

impl Send {
    fn find(&self, step: &str) -> Option<&Self> {
        if &*self.step == step {
            return Some(self);
        }
        step.strip_prefix(&*self.step)?;
        find(self.then.steps(), step)
    }
}

impl Then {
    /// The steps that follow this outcome.
    pub fn after(&self, outcome: Outcome) -> &[Step] {
        match outcome {
            Outcome::Delivered => &self.delivered,
            Outcome::Rejected => &self.rejected,
            Outcome::Failed => &self.failed,
        }
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.delivered.iter().chain(&self.rejected).chain(&self.failed)
    }
}
