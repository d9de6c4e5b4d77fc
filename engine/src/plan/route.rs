//! A route, resolved: where a message comes from, what is answered, sent and remembered.

use std::sync::Arc;
use std::time::Duration;

use super::mapping::{Mapping, Rule};
use crate::expression::{Expression, Record};
use crate::fault::Place;

#[derive(Debug)]
pub struct Route {
    /// `partner/route`
    pub name: Box<str>,
    pub partner: Box<str>,
    pub title: Option<Box<str>>,
    pub(crate) place: Place,
    /// `partner/channel`
    pub channel: Box<str>,
    pub message: Box<str>,
    pub(crate) when: Option<Expression>,
    pub(crate) answer: Option<Answer>,
    pub(crate) send: Option<Send>,
    pub(crate) records: Vec<RecordRow>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub mapping: Option<Mapping>,
}

/// One delivery to make.
#[derive(Debug)]
pub(crate) struct Send {
    /// Where it stands in the route: `send`, `send.then.delivered[1]`. It is stored with the delivery.
    pub step: Box<str>,
    pub place: Place,
    /// `partner/endpoint`
    pub endpoint: Box<str>,
    pub when: Option<Expression>,
    pub after: Duration,
    pub body: Body,
    pub then: Then,
}

#[derive(Debug)]
pub(crate) enum Body {
    Mapping(Mapping),
    /// The subtree as it is.
    Copy(Box<Rule>),
}

#[derive(Debug)]
pub(crate) struct RecordRow {
    pub record: Arc<Record>,
    pub place: Place,
    pub when: Option<Expression>,
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
    Record(RecordRow),
}

impl Route {
    /// The delivery that stands at `step`.
    pub(crate) fn send_at(&self, step: &str) -> Option<&Send> {
        self.send.as_ref().and_then(|send| send.find(step))
    }
}

impl Send {
    fn find(&self, step: &str) -> Option<&Self> {
        if &*self.step == step {
            return Some(self);
        }
        step.strip_prefix(&*self.step)?;
        self.then.steps().find_map(|next| match next {
            Step::Send(send) => send.find(step),
            Step::Record(_) => None,
        })
    }
}

impl Then {
    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.delivered.iter().chain(&self.rejected).chain(&self.failed)
    }
}
