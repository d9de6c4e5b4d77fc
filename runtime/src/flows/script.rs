//! `tests/flows/<flow>.yaml`: what comes, what partners say, how time passes, what is expected.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use engine::document::{Fields, Key, Keys, Law, Node, Reader, Shape, yaml};
use engine::source::{Sources, Span, Spanned};
use engine::value::Constant;
use engine::{Engine, Inbound, Trigger};
use jiff::Timestamp;

use crate::cases::context::{RECORDS, RESPONSES, Reading, Responses, SETTINGS};
use crate::cases::memory::Memory;

/// What a flow has that says nothing else.
const NOW: &str = "2026-01-01T12:00:00Z";
/// More than a flow can be about; `every: 1s` would take millions of turns.
const LONGEST_WAIT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The keys of a flow.
pub static KEYS: Keys = Keys {
    what: "a flow",
    laws: &[],
    keys: &[
        Key::new("title", "one line for people"),
        Key::new("now", "when it begins, with a zone").or(NOW),
        Key::new("sandbox", "true: the sandboxes play the partners").of(Shape::Boolean).or("false"),
        Key::new("settings", "values instead of those of the files: {partner.setting: value}").of(SETTINGS),
        Key::new("records", "those that are there: {partner.record: [fields]}").of(RECORDS),
        Key::new("responses", "what endpoints say, one after the other: {partner/endpoint: [response]}")
            .of(RESPONSES),
        Key::required("steps", "what happens, one after the other").of(Shape::List(&Shape::Keys(&STEP))),
    ],
};

const STEPS: [&str; 5] = ["start", "receive", "responses", "wait", "expect"];
const BODIES: [&str; 3] = ["body", "file", "text"];

static STEP: Keys = Keys {
    what: "a step of a flow",
    laws: &[
        Law::One { of: &STEPS, pairs: &[] },
        Law::Needs {
            keys: &["body", "file", "text", "headers", "query", "path", "answer"],
            owners: &["receive"],
        },
        Law::Excludes { key: "body", others: &["file", "text"] },
        Law::Excludes { key: "file", others: &["text"] },
    ],
    keys: &[
        Key::new("start", "a partner: its routes with `on: start` run"),
        Key::new("receive", "a message comes over this channel: partner/channel"),
        Key::new("body", "the message, as YAML").of(Shape::Constant),
        Key::new("file", "the message: a file, below the configuration's folder"),
        Key::new("text", "the message, as it is").of(Shape::Value),
        Key::new("headers", "of the request: {name: text}").of(Shape::Named(&Shape::Value)),
        Key::new("query", "parameters of the URL: {name: text}").of(Shape::Named(&Shape::Value)),
        Key::new("path", "parameters of the path: {name: text}").of(Shape::Named(&Shape::Value)),
        Key::new("answer", "what its sender must get: {status, body}").of(Shape::Keys(&ANSWER)),
        Key::new("responses", "what endpoints say from now on: {partner/endpoint: [response]}").of(RESPONSES),
        Key::new("wait", "so much time passes: 1d").of(Shape::Duration),
        Key::new("expect", "all that was sent since the last `expect`, in its order: [{send, body}]")
            .of(Shape::List(&Shape::Keys(&EXPECTED))),
    ],
};

static ANSWER: Keys = Keys {
    what: "an expected answer",
    laws: &[],
    keys: &[
        Key::new("status", "the HTTP status").of(Shape::Number { least: 100, most: 599 }),
        Key::new("body", "what must be in the body").of(Shape::Constant),
        Key::new("text", "the whole body, as it is").of(Shape::Value),
    ],
};

static EXPECTED: Keys = Keys {
    what: "an expected delivery",
    laws: &[],
    keys: &[
        Key::required("send", "the endpoint: partner/endpoint"),
        Key::new("body", "what must be in the body").of(Shape::Constant),
    ],
};

/// A flow that was read.
#[derive(Debug)]
pub struct Flow {
    pub sandbox: bool,
    /// What the configuration has to be compiled with.
    pub settings: BTreeMap<String, String>,
    pub(super) now: Timestamp,
    pub(super) records: Memory,
    pub(super) responses: Responses,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug)]
pub(super) enum Step {
    Start(String),
    Receive(Box<Receive>),
    Responses(Responses),
    Wait(Duration),
    Expect { at: Span, sent: Vec<Expected> },
}

/// A message that comes.
#[derive(Debug)]
pub(super) struct Receive {
    pub channel: String,
    pub body: Vec<u8>,
    pub inbound: Inbound,
    pub answer: Option<Answer>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub at: Span,
    pub status: Option<u32>,
    pub body: Option<Constant>,
    pub text: Option<String>,
}

#[derive(Debug)]
pub(super) struct Expected {
    pub at: Span,
    pub endpoint: String,
    pub body: Option<Constant>,
}

impl Flow {
    /// Reads the file called `name`; what is wrong with it is reported. `file` gives what a file holds that a step names.
    pub fn read(
        (name, text): (&str, &str),
        engine: &Engine,
        file: &dyn Fn(&str) -> std::io::Result<Vec<u8>>,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let source = sources.add(name, text);
        let node = yaml::parse(source, sources, diagnostics)?;
        let mut writing =
            Writing { reading: Reading { engine, reader: Reader::new(sources, diagnostics) }, file };
        let fields = writing.reading.reader.fields(&node, &KEYS)?;
        let _ = writing.reading.reader.scalar(&fields, "title");
        let now = fields.get("now").and_then(|node| writing.reading.time(node));
        let sandbox =
            fields.get("sandbox").and_then(|node| writing.reading.reader.boolean(node, "`sandbox`"));
        let records = Memory::default();
        writing.reading.records(fields.get("records"), &records);
        Some(Self {
            sandbox: sandbox.unwrap_or(false),
            now: now.or_else(|| NOW.parse().ok())?,
            records,
            settings: writing.reading.settings(fields.get("settings")),
            responses: writing.reading.responses(fields.get("responses")),
            steps: writing.steps(fields.get("steps")?),
        })
    }
}

struct Writing<'w> {
    reading: Reading<'w>,
    file: &'w dyn Fn(&str) -> std::io::Result<Vec<u8>>,
}

impl Writing<'_> {
    fn steps(&mut self, node: &Node) -> Vec<Step> {
        let items = self.reading.reader.sequence(node, "`steps`").unwrap_or_default();
        if items.is_empty() {
            let diagnostic = Diagnostic::error(Code::EmptyValue, "nothing happens in this flow", node.span);
            self.reading.reader.report(diagnostic.help("a first step: {receive: partner/channel, file: …}"));
        }
        items.iter().filter_map(|item| self.step(item)).collect()
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let fields = self.reading.reader.fields(node, &STEP)?;
        let given: Vec<&str> = STEPS.into_iter().filter(|key| fields.has(key)).collect();
        match given.as_slice() {
            ["receive"] => self.receive(&fields).map(|receive| Step::Receive(Box::new(receive))),
            [one] => {
                self.nothing_else(&fields, one);
                self.simple(&fields, one)
            }
            [] => {
                if fields.is_whole() {
                    let diagnostic = Diagnostic::error(Code::MissingKey, "the step does nothing", node.span);
                    let help = format!("it has one of: {}", STEPS.join(", "));
                    self.reading.reader.report(diagnostic.help(help));
                }
                None
            }
            [first, second, ..] => {
                let message = format!("`{first}` and `{second}` are two steps");
                let at = fields.key_span(second);
                self.reading.reader.report(Diagnostic::error(Code::ConflictingKeys, message, at));
                None
            }
        }
    }

    fn nothing_else(&mut self, fields: &Fields<'_>, kind: &str) {
        let beside = STEP.names().filter(|key| *key != kind && fields.has(key));
        for key in beside.collect::<Vec<_>>() {
            let message = format!("`{key}` has no effect without `receive`");
            let at = fields.key_span(key);
            self.reading.reader.report(Diagnostic::error(Code::UselessKey, message, at));
        }
    }

    fn simple(&mut self, fields: &Fields<'_>, kind: &str) -> Option<Step> {
        let node = fields.get(kind)?;
        Some(match kind {
            "start" => Step::Start(self.start(node)?),
            "responses" => Step::Responses(self.reading.responses(Some(node))),
            "wait" => Step::Wait(self.wait(node)?),
            _ => Step::Expect { at: fields.key_span("expect"), sent: self.expected(node)? },
        })
    }

    fn start(&mut self, node: &Node) -> Option<String> {
        let name = self.reading.reader.text(node, "`start`")?;
        let starts = self.reading.engine.routes().filter(|route| route.trigger == Trigger::Start);
        let mut partners: Vec<&str> = starts.map(|route| &*route.partner).collect();
        partners.dedup();
        if !partners.contains(&name.text.as_str()) {
            let message = format!("`{}` has no routes with `on: start`", name.text);
            let help = suggestion(&name.text, partners).unwrap_or_else(|| "the name of a partner".to_owned());
            let diagnostic = Diagnostic::error(Code::BadValue, message, node.span);
            self.reading.reader.report(diagnostic.help(help));
            return None;
        }
        Some(name.text)
    }

    fn wait(&mut self, node: &Node) -> Option<Duration> {
        let written = self.reading.reader.text(node, "`wait`")?;
        let Some(wait) = engine::duration_of(&written.text) else {
            let message = format!("`{}` is not a duration", written.text);
            let diagnostic = Diagnostic::error(Code::BadDuration, message, node.span);
            self.reading.reader.report(diagnostic.help("a whole number and ms, s, m, h or d: 15s, 2h, 1d"));
            return None;
        };
        if wait > LONGEST_WAIT {
            let message = "a flow waits for 400d at most";
            self.reading.reader.report(Diagnostic::error(Code::OutOfRange, message, node.span));
            return None;
        }
        Some(wait)
    }

    fn receive(&mut self, fields: &Fields<'_>) -> Option<Receive> {
        let name = self.reading.reader.scalar(fields, "receive")?;
        if self.reading.engine.channel(&name.text).is_none() {
            let known = self.reading.engine.channels().map(|channel| &*channel.name);
            let help = suggestion(&name.text, known);
            let help = help.unwrap_or_else(|| "a channel is named partner/channel".to_owned());
            let message = format!("there is no channel `{}`", name.text);
            let at = Spanned::new(name.text.clone(), name.span);
            self.reading.report(Code::UnknownChannel, message, &at, help);
        }
        for key in ["responses", "start", "wait", "expect"].into_iter().filter(|key| fields.has(key)) {
            let message = format!("`receive` and `{key}` are two steps");
            let at = fields.key_span(key);
            self.reading.reader.report(Diagnostic::error(Code::ConflictingKeys, message, at));
        }
        let headers = self.reading.pairs(fields.get("headers"), "`headers`");
        Some(Receive {
            channel: name.text,
            body: self.body(fields)?,
            inbound: Inbound {
                headers: headers
                    .into_iter()
                    .map(|(name, value)| (name.to_ascii_lowercase(), value))
                    .collect(),
                query: self.reading.pairs(fields.get("query"), "`query`"),
                path_params: self.reading.pairs(fields.get("path"), "`path`"),
            },
            answer: fields.get("answer").and_then(|node| self.answer(node)),
        })
    }

    /// The bytes of a message; those of none, such as of a `get`, are `{}`.
    fn body(&mut self, fields: &Fields<'_>) -> Option<Vec<u8>> {
        let given: Vec<&str> = BODIES.into_iter().filter(|key| fields.has(key)).collect();
        if let [first, second, ..] = given.as_slice() {
            let message = format!("`{first}` and `{second}` exclude each other");
            let at = fields.key_span(second);
            self.reading.reader.report(Diagnostic::error(Code::ConflictingKeys, message, at));
            return None;
        }
        let Some(kind) = given.first() else { return Some(b"{}".to_vec()) };
        let node = fields.get(kind)?;
        match *kind {
            "body" => Some(engine::constant(node).as_json().as_bytes().to_vec()),
            "text" => self.reading.reader.text(node, "`text`").map(|text| text.text.into_bytes()),
            _ => {
                let path = self.reading.reader.text(node, "`file`")?;
                match (self.file)(&path.text) {
                    Ok(bytes) => Some(bytes),
                    Err(error) => {
                        let message = format!("the file `{}` cannot be read: {error}", path.text);
                        let diagnostic = Diagnostic::error(Code::MissingFile, message, node.span);
                        let help = "its path begins in the configuration's folder: tests/cases/…";
                        self.reading.reader.report(diagnostic.help(help));
                        None
                    }
                }
            }
        }
    }

    fn answer(&mut self, node: &Node) -> Option<Answer> {
        let fields = self.reading.reader.fields(node, &ANSWER)?;
        let status = fields.get("status").and_then(|node| self.reading.reader.number(node, "`status`"));
        let text = fields.get("text").and_then(|node| self.reading.reader.text(node, "`text`"));
        let body = fields.get("body").map(engine::constant);
        Some(Answer { at: node.span, status, body, text: text.map(|text| text.text) })
    }

    fn expected(&mut self, node: &Node) -> Option<Vec<Expected>> {
        let items = self.reading.reader.sequence(node, "`expect`")?;
        Some(items.iter().filter_map(|item| self.one_expected(item)).collect())
    }

    fn one_expected(&mut self, node: &Node) -> Option<Expected> {
        let fields = self.reading.reader.fields(node, &EXPECTED)?;
        let name = self.reading.reader.scalar(&fields, "send")?;
        self.reading.check_endpoint(&Spanned::new(name.text.clone(), name.span));
        Some(Expected { at: node.span, endpoint: name.text, body: fields.get("body").map(engine::constant) })
    }
}
