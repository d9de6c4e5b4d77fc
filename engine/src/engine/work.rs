//! From compiled steps to what they cause.

use bumpalo::collections::Vec as ArenaVec;

use super::effect::{Effects, Kept, Sent};
use super::{Engine, one};
use crate::expression::{Expression, Scope, is_true};
use crate::fault::{Fault, Kind, Place};
use crate::plan::mapping::{Mapping, Writer};
use crate::plan::route::{Body, RecordStep, Send, Step};
use crate::value::{Arena, Value};

/// More deliveries or records than this are not what one message means to cause.
const MAX_EFFECTS: usize = 10_000;
/// Bytes that go out or are kept for one visited node of the message's budget.
const BYTES_PER_NODE: usize = 8;

const TOO_MANY: &str = "one message causes at most 10000 deliveries and as many records";
const TOO_LARGE: &str = "what the message causes is larger than one message may cause";

/// What one route causes, while it is being worked out.
pub(super) struct Work<'w, 'a> {
    pub engine: &'a Engine,
    route: &'a str,
    /// The message's own order key.
    key: Option<&'a str>,
    /// The bytes of the node that the route begins with.
    raw: &'a [u8],
    sent: ArenaVec<'a, Sent<'a>>,
    pub kept: ArenaVec<'a, Kept<'a>>,
    /// Writes one body after another, and holds the faults of them all.
    pub writer: &'w mut Writer,
}

impl<'w, 'a> Work<'w, 'a> {
    pub fn new(
        engine: &'a Engine,
        route: &'a str,
        key: Option<&'a str>,
        raw: &'a [u8],
        arena: &'a Arena,
        writer: &'w mut Writer,
    ) -> Self {
        let (sent, kept) = (ArenaVec::new_in(arena), ArenaVec::new_in(arena));
        Self { engine, route, key, raw, sent, kept, writer }
    }

    /// All of it, or every fault.
    pub fn finish(self) -> Result<Effects<'a>, Vec<Fault>> {
        if self.writer.faults.is_empty() {
            return Ok(Effects { route: self.route, sent: self.sent, kept: self.kept });
        }
        Err(self.writer.faults.drain(..).map(|fault| fault.on_route(self.route)).collect())
    }

    /// Keeps a fault of the row at `place`, unless it says its own.
    pub fn fault(&mut self, place: &Place, fault: Fault) {
        self.writer.faults.push(Fault { rule: fault.rule.or(Some(place.clone())), ..fault });
    }

    pub fn steps(&mut self, steps: &'a [Step], node: Value<'a>, scope: &Scope<'a>) {
        for step in steps {
            match step {
                Step::Send(send) if self.holds(send.when.as_ref(), &send.place, node, scope) => {
                    let each = |work: &mut Self, node, scope: &Scope<'a>| work.send(send, node, scope);
                    self.each(send.elements.as_ref(), &send.place, node, scope, each);
                }
                Step::Record(step) if self.holds(step.when.as_ref(), &step.place, node, scope) => {
                    self.record_step(step, node, scope);
                }
                Step::Send(_) | Step::Record(_) => {}
            }
        }
    }

    fn record_step(&mut self, step: &'a RecordStep, node: Value<'a>, scope: &Scope<'a>) {
        let each = |work: &mut Self, node, scope: &Scope<'a>| {
            step.rows.iter().for_each(|row| work.record(row, node, scope));
        };
        self.each(step.elements.as_ref(), &step.place, node, scope, each);
    }

    /// Acts once over the node, or on each of the elements.
    fn each(
        &mut self,
        elements: Option<&'a Expression>,
        place: &Place,
        node: Value<'a>,
        scope: &Scope<'a>,
        mut act: impl FnMut(&mut Self, Value<'a>, &Scope<'a>),
    ) {
        let Some(expression) = elements else { return act(self, node, scope) };
        let elements = match expression.eval(node, scope) {
            Ok(Value::Array(elements)) => elements,
            Ok(other) => {
                let detail = format!("`for` goes over an array, and this is {}", other.kind());
                return self.writer.faults.push(rule_fault(place, expression, &detail));
            }
            Err(error) => {
                let fault = rule_fault(place, expression, &error.to_string()).policy(error.policy());
                return self.writer.faults.push(fault);
            }
        };
        for (index, element) in elements.iter().enumerate() {
            if self.sent.len().max(self.kept.len()) >= MAX_EFFECTS {
                return self.writer.faults.push(rule_fault(place, expression, TOO_MANY));
            }
            let before = self.writer.faults.len();
            act(self, *element, &scope.inside(node, Some(index)));
            if self.writer.faults.len() > before {
                self.writer.place(before, &format!("[{index}]"));
            }
            if self.writer.faults.len() > super::MAX_FAULTS {
                return;
            }
        }
    }

    fn send(&mut self, send: &'a Send, node: Value<'a>, scope: &Scope<'a>) {
        let Some(outgoing) = self.request(&send.endpoint, &send.place, &send.body, node, scope) else {
            return;
        };
        let inner = Scope { root: outgoing.value, frame: None, ..*scope };
        let key = match &outgoing.endpoint.key {
            Some(key) => {
                one(key, outgoing.value, &inner, Kind::NoIdentity, "the delivery's order key").map(Some)
            }
            None => Ok(self.key),
        };
        match key {
            Ok(key) => self.sent.push(Sent { send, outgoing, key }),
            Err(fault) => self.fault(&send.place, fault),
        }
    }

    /// The bytes of a body; faults are kept.
    pub fn body(
        &mut self,
        body: &'a Body,
        place: &Place,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Option<&'a [u8]> {
        let before = self.writer.faults.len();
        self.writer.out.clear();
        match body {
            Body::Mapping(mapping) => self.mapping(mapping, place, node, scope),
            Body::Copy(rule) => drop(rule.write(node, scope, self.writer)),
            Body::Whole if node.is_null() => {
                self.fault(place, Fault::new(Kind::Rule, "there is nothing to copy"));
            }
            // Not an element of it: to the byte what came.
            Body::Whole if scope.frame.is_none() => return self.paid(self.raw, place, scope),
            Body::Whole => node.write_json(&mut self.writer.out),
        }
        if self.writer.faults.len() > before {
            return None;
        }
        let written = scope.arena.alloc_slice_copy(&self.writer.out);
        self.paid(written, place, scope)
    }

    /// Writes an object; faults are kept.
    pub fn mapping(&mut self, mapping: &'a Mapping, place: &Place, node: Value<'a>, scope: &Scope<'a>) {
        if let Err(error) = mapping.write(node, scope, self.writer) {
            self.fault(place, Fault::new(Kind::Rule, error.to_string()).policy(error.policy()));
        }
    }

    /// What is written, if the message's budget has room for it.
    pub fn paid(&mut self, written: &'a [u8], place: &Place, scope: &Scope<'_>) -> Option<&'a [u8]> {
        if scope.context.spend(written.len() / BYTES_PER_NODE + 1) {
            return Some(written);
        }
        self.fault(place, Fault::new(Kind::Rule, TOO_LARGE));
        None
    }

    /// Whether a condition holds; one that cannot be decided is a fault, and does not.
    pub fn holds(
        &mut self,
        when: Option<&'a Expression>,
        place: &Place,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> bool {
        let Some(when) = when else { return true };
        match when.eval(node, scope) {
            Ok(value) => is_true(value),
            Err(error) => {
                let fault = rule_fault(place, when, &error.to_string()).policy(error.policy());
                self.writer.faults.push(fault);
                false
            }
        }
    }
}

fn rule_fault(place: &Place, expression: &Expression, detail: &str) -> Fault {
    Fault {
        rule: Some(place.clone()),
        source: Some(expression.text().into_owned()),
        ..Fault::new(Kind::Rule, detail)
    }
}
