//! What a route sends, calls and remembers, as written.

use super::Named;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::rule::{Map, RULE, Rule};
use crate::document::{Fields, Key, Keys, Law, Node, Reader, Scalar, Shape};
use crate::source::Spanned;

#[derive(Debug)]
pub enum Step {
    Send(Box<Send>),
    Record(RecordStep),
}

/// A JSON body: rules, a subtree as it is, or a subtree of which rules replace members.
#[derive(Debug)]
pub struct Body {
    pub map: Option<Map>,
    pub copy: Option<Scalar>,
}

/// One delivery, or one for each element.
#[derive(Debug)]
pub struct Send {
    pub endpoint: Scalar,
    pub when: Option<Scalar>,
    pub elements: Option<Scalar>,
    /// The wait before the first attempt.
    pub after: Option<Scalar>,
    pub body: Option<Body>,
    pub then: Then,
}

/// A request whose response the caller waits for.
#[derive(Debug)]
pub struct Call {
    pub endpoint: Scalar,
    pub body: Option<Body>,
    pub forward: bool,
    pub then: Then,
}

/// Records to write, once or for each element.
#[derive(Debug)]
pub struct RecordStep {
    pub when: Option<Scalar>,
    pub elements: Option<Scalar>,
    pub rows: Vec<RecordRow>,
}

/// `application: {ours: …, status: …}`
#[derive(Debug)]
pub struct RecordRow {
    pub record: Spanned<String>,
    pub fields: Named<Rule>,
}

/// What follows an outcome.
#[derive(Debug, Default)]
pub struct Then {
    pub delivered: Vec<Step>,
    pub rejected: Vec<Step>,
    pub failed: Vec<Step>,
}

/// The fields of a record; their values are rules.
pub(super) static FIELDS: Shape = Shape::Named(&RULE);
pub(super) static ONE: Shape = Shape::Keys(&STEP);

pub(super) static THEN: Keys = Keys {
    what: "`then`",
    laws: &[],
    keys: &[
        Key::new("delivered", "steps after a delivery that the receiver took").of(Shape::List(&ONE)),
        Key::new("rejected", "steps after a delivery that the receiver refused").of(Shape::List(&ONE)),
        Key::new("failed", "steps after the last attempt failed; the message is parked as well")
            .of(Shape::List(&ONE)),
    ],
};

/// The keys of a step; the reference documents them with those of a route.
pub static STEP: Keys = Keys {
    what: "a step",
    laws: &[
        Law::One { of: &["send", "record"], pairs: &[] },
        Law::Needs { keys: &DELIVERY, owners: &["send"] },
    ],
    keys: &[
        Key::new("send", "the endpoint that gets the result: partner/endpoint"),
        Key::new("when", "the step is taken only where this is true").of(Shape::Expression),
        Key::new("for", "an array: the step is taken for each of its elements").of(Shape::Expression),
        Key::new("after", "the wait before the first attempt: 5s").of(Shape::Duration),
        Key::new("copy", "what is sent: a subtree as it is").of(Shape::Expression),
        Key::new("map", "what is sent: target paths and rules").of(Shape::Named(&RULE)),
        Key::new("use", "a shared mapping of mappings.yaml, whose rules those of `map` replace"),
        Key::new("record", "state to remember: {record: {field: expression}}").of(Shape::Named(&FIELDS)),
        Key::new("then", "what follows this delivery in turn").of(Shape::Keys(&THEN)),
    ],
};

/// The keys that need a `send`.
pub(super) const DELIVERY: [&str; 5] = ["after", "copy", "map", "use", "then"];

impl Body {
    /// The keys of a body; `None` where there are none, or one could not be read.
    pub(super) fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let map = Map::read_from(reader, fields);
        let copy = reader.scalar(fields, "copy");
        let whole = Map::is_written(fields) == map.is_some() && fields.has("copy") == copy.is_some();
        (whole && (map.is_some() || copy.is_some())).then_some(Self { map, copy })
    }

    /// Whether the keys of a body are there, be they sound or not.
    fn is_written(fields: &Fields<'_>) -> bool {
        Map::is_written(fields) || fields.has("copy")
    }
}

impl Send {
    /// The keys of a delivery among those of a route or a step.
    fn read(reader: &mut Reader<'_>, fields: &Fields<'_>, when: Option<Scalar>) -> Option<Self> {
        let body = Body::read(reader, fields);
        let then = Then::read(reader, fields);
        let (endpoint, after) = (reader.scalar(fields, "send"), reader.scalar(fields, "after"));
        let elements = reader.scalar(fields, "for");
        let sound = Body::is_written(fields) == body.is_some();
        sound.then_some(Self { endpoint: endpoint?, when, elements, after, body, then })
    }
}

impl Call {
    /// The keys of a call among those of a route.
    pub(super) fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let body = Body::read(reader, fields);
        let forward = fields.get("forward").and_then(|node| reader.boolean(node, "`forward`"));
        let then = Then::read(reader, fields);
        if let Some(failed) = then.failed.first() {
            let at = match failed {
                Step::Send(send) => send.endpoint.span,
                Step::Record(step) => {
                    step.rows.first().map_or(fields.key_span("then"), |row| row.record.span)
                }
            };
            let message = "nothing follows a call that failed: its caller is told, and may come again";
            reader.report(Diagnostic::error(Code::UselessKey, message, at));
        }
        let endpoint = reader.scalar(fields, "call");
        let sound = Body::is_written(fields) == body.is_some();
        sound.then_some(Self { endpoint: endpoint?, body, forward: forward.unwrap_or(false), then })
    }
}

impl Then {
    fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Self {
        let node = fields.get("then");
        let Some(fields) = node.and_then(|node| reader.fields(node, &THEN)) else {
            return Self::default();
        };
        let mut steps = |outcome: &str| {
            let node = fields.get(outcome);
            node.map(|node| read_list(reader, node, &format!("`{outcome}`"))).unwrap_or_default()
        };
        Self { delivered: steps("delivered"), rejected: steps("rejected"), failed: steps("failed") }
    }
}

pub(super) fn read_list(reader: &mut Reader<'_>, node: &Node, what: &str) -> Vec<Step> {
    let items = reader.sequence(node, what).unwrap_or_default();
    items.iter().filter_map(|item| step(reader, item)).collect()
}

/// The records and the delivery that stand among the keys of a route.
pub(super) fn read_inline(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    if fields.has("record") {
        steps.push(Step::Record(RecordStep::read(reader, fields, None)));
    }
    if fields.has("send") {
        steps.extend(Send::read(reader, fields, None).map(|send| Step::Send(Box::new(send))));
    }
    steps
}

fn step(reader: &mut Reader<'_>, node: &Node) -> Option<Step> {
    let fields = reader.fields(node, &STEP)?;
    let when = reader.scalar(&fields, "when");
    match (fields.has("send"), fields.has("record")) {
        (true, true) => {
            let message = "`send` and `record` are two steps";
            let diagnostic = Diagnostic::error(Code::ConflictingKeys, message, fields.key_span("record"));
            reader.report(diagnostic.help("write them as two elements of the list"));
            None
        }
        (true, false) => Send::read(reader, &fields, when).map(|send| Step::Send(Box::new(send))),
        (false, true) => {
            useless(reader, &fields, &DELIVERY, "send");
            Some(Step::Record(RecordStep::read(reader, &fields, when)))
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

/// Reports those of `keys` that are there while `owner`, without which they say nothing, is not.
pub(super) fn useless(reader: &mut Reader<'_>, fields: &Fields<'_>, keys: &[&str], owner: &str) {
    let given: Vec<&str> = keys.iter().copied().filter(|name| fields.has(name)).collect();
    let Some(first) = given.first().filter(|_| !fields.misspells(owner)) else { return };
    let message = match given.as_slice() {
        [one] => format!("`{one}` has no effect without `{owner}`"),
        several => format!("`{}` have no effect without `{owner}`", several.join("`, `")),
    };
    reader.report(Diagnostic::error(Code::UselessKey, message, fields.key_span(first)));
}

impl RecordStep {
    fn read(reader: &mut Reader<'_>, fields: &Fields<'_>, when: Option<Scalar>) -> Self {
        let entries = fields.get("record").and_then(|node| reader.mapping(node, "`record`"));
        let mut rows = Vec::new();
        for (record, node) in entries.unwrap_or_default() {
            let Some(fields) = reader.mapping(node, "a record's fields") else { continue };
            let fields = fields
                .iter()
                .filter_map(|(field, node)| Some((field.clone(), Rule::read(reader, node, &field.value)?)))
                .collect();
            rows.push(RecordRow { record: record.clone(), fields });
        }
        Self { when, elements: reader.scalar(fields, "for"), rows }
    }
}
