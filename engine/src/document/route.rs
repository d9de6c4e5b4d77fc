//! A route as written.

mod answer;
pub mod step;
mod trigger;

pub use answer::{Answer, Content};
pub use step::{Body, Call, RecordRow, RecordStep, Send, Step, Then};
pub use trigger::Trigger;

use crate::diagnostic::{Code, Diagnostic};
use crate::document::rule::RULE;
use crate::document::{Fields, Key, Keys, Law, Node, Reader, Scalar, Shape};
use crate::source::{Span, Spanned};

type Named<T> = Vec<(Spanned<String>, T)>;

/// One route file.
#[derive(Debug)]
pub struct Route {
    pub span: Span,
    pub title: Option<String>,
    pub trigger: Option<Trigger>,
    pub when: Option<Scalar>,
    /// The first that holds is given.
    pub answers: Vec<Answer>,
    pub call: Option<Call>,
    /// What is sent and remembered, in this order.
    pub steps: Vec<Step>,
    /// Whether they stand in a list, by which they are numbered.
    pub listed: bool,
}

/// The keys of a route file.
pub static KEYS: Keys = Keys {
    what: "a route",
    keys: &[
        Key::new("title", "one line for people"),
        Key::new("receive", "the channel the message comes over: partner/channel"),
        Key::new("message", "the message type"),
        Key::new("on", "start: the route runs when the process starts").of(Shape::Choice(&trigger::STARTS)),
        Key::new("every", "the route runs again and again, so far apart: 30s").of(Shape::Duration),
        Key::new("when", "the route takes the message only where this is true").of(Shape::Expression),
        Key::new("answer", "what the caller gets: {status, headers, map}, or a list of them with `when`")
            .of(Shape::Either(&answer::ANSWERS)),
        Key::new("call", "the endpoint whose response the caller waits for: partner/endpoint"),
        Key::new("forward", "true: the response of `call` is passed on unread")
            .of(Shape::Boolean)
            .or("false"),
        Key::new("send", "the endpoint that gets the result: partner/endpoint"),
        Key::new("for", "an array: `send` and `record` are carried out for each of its elements")
            .of(Shape::Expression),
        Key::new("after", "the wait before the first attempt: 5s").of(Shape::Duration),
        Key::new("copy", "what is sent: a subtree as it is").of(Shape::Expression),
        Key::new("map", "what is sent: target paths and rules").of(Shape::Named(&RULE)),
        Key::new("use", "a shared mapping of mappings.yaml, whose rules those of `map` replace"),
        Key::new("record", "state to remember: {record: {field: expression}}")
            .of(Shape::Named(&step::FIELDS)),
        Key::new("steps", "several of `send` and `record`, as a list").of(Shape::List(&step::ONE)),
        Key::new("then", "what follows: {delivered: […], rejected: […], failed: […]}")
            .of(Shape::Keys(&step::THEN)),
    ],
    laws: &[
        Law::One { of: &trigger::TRIGGERS, pairs: &[] },
        Law::Some(&DOES),
        Law::Needs { keys: &["receive"], owners: &["message"] },
        Law::Needs { keys: &RECEIVED, owners: &["receive"] },
        Law::Needs { keys: &["forward"], owners: &["call"] },
        Law::Needs { keys: &step::DELIVERY, owners: &["send", "call"] },
        Law::Needs { keys: &["for"], owners: &["send", "record"] },
        Law::Excludes { key: "steps", others: &BESIDE_STEPS },
        Law::Excludes { key: "call", others: &AFTER_CALL },
    ],
};

/// The keys that need a message.
const RECEIVED: [&str; 3] = ["message", "answer", "call"];
/// The keys of the one step of a route that has no list of them.
const BESIDE_STEPS: [&str; 9] = ["call", "send", "record", "for", "after", "copy", "map", "use", "then"];
/// What is done after a call stands under its `then`.
const AFTER_CALL: [&str; 4] = ["send", "record", "for", "after"];

/// The keys that say what a route does.
const DOES: [&str; 5] = ["answer", "call", "send", "record", "steps"];

impl Route {
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        let trigger = Trigger::read(reader, &fields);
        check_keys(reader, &fields);
        let call = fields.has("call").then(|| Call::read(reader, &fields)).flatten();
        let listed = fields.has("steps");
        let steps = match fields.get("steps") {
            Some(node) => step::read_list(reader, node, "`steps`"),
            None if fields.has("call") => Vec::new(),
            None => step::read_inline(reader, &fields),
        };
        Some(Self {
            span: node.span,
            title: reader.scalar(&fields, "title").map(|title| title.text),
            trigger,
            when: reader.scalar(&fields, "when"),
            answers: fields.get("answer").map(|node| Answer::read_all(reader, node)).unwrap_or_default(),
            call,
            steps,
            listed,
        })
    }
}

/// Keys that exclude each other, or need another.
fn check_keys(reader: &mut Reader<'_>, fields: &Fields<'_>) {
    if fields.is_whole() && DOES.iter().all(|name| !fields.has(name)) {
        let diagnostic = Diagnostic::error(Code::MissingKey, "the route does nothing", fields.span);
        reader.report(diagnostic.help(format!("it has one of: {}", DOES.join(", "))));
    }
    if !fields.has("receive") {
        step::useless(reader, fields, &RECEIVED, "receive");
    }
    if fields.has("steps") {
        exclude(reader, fields, "steps", &BESIDE_STEPS);
    } else if fields.has("call") {
        exclude(reader, fields, "call", &AFTER_CALL);
    } else if !fields.has("send") && !fields.misspells("call") {
        step::useless(reader, fields, &step::DELIVERY, "send");
        if !fields.has("record") {
            step::useless(reader, fields, &["for"], "send");
        }
    }
    if !fields.has("call") {
        step::useless(reader, fields, &["forward"], "call");
    }
}

/// Reports the first of `keys` that stands beside `owner`.
fn exclude(reader: &mut Reader<'_>, fields: &Fields<'_>, owner: &str, keys: &[&str]) {
    let Some(key) = keys.iter().find(|key| fields.has(key)) else { return };
    let message = format!("`{key}` and `{owner}` exclude each other");
    let help = match owner {
        "call" => "what is sent and remembered after a call stands under `then`",
        _ => "each delivery and each record is an element of `steps`, with its own keys",
    };
    reader.report(Diagnostic::error(Code::ConflictingKeys, message, fields.key_span(key)).help(help));
}

/// Header names with their texts.
pub(in crate::document) fn headers(reader: &mut Reader<'_>, node: Option<&Node>) -> Named<Scalar> {
    let entries = node.and_then(|node| reader.mapping(node, "`headers`")).unwrap_or_default();
    let text = |reader: &mut Reader<'_>, node: &Node| reader.text(node, "a header");
    entries.iter().filter_map(|(name, node)| Some((name.clone(), text(reader, node)?))).collect()
}
