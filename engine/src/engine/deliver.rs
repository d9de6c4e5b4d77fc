//! From a compiled send to the bytes that go out, and from a record row to what is kept.

use std::sync::Arc;
use std::time::Duration;

use super::{Engine, one, parse};
use crate::exchange::Method;
use crate::expression::{Expression, Record, Scope, is_true};
use crate::fault::{Fault, Kind, Place};
use crate::plan::contract::Endpoint;
use crate::plan::mapping::Writer;
use crate::plan::route::{Body, RecordRow, Send};
use crate::value::Value;

/// One delivery to be made, durable before anybody is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where in the route's plan it stands; given back when it is concluded.
    pub step: Box<str>,
    /// `partner/endpoint`
    pub endpoint: Box<str>,
    /// The destination.
    pub partner: Box<str>,
    pub method: Method,
    pub url: String,
    pub body: Vec<u8>,
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

/// What one message causes, while it is being worked out.
pub(super) struct Work<'e> {
    engine: &'e Engine,
    /// The message's own order key.
    key: Option<&'e str>,
    deliveries: Vec<Delivery>,
    records: Vec<RecordWrite>,
    pub faults: Vec<Fault>,
}

impl<'e> Work<'e> {
    pub fn new(engine: &'e Engine, key: Option<&'e str>) -> Self {
        Self { engine, key, deliveries: Vec::new(), records: Vec::new(), faults: Vec::new() }
    }

    /// All of it, or every fault.
    pub fn finish(self, route: &str) -> Result<(Vec<Delivery>, Vec<RecordWrite>), Vec<Fault>> {
        if self.faults.is_empty() {
            return Ok((self.deliveries, self.records));
        }
        Err(self.faults.into_iter().map(|fault| fault.on_route(route)).collect())
    }

    /// Makes the delivery if its `when` holds.
    pub fn send<'a>(&mut self, send: &'a Send, node: Value<'a>, scope: &Scope<'a>)
    where
        'e: 'a,
    {
        if self.holds(send.when.as_ref(), &send.place, node, scope) {
            self.send_anyway(send, node, scope);
        }
    }

    pub fn send_anyway<'a>(&mut self, send: &'a Send, node: Value<'a>, scope: &Scope<'a>)
    where
        'e: 'a,
    {
        let Some(endpoint) = self.engine.endpoint(&send.endpoint) else {
            let detail = format!("there is no endpoint `{}` any more", send.endpoint);
            self.faults
                .push(Fault { rule: Some(send.place.clone()), ..Fault::new(Kind::Configuration, detail) });
            return;
        };
        let mut writer = Writer::default();
        match &send.body {
            Body::Mapping(mapping) => mapping.write(node, scope, &mut writer),
            Body::Copy(rule) => drop(rule.write(node, scope, &mut writer)),
        }
        if !writer.faults.is_empty() {
            self.faults.append(&mut writer.faults);
            return;
        }
        match self.address(endpoint, send, writer.out, scope) {
            Ok(delivery) => self.deliveries.push(delivery),
            Err(fault) => {
                self.faults.push(Fault { rule: fault.rule.or(Some(send.place.clone())), ..fault });
            }
        }
    }

    /// Checks what goes out against the receiver's schema, and finds its URL and its lane.
    fn address<'a>(
        &self,
        endpoint: &'a Arc<Endpoint>,
        send: &Send,
        body: Vec<u8>,
        scope: &Scope<'a>,
    ) -> Result<Delivery, Fault>
    where
        'e: 'a,
    {
        let bytes = scope.arena.alloc_slice_copy(&body);
        let outgoing = parse(bytes, scope.arena, Kind::InvalidResult, "the mapped message")?;
        if let Some(schema) = &endpoint.request {
            let detail = format!("the mapped message does not satisfy the schema of {}", endpoint.name);
            self.engine.validate(schema, outgoing, Kind::InvalidResult, &detail)?;
        }
        let scope = Scope { root: outgoing, frame: None, ..*scope };
        let url = endpoint.url.render(outgoing, &scope).map_err(|error| {
            Fault::new(Kind::Rule, format!("the URL of {}: {error}", endpoint.name)).policy(error.policy())
        })?;
        let key = match &endpoint.key {
            Some(key) => Some(one(key, outgoing, &scope, Kind::NoIdentity, "the delivery's order key")?),
            None => self.key.map(str::to_owned),
        };
        Ok(Delivery {
            step: send.step.clone(),
            endpoint: endpoint.name.clone(),
            partner: endpoint.partner.clone(),
            method: endpoint.method,
            url,
            body,
            key,
            after: send.after,
        })
    }

    pub fn records<'a>(&mut self, rows: &'a [RecordRow], node: Value<'a>, scope: &Scope<'a>) {
        for row in rows {
            self.record(row, node, scope);
        }
    }

    pub fn record<'a>(&mut self, row: &'a RecordRow, node: Value<'a>, scope: &Scope<'a>) {
        if !self.holds(row.when.as_ref(), &row.place, node, scope) {
            return;
        }
        let mut writer = Writer::default();
        row.fields.write(node, scope, &mut writer);
        if !writer.faults.is_empty() {
            self.faults.append(&mut writer.faults);
            return;
        }
        let bytes = scope.arena.alloc_slice_copy(&writer.out);
        let kept = parse(bytes, scope.arena, Kind::Rule, "the record")
            .and_then(|fields| record_write(row, fields, writer.out));
        match kept {
            Ok(write) => self.records.push(write),
            Err(fault) => self.faults.push(Fault { rule: Some(row.place.clone()), ..fault }),
        }
    }

    fn holds<'a>(
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
                self.faults.push(Fault {
                    rule: Some(place.clone()),
                    source: Some(when.text().to_owned()),
                    ..Fault::new(Kind::Rule, error.to_string()).policy(error.policy())
                });
                false
            }
        }
    }
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
