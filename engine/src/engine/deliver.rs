//! From compiled steps to the requests that go out, and from a record row to what is kept.

use std::sync::Arc;
use std::time::Duration;

use super::{Engine, one, parse};
use crate::exchange::{Encoding, Method};
use crate::expression::{Expression, Record, Scope, is_true};
use crate::fault::{Fault, Kind, Place};
use crate::plan::contract::Endpoint;
use crate::plan::mapping::Writer;
use crate::plan::route::{Body, Headers, RecordRow, RecordStep, Send, Step};
use crate::value::Value;

/// More deliveries or records than this are not what one message means to cause.
const MAX_EFFECTS: usize = 10_000;
/// Bytes that go out or are kept for one visited node of the message's budget.
const BYTES_PER_NODE: usize = 8;

const TOO_MANY: &str = "one message causes at most 10000 deliveries and as many records";
const TOO_LARGE: &str = "what the message causes is larger than one message may cause";

/// What is to be sent to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `partner/endpoint`
    pub endpoint: Box<str>,
    /// The destination.
    pub partner: Box<str>,
    pub method: Method,
    pub url: String,
    /// Names in lower case; values that a header can hold.
    pub headers: Vec<(Box<str>, String)>,
    /// How the body goes out: of a form, an object of scalars is kept as JSON until then.
    pub encoding: Encoding,
    /// JSON, also where no body goes out.
    pub body: Vec<u8>,
}

/// One delivery to be made, durable before anybody is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `partner/route`
    pub route: Box<str>,
    /// Where in the route's plan it stands; given back when it is concluded.
    pub step: Box<str>,
    pub request: Request,
    /// Deliveries to one partner with one key are made in order; without a key there is no order.
    pub key: Option<String>,
    /// The wait before the first attempt.
    pub after: Duration,
}

/// One record to be made or changed, in the same commit as what caused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordWrite {
    pub record: Arc<Record>,
    pub key: String,
    /// The unique fields that are given, with their values.
    pub unique: Vec<(Box<str>, String)>,
    /// A JSON object: the fields to set.
    pub json: Vec<u8>,
}

/// What one route causes, while it is being worked out.
pub(super) struct Work<'e> {
    engine: &'e Engine,
    route: &'e str,
    /// The message's own order key.
    key: Option<&'e str>,
    /// The bytes of the node that the route begins with.
    raw: &'e [u8],
    pub deliveries: Vec<Delivery>,
    pub records: Vec<RecordWrite>,
    pub faults: Vec<Fault>,
}

/// A request, and what it was made of.
pub(super) struct Made<'e, 'a> {
    endpoint: &'e Endpoint,
    pub request: Request,
    /// What is sent, as a value.
    outgoing: Value<'a>,
}

impl<'e> Work<'e> {
    pub fn new(engine: &'e Engine, route: &'e str, key: Option<&'e str>, raw: &'e [u8]) -> Self {
        Self { engine, route, key, raw, deliveries: Vec::new(), records: Vec::new(), faults: Vec::new() }
    }

    /// All of it, or every fault.
    pub fn finish(self) -> Result<(Vec<Delivery>, Vec<RecordWrite>), Vec<Fault>> {
        if self.faults.is_empty() {
            return Ok((self.deliveries, self.records));
        }
        Err(self.faults.into_iter().map(|fault| fault.on_route(self.route)).collect())
    }

    pub fn steps<'a>(&mut self, steps: &'a [Step], node: Value<'a>, scope: &Scope<'a>)
    where
        'e: 'a,
    {
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

    fn record_step<'a>(&mut self, step: &'a RecordStep, node: Value<'a>, scope: &Scope<'a>) {
        let each = |work: &mut Self, node, scope: &Scope<'a>| {
            step.rows.iter().for_each(|row| work.record(row, node, scope));
        };
        self.each(step.elements.as_ref(), &step.place, node, scope, each);
    }

    /// Acts once over the node, or on each of the elements.
    fn each<'a>(
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
                return self.faults.push(rule_fault(place, expression, &detail));
            }
            Err(error) => {
                let fault = rule_fault(place, expression, &error.to_string()).policy(error.policy());
                return self.faults.push(fault);
            }
        };
        for (index, element) in elements.iter().enumerate() {
            if self.deliveries.len().max(self.records.len()) >= MAX_EFFECTS {
                return self.faults.push(rule_fault(place, expression, TOO_MANY));
            }
            let before = self.faults.len();
            act(self, *element, &scope.inside(node, Some(index)));
            for fault in self.faults.iter_mut().skip(before) {
                let target = fault.target.take().map_or(String::new(), |target| format!(".{target}"));
                fault.target = Some(format!("[{index}]{target}"));
            }
            if self.faults.len() > super::MAX_FAULTS {
                return;
            }
        }
    }

    fn send<'a>(&mut self, send: &'a Send, node: Value<'a>, scope: &Scope<'a>)
    where
        'e: 'a,
    {
        let Some(Made { endpoint, request, outgoing }) =
            self.request(&send.endpoint, &send.place, &send.body, node, scope)
        else {
            return;
        };
        let inner = Scope { root: outgoing, frame: None, ..*scope };
        let key = match &endpoint.key {
            Some(key) => one(key, outgoing, &inner, Kind::NoIdentity, "the delivery's order key").map(Some),
            None => Ok(self.key.map(str::to_owned)),
        };
        match key {
            Ok(key) => self.deliveries.push(Delivery {
                route: self.route.into(),
                step: send.step.clone(),
                request,
                key,
                after: send.after,
            }),
            Err(fault) => self.faults.push(Fault { rule: Some(send.place.clone()), ..fault }),
        }
    }

    /// The request to an endpoint; a fault is kept.
    pub fn request<'a>(
        &mut self,
        endpoint: &str,
        place: &Place,
        body: &'a Body,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Option<Made<'e, 'a>>
    where
        'e: 'a,
    {
        let Some(endpoint) = self.engine.endpoint(endpoint) else {
            let detail = format!("there is no endpoint `{endpoint}` any more");
            self.faults.push(Fault { rule: Some(place.clone()), ..Fault::new(Kind::Configuration, detail) });
            return None;
        };
        let out = self.body(body, place, node, scope)?;
        match self.address(endpoint, out, scope) {
            Ok((request, outgoing)) => Some(Made { endpoint, request, outgoing }),
            Err(fault) => {
                self.faults.push(Fault { rule: fault.rule.or(Some(place.clone())), ..fault });
                None
            }
        }
    }

    /// The bytes of a body; faults are kept.
    pub fn body<'a>(
        &mut self,
        body: &'a Body,
        place: &Place,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        match body {
            Body::Mapping(mapping) => mapping.write(node, scope, &mut writer),
            Body::Copy(rule) => drop(rule.write(node, scope, &mut writer)),
            Body::Whole if node.is_null() => {
                let detail = "there is nothing to copy";
                writer.faults.push(Fault { rule: Some(place.clone()), ..Fault::new(Kind::Rule, detail) });
            }
            // Not an element of it: to the byte what came.
            Body::Whole if scope.frame.is_none() => writer.out.extend_from_slice(self.raw),
            Body::Whole => node.write_json(&mut writer.out),
        }
        if writer.faults.is_empty() {
            return self.paid(writer.out, place, scope);
        }
        self.faults.append(&mut writer.faults);
        None
    }

    /// What is written, if the message's budget has room for it.
    fn paid(&mut self, out: Vec<u8>, place: &Place, scope: &Scope<'_>) -> Option<Vec<u8>> {
        if scope.context.spend(out.len() / BYTES_PER_NODE + 1) {
            return Some(out);
        }
        self.faults.push(Fault { rule: Some(place.clone()), ..Fault::new(Kind::Rule, TOO_LARGE) });
        None
    }

    /// Checks what goes out against the receiver's schema, and finds its URL and its headers.
    fn address<'a>(
        &self,
        endpoint: &'e Arc<Endpoint>,
        body: Vec<u8>,
        scope: &Scope<'a>,
    ) -> Result<(Request, Value<'a>), Fault>
    where
        'e: 'a,
    {
        let bytes = scope.arena.alloc_slice_copy(&body);
        let outgoing = parse(bytes, scope.arena, Kind::InvalidResult, "the mapped message")?;
        if let Some(schema) = &endpoint.request {
            let detail = format!("the mapped message does not satisfy the schema of {}", endpoint.name);
            self.engine.validate(schema, outgoing, Kind::InvalidResult, &detail)?;
        }
        if endpoint.encoding == Encoding::Form {
            check_form(outgoing)?;
        }
        let scope = Scope { root: outgoing, frame: None, ..*scope };
        let url = endpoint.url.render_url(outgoing, &scope).map_err(|error| {
            Fault::new(Kind::Rule, format!("the URL of {}: {error}", endpoint.name)).policy(error.policy())
        })?;
        let request = Request {
            endpoint: endpoint.name.clone(),
            partner: endpoint.partner.clone(),
            method: endpoint.method,
            url,
            headers: headers(&endpoint.headers, &endpoint.name, outgoing, &scope)?,
            encoding: endpoint.encoding,
            body,
        };
        Ok((request, outgoing))
    }

    fn record<'a>(&mut self, row: &'a RecordRow, node: Value<'a>, scope: &Scope<'a>) {
        let mut writer = Writer::default();
        row.fields.write(node, scope, &mut writer);
        if !writer.faults.is_empty() {
            self.faults.append(&mut writer.faults);
            return;
        }
        let Some(out) = self.paid(writer.out, &row.place, scope) else { return };
        let bytes = scope.arena.alloc_slice_copy(&out);
        let kept = parse(bytes, scope.arena, Kind::Rule, "the record")
            .and_then(|fields| record_write(row, fields, out));
        match kept {
            Ok(write) => self.records.push(write),
            Err(fault) => self.faults.push(Fault { rule: Some(row.place.clone()), ..fault }),
        }
    }

    /// Whether a condition holds; one that cannot be decided is a fault, and does not.
    pub fn holds<'a>(
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
                self.faults.push(rule_fault(place, when, &error.to_string()).policy(error.policy()));
                false
            }
        }
    }
}

fn rule_fault(place: &Place, expression: &Expression, detail: &str) -> Fault {
    Fault {
        rule: Some(place.clone()),
        source: Some(expression.text().to_owned()),
        ..Fault::new(Kind::Rule, detail)
    }
}

/// Headers as they are sent: one line of visible ASCII each (RFC 9110, section 5.5).
pub(super) fn headers<'a>(
    headers: &'a Headers,
    of: &str,
    node: Value<'a>,
    scope: &Scope<'a>,
) -> Result<Vec<(Box<str>, String)>, Fault> {
    let mut rendered = Vec::with_capacity(headers.len());
    for (name, template) in headers {
        let fault = |detail: &str| Fault::new(Kind::Rule, format!("the header `{name}` of {of}: {detail}"));
        let value = template
            .render_text(node, scope)
            .map_err(|error| fault(&error.to_string()).policy(error.policy()))?;
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(fault("its value holds a sign that is not ASCII, or a line break"));
        }
        rendered.push((name.clone(), value));
    }
    Ok(rendered)
}

/// A form is names and texts.
fn check_form(outgoing: Value<'_>) -> Result<(), Fault> {
    let fault = |detail: String| Fault::new(Kind::InvalidResult, detail);
    let Value::Object(form) = outgoing else {
        return Err(fault(format!("a form is made of an object, not of {}", outgoing.kind())));
    };
    let nested =
        form.entries().iter().find(|entry| matches!(entry.value, Value::Object(_) | Value::Array(_)));
    nested.map_or(Ok(()), |entry| {
        let name = entry.key.decode();
        Err(fault(format!("a form holds no {}, and `{name}` is one", entry.value.kind())))
    })
}

/// The record to make or change: its key and its unique fields are names, so each is a text that is not empty.
fn record_write(row: &RecordRow, fields: Value<'_>, json: Vec<u8>) -> Result<RecordWrite, Fault> {
    let name = |field: &str| match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.decode().into_owned())),
        Some(Value::Number(number)) => Ok(Some(number.as_str().to_owned())),
        Some(_) => {
            let detail = format!(
                "`{field}` of record {} must be a text that is not empty, or a number",
                row.record.name
            );
            Err(Fault::new(Kind::Rule, detail))
        }
    };
    let Some(key) = name(&row.record.key)? else {
        let detail = format!("the key `{}` of record {} is missing", row.record.key, row.record.name);
        return Err(Fault::new(Kind::Rule, detail));
    };
    let mut unique = Vec::new();
    for field in &row.record.unique {
        unique.extend(name(field)?.map(|value| (field.clone(), value)));
    }
    Ok(RecordWrite { record: Arc::clone(&row.record), key, unique, json })
}
