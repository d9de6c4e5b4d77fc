//! What a route calls, sends and remembers.

use std::sync::Arc;
use std::time::Duration;

use super::Routing;
use crate::compile::declarations::Endpoint;
use crate::compile::mapping::Position;
use crate::compile::quantity;
use crate::diagnostic::{Code, suggestion};
use crate::document::Scalar;
use crate::document::route as written;
use crate::document::rule::{Map, Missing, Rule, Source};
use crate::exchange::Encoding;
use crate::expression::{Expression, Kind, Record, Sight};
use crate::plan::mapping::Mapping;
use crate::plan::route::{Body, Call, RecordRow, RecordStep, Send, Step, Then};
use crate::source::{Span, Spanned};

/// Sends within sends within sends: a conversation of more rounds is several routes.
const MAX_NESTING: usize = 8;

impl<'c> Routing<'_, 'c> {
    /// Steps over the node of `sight`; `name_of` names the one at a position.
    pub(super) fn steps(
        &mut self,
        written: &[written::Step],
        name_of: &dyn Fn(usize) -> String,
        sight: &Sight<'c>,
        depth: usize,
    ) -> Vec<Step> {
        let mut steps = Vec::with_capacity(written.len());
        for (at, step) in written.iter().enumerate() {
            match step {
                written::Step::Send(send) => {
                    let send = self.send(send, name_of(at), sight, depth);
                    steps.extend(send.map(|send| Step::Send(Box::new(send))));
                }
                written::Step::Record(step) => steps.extend(self.record_step(step, sight).map(Step::Record)),
            }
        }
        steps
    }

    fn send(
        &mut self,
        written: &written::Send,
        step: String,
        sight: &Sight<'c>,
        depth: usize,
    ) -> Option<Send> {
        if depth > MAX_NESTING {
            let message = format!("deliveries follow deliveries more than {MAX_NESTING} times");
            self.compiler.error(Code::TooDeep, message, written.endpoint.span, None);
            return None;
        }
        let full = self.qualify(&written.endpoint.text);
        let endpoint = self.endpoint(&full, &written.endpoint)?;
        let after = written
            .after
            .as_ref()
            .and_then(|after| quantity::duration(after, &mut self.compiler.diagnostics));
        let when = self.compiler.condition(written.when.as_ref(), self.partner, sight);
        let (elements, inner) = self.elements(written.elements.as_ref(), sight)?;
        let body = self.sent(written.body.as_ref(), &inner, &endpoint, written.endpoint.span)?;
        let request = self.schema_of(endpoint.request.as_deref());
        let answer = self.schema_of(endpoint.response.as_deref());
        let follow_up = Sight::of_follow_up(self.message.clone(), request, answer);
        Some(Send {
            place: self.compiler.place(written.endpoint.span),
            endpoint: full.into(),
            when,
            elements,
            after: after.unwrap_or(Duration::ZERO),
            body,
            then: self.then(&written.then, &step, &follow_up, depth),
            step: step.into(),
        })
    }

    /// A call; its caller's own body is passed on where it is `raw`.
    pub(super) fn call(&mut self, written: &written::Call, raw: bool) -> Option<Call> {
        let full = self.qualify(&written.endpoint.text);
        let endpoint = self.endpoint(&full, &written.endpoint)?;
        let sight = Sight::over(self.message.clone());
        let at = written.endpoint.span;
        if endpoint.is_channel {
            let message = format!("{full} is a channel of ours, to which messages are handed over");
            let help = "`send` hands over; a `call` waits for a partner";
            self.compiler.error(Code::ConflictingKeys, message, at, Some(help.to_owned()));
        }
        if raw && written.body.is_some() {
            let message = "the body that came is what is sent: nothing is mapped";
            self.compiler.error(Code::ConflictingKeys, message, at, None);
        }
        let body = match raw {
            true => Some(Body::Mapping(Mapping::default())),
            false => self.sent(written.body.as_ref(), &sight, &endpoint, at),
        };
        let then = &written.then;
        if written.forward && (!then.delivered.is_empty() || !then.rejected.is_empty()) {
            let message = "nothing can follow a response that is not read";
            let help = Some("leave out `forward`, or `then`".to_owned());
            self.compiler.error(Code::ConflictingKeys, message, at, help);
        }
        let after = self.sight_of_call(written);
        Some(Call {
            place: self.compiler.place(at),
            endpoint: full.into(),
            forward: written.forward,
            then: self.then(then, "call", &after, 0),
            body: body?,
        })
    }

    /// What is seen once the endpoint has responded; an endpoint that is not there is reported elsewhere.
    pub(super) fn sight_of_call(&self, written: &written::Call) -> Sight<'c> {
        let endpoint = self.compiler.names.endpoints.get(self.qualify(&written.endpoint.text).as_str());
        let shape = |schema: Option<&str>| self.schema_of(schema);
        let request = shape(endpoint.and_then(|endpoint| endpoint.request.as_deref()));
        let answer = shape(endpoint.and_then(|endpoint| endpoint.response.as_deref()));
        Sight::of_call(self.message.clone(), request, answer)
    }

    fn endpoint(&mut self, full: &str, name: &Scalar) -> Option<Arc<Endpoint>> {
        let endpoints = &self.compiler.names.endpoints;
        let Some(found) = endpoints.get(full) else {
            if !self.compiler.names_of(self.partner).explains(full) {
                let message = format!("there is no endpoint `{}`", name.text);
                let help = suggestion(full, endpoints.keys().map(String::as_str));
                self.compiler.error(Code::UnknownEndpoint, message, name.span, help);
            }
            return None;
        };
        self.compiler.used.mark(Kind::Endpoint, full);
        Some(Arc::clone(found))
    }

    /// The elements that a step goes over, and what is seen of each.
    fn elements(
        &mut self,
        written: Option<&Scalar>,
        sight: &Sight<'c>,
    ) -> Option<(Option<Expression>, Sight<'c>)> {
        let Some(written) = written else { return Some((None, sight.clone())) };
        let (elements, known) = self.compiler.typed(written, self.partner, sight)?;
        let _ = self.compiler.check_is("array", "`for` goes over", &known, written.span);
        Some((Some(elements), sight.inside_each(known.element())))
    }

    /// What goes to an endpoint; one that takes no body needs none.
    fn sent(
        &mut self,
        written: Option<&written::Body>,
        sight: &Sight<'c>,
        endpoint: &Endpoint,
        at: Span,
    ) -> Option<Body> {
        let request = self.schema_of(endpoint.request.as_deref());
        let position = self.position(sight, request, at);
        if let (Encoding::Form, Some(written::Body { map: Some(map), .. })) = (endpoint.encoding, written) {
            self.check_form(map);
        }
        match written {
            Some(body) => self.body(body, &position),
            None if endpoint.encoding == Encoding::Nothing => Some(Body::Mapping(Mapping::default())),
            None => {
                let message = "the delivery has no body";
                let help = "`map` says what is sent; `copy: \"@\"` sends the message as it is";
                self.compiler.error(Code::MissingKey, message, at, Some(help.to_owned()));
                None
            }
        }
    }

    /// A form is names and texts; what makes an object or an array of it is seen before a message comes.
    fn check_form(&mut self, map: &Map) {
        for (target, rule) in &map.rows {
            let nested = match rule.source {
                Source::Map { .. } | Source::Copy { .. } => Some("an object"),
                Source::Each { .. } | Source::List(_) => Some("an array"),
                _ if target.value.contains('.') && !target.value.starts_with('"') => Some("an object"),
                _ => None,
            };
            if let Some(nested) = nested {
                let message = format!("`{}` makes {nested}, and a form holds texts only", target.value);
                let help =
                    "a name with dots stands in double quotes: '\"a.b\"'; to_json() makes a text".to_owned();
                self.compiler.error(Code::WrongShape, message, target.span, Some(help));
            }
        }
    }

    pub(super) fn body(&mut self, written: &written::Body, position: &Position<'_, 'c>) -> Option<Body> {
        match (&written.map, &written.copy) {
            (None, Some(from)) if from.text.trim() == "@" => Some(Body::Whole),
            (map, Some(from)) => {
                let source = Source::Copy { from: from.clone(), except: Vec::new(), map: map.clone() };
                let rule =
                    Rule { span: from.span, source, when: None, missing: Missing::Required, note: None };
                self.compiler.rule(&rule, position).map(|rule| Body::Copy(Box::new(rule)))
            }
            (Some(map), None) => Some(Body::Mapping(self.compiler.mapping(map, position))),
            (None, None) => None,
        }
    }

    fn then(&mut self, written: &written::Then, step: &str, sight: &Sight<'c>, depth: usize) -> Then {
        let mut after = |steps: &[written::Step], outcome: &str| {
            self.steps(steps, &|at| format!("{step}.then.{outcome}[{at}]"), sight, depth + 1)
        };
        Then {
            delivered: after(&written.delivered, "delivered"),
            rejected: after(&written.rejected, "rejected"),
            failed: after(&written.failed, "failed"),
        }
    }

    fn record_step(&mut self, written: &written::RecordStep, sight: &Sight<'c>) -> Option<RecordStep> {
        let when = self.compiler.condition(written.when.as_ref(), self.partner, sight);
        let (elements, inner) = self.elements(written.elements.as_ref(), sight)?;
        let rows: Vec<_> = written.rows.iter().filter_map(|row| self.record(row, &inner)).collect();
        let place = rows.first()?.place.clone();
        Some(RecordStep { place, when, elements, rows })
    }

    fn record(&mut self, written: &written::RecordRow, sight: &Sight<'c>) -> Option<RecordRow> {
        let record = self.record_named(&written.record)?;
        if !written.fields.iter().any(|(field, _)| *field.value == *record.key) {
            let message = format!("the record's key `{}` is not given", record.key);
            let help = Some("without its key it is not known which record is meant".to_owned());
            self.compiler.error(Code::MissingKey, message, written.record.span, help);
        }
        let fields = self.compiler.record_fields(self.partner, &record, written, sight);
        Some(RecordRow { record, place: self.compiler.place(written.record.span), fields })
    }

    fn record_named(&mut self, name: &Spanned<String>) -> Option<Arc<Record>> {
        let names = self.compiler.names_of(self.partner);
        let found = names.record(&name.value).cloned();
        if found.is_none() && !names.explains(&names.qualify(&name.value)) {
            let message = format!("there is no record `{}`", name.value);
            let help = suggestion(&name.value, names.known(names.records));
            self.compiler.error(Code::UnknownRecord, message, name.span, help);
        }
        found
    }
}
