//! A route as written.

use crate::diagnostic::{Code, Diagnostic};
use crate::document::rule::{Map, Rule};
use crate::document::{Fields, Key, Node, Reader, Scalar};
use crate::source::{Span, Spanned};

/// One route file.
#[derive(Debug)]
pub struct Route {
    pub span: Span,
    pub title: Option<String>,
    pub receive: Option<Scalar>,
    pub message: Option<Scalar>,
    pub when: Option<Scalar>,
    pub answer: Option<Answer>,
    pub send: Option<Send>,
    pub records: Vec<RecordRow>,
}

/// What the caller gets at once.
#[derive(Debug)]
pub struct Answer {
    pub status: Option<Spanned<u32>>,
    pub map: Option<Map>,
}

/// One delivery.
#[derive(Debug)]
pub struct Send {
    pub endpoint: Scalar,
    pub when: Option<Scalar>,
    /// The wait before the first attempt.
    pub after: Option<Scalar>,
    pub map: Option<Map>,
    pub copy: Option<Scalar>,
    pub then: Then,
}

/// `record: {application: {ours: …, status: …}}`
#[derive(Debug)]
pub struct RecordRow {
    pub record: Spanned<String>,
    pub when: Option<Scalar>,
    pub fields: Vec<(Spanned<String>, Rule)>,
}

/// What follows a delivery's outcome.
#[derive(Debug, Default)]
pub struct Then {
    pub delivered: Vec<Step>,
    pub rejected: Vec<Step>,
    pub failed: Vec<Step>,
}

#[derive(Debug)]
pub enum Step {
    Send(Box<Send>),
    Record(Vec<RecordRow>),
}

/// The keys of a route file.
pub const KEYS: &[Key] = &[
    Key::new("title", "one line for people"),
    Key::required("receive", "the channel the message comes over: partner/channel"),
    Key::required("message", "the message type"),
    Key::new("when", "the route takes the message only where this is true"),
    Key::new("answer", "what the caller gets at once: {status, map}"),
    Key::new("send", "the endpoint that gets the result: partner/endpoint"),
    Key::new("after", "the wait before the first attempt: 5s"),
    Key::new("copy", "what is sent: a subtree as it is"),
    Key::new("map", "what is sent: target paths and rules"),
    Key::new("record", "state to remember: {record: {field: expression}}"),
    Key::new("then", "what follows: {delivered: […], rejected: […], failed: […]}"),
];

const ANSWER: &[Key] = &[
    Key::new("status", "the HTTP status, 200 unless told otherwise"),
    Key::new("map", "the body: target paths and rules"),
];

const THEN: &[Key] = &[
    Key::new("delivered", "steps after a delivery that the receiver took"),
    Key::new("rejected", "steps after a delivery that the receiver refused"),
    Key::new("failed", "steps after the last attempt failed; the message is parked as well"),
];

const STEP: &[Key] = &[
    Key::new("send", "the endpoint that gets the result: partner/endpoint"),
    Key::new("when", "the step is taken only where this is true"),
    Key::new("after", "the wait before the first attempt: 5s"),
    Key::new("copy", "what is sent: a subtree as it is"),
    Key::new("map", "what is sent: target paths and rules"),
    Key::new("record", "state to remember: {record: {field: expression}}"),
    Key::new("then", "what follows this delivery in turn"),
];

/// The keys that need a `send`.
const DELIVERY: [&str; 4] = ["after", "copy", "map", "then"];

impl Route {
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a route", KEYS)?;
        if !fields.has("send") {
            useless(reader, &fields, "send");
        }
        let route = Self {
            span: node.span,
            title: text(reader, &fields, "title").map(|title| title.text),
            receive: text(reader, &fields, "receive"),
            message: text(reader, &fields, "message"),
            when: fields.get("when").and_then(|node| reader.expression(node, "`when`")),
            answer: fields.get("answer").and_then(|node| Answer::read(reader, node)),
            records: records(reader, &fields, None),
            send: Send::read(reader, &fields, None),
        };
        Some(route)
    }
}

impl Answer {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "an answer", ANSWER)?;
        let status = fields
            .get("status")
            .and_then(|node| reader.number(node, "`status`").map(|status| Spanned::new(status, node.span)));
        Some(Self { status, map: fields.get("map").and_then(|node| Map::read(reader, node)) })
    }
}

impl Send {
    /// The keys of a delivery among those of a route or a step.
    fn read(reader: &mut Reader<'_>, fields: &Fields<'_>, when: Option<Scalar>) -> Option<Self> {
        let map = fields.get("map").and_then(|node| Map::read(reader, node));
        let copy = fields.get("copy").and_then(|node| reader.expression(node, "`copy`"));
        let then = fields.get("then").map(|node| Then::read(reader, node)).unwrap_or_default();
        let (endpoint, after) = (text(reader, fields, "send")?, text(reader, fields, "after"));
        let whole = fields.has("map") == map.is_some() && fields.has("copy") == copy.is_some();
        whole.then_some(Self { endpoint, when, after, map, copy, then })
    }
}

impl Then {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Self {
        let Some(fields) = reader.fields(node, "`then`", THEN) else { return Self::default() };
        Self {
            delivered: steps(reader, &fields, "delivered"),
            rejected: steps(reader, &fields, "rejected"),
            failed: steps(reader, &fields, "failed"),
        }
    }
}

fn steps(reader: &mut Reader<'_>, fields: &Fields<'_>, outcome: &str) -> Vec<Step> {
    let what = format!("`{outcome}`");
    let Some(items) = fields.get(outcome).and_then(|node| reader.sequence(node, &what)) else {
        return Vec::new();
    };
    items.iter().filter_map(|item| step(reader, item)).collect()
}

fn step(reader: &mut Reader<'_>, node: &Node) -> Option<Step> {
    let fields = reader.fields(node, "a step", STEP)?;
    let when = fields.get("when").and_then(|node| reader.expression(node, "`when`"));
    match (fields.has("send"), fields.has("record")) {
        (true, true) => {
            let message = "`send` and `record` are two steps";
            let diagnostic = Diagnostic::error(Code::ConflictingKeys, message, fields.key_span("record"));
            reader.report(diagnostic.help("write them as two elements of the list"));
            None
        }
        (true, false) => Send::read(reader, &fields, when).map(|send| Step::Send(Box::new(send))),
        (false, true) => {
            useless(reader, &fields, "send");
            Some(Step::Record(records(reader, &fields, when)))
        }
        (false, false) => {
            if fields.is_whole() {
                let diagnostic = Diagnostic::error(Code::MissingKey, "the step does nothing", fields.span);
                reader.report(diagnostic.help("a step has a `send` or a `record`"));
            }
            None
        }
    }
}

/// Reports the keys that say something about a delivery where there is none.
fn useless(reader: &mut Reader<'_>, fields: &Fields<'_>, owner: &str) {
    let given: Vec<&str> = DELIVERY.into_iter().filter(|name| fields.has(name)).collect();
    let Some(first) = given.first().filter(|_| !fields.misspells(owner)) else { return };
    let message = match given.as_slice() {
        [one] => format!("`{one}` has no effect without `{owner}`"),
        several => format!("`{}` have no effect without `{owner}`", several.join("`, `")),
    };
    reader.report(Diagnostic::error(Code::UselessKey, message, fields.key_span(first)));
}

fn records(reader: &mut Reader<'_>, fields: &Fields<'_>, when: Option<Scalar>) -> Vec<RecordRow> {
    let entries = fields.get("record").and_then(|node| reader.mapping(node, "`record`")).unwrap_or_default();
    let mut rows = Vec::new();
    for (record, node) in entries {
        let Some(fields) = reader.mapping(node, "a record's fields") else { continue };
        let fields = fields
            .iter()
            .filter_map(|(field, node)| Some((field.clone(), Rule::read(reader, node, &field.value)?)))
            .collect();
        rows.push(RecordRow { record: record.clone(), when: when.clone(), fields });
    }
    rows
}

fn text(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Option<Scalar> {
    fields.get(key).and_then(|node| reader.text(node, &format!("`{key}`")))
}
