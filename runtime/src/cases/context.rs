//! `<case>.context.yaml`: the time, what comes beside the message, the records it meets, and what partners say.

use std::collections::BTreeMap;

use engine::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use engine::document::{Key, Keys, Node, Reader, Shape, yaml};
use engine::source::{Sources, Spanned};
use engine::{Engine, Inbound};
use jiff::Timestamp;

use super::memory::Memory;
use crate::store::merge::scalar;

/// What a case has that says nothing else.
const NOW: &str = "2026-01-01T12:00:00Z";

/// The keys of a context.
pub static KEYS: Keys = Keys {
    what: "the context of a case",
    laws: &[],
    keys: &[
        Key::new("now", "the time, with a zone").or(NOW),
        Key::new("settings", "values instead of those of the files: {partner.setting: value}").of(SETTINGS),
        Key::new("headers", "of the request: {name: text}").of(Shape::Named(&Shape::Value)),
        Key::new("query", "parameters of the URL: {name: text}").of(Shape::Named(&Shape::Value)),
        Key::new("path", "parameters of the path: {name: text}").of(Shape::Named(&Shape::Value)),
        Key::new("records", "those that the message meets: {partner.record: [fields]}").of(RECORDS),
        Key::new("responses", "what endpoints say, one after the other: {partner/endpoint: [response]}")
            .of(RESPONSES),
    ],
};

pub(crate) const RESPONSES: Shape = Shape::Named(&Shape::List(&Shape::Keys(&RESPONSE)));
pub(crate) const SETTINGS: Shape = Shape::Named(&Shape::Value);
pub(crate) const RECORDS: Shape = Shape::Named(&Shape::List(&Shape::Constant));

static RESPONSE: Keys = Keys {
    what: "a response",
    laws: &[],
    keys: &[
        Key::new("status", "the HTTP status").of(Shape::Number { least: 100, most: 599 }).or("200"),
        Key::new("body", "the body, as YAML").of(Shape::Constant),
        Key::new("text", "the body, as it is"),
        Key::new("failed", "true: there is no response, and the attempts are spent")
            .of(Shape::Boolean)
            .or("false"),
    ],
};

/// What a message meets.
#[derive(Debug)]
pub struct Context {
    pub now: Timestamp,
    pub inbound: Inbound,
    /// What the configuration has to be compiled with.
    pub settings: BTreeMap<String, String>,
    pub(super) records: Memory,
    pub(super) responses: Responses,
}

/// What an endpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    Said { status: u16, body: Vec<u8> },
    Failed,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            now: NOW.parse().unwrap_or_default(),
            inbound: Inbound::default(),
            settings: BTreeMap::new(),
            records: Memory::default(),
            responses: BTreeMap::new(),
        }
    }
}

impl Context {
    /// Reads the file called `name`; what is wrong with it is reported.
    pub fn read(
        name: &str,
        text: &str,
        engine: &Engine,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut context = Self::default();
        let source = sources.add(name, text);
        let Some(node) = yaml::parse(source, sources, diagnostics) else { return context };
        let mut reading = Reading { engine, reader: Reader::new(sources, diagnostics) };
        let Some(fields) = reading.reader.fields(&node, &KEYS) else { return context };
        if let Some(now) = fields.get("now").and_then(|node| reading.time(node)) {
            context.now = now;
        }
        let pairs = |name: &str| fields.get(name);
        let headers = reading.pairs(pairs("headers"), "`headers`");
        context.inbound = Inbound {
            headers: headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
            query: reading.pairs(pairs("query"), "`query`"),
            path_params: reading.pairs(pairs("path"), "`path`"),
        };
        context.settings = reading.settings(fields.get("settings"));
        reading.records(fields.get("records"), &context.records);
        context.responses = reading.responses(fields.get("responses"));
        context
    }
}

/// Reads what cases and flows have in common.
pub(crate) struct Reading<'r> {
    pub engine: &'r Engine,
    pub reader: Reader<'r>,
}

type Entries<'n> = &'n [(Spanned<String>, Node)];

/// What endpoints say, one after the other, by their names.
pub(crate) type Responses = BTreeMap<String, Vec<Response>>;

impl Reading<'_> {
    pub fn time(&mut self, node: &Node) -> Option<Timestamp> {
        let written = self.reader.text(node, "`now`")?;
        let time = written.text.parse().ok();
        if time.is_none() {
            let message = format!("`{}` is not a time with a zone", written.text);
            self.reader
                .report(Diagnostic::error(Code::BadValue, message, node.span).help("2026-03-02T12:00:00Z"));
        }
        time
    }

    fn named<'n>(&mut self, node: Option<&'n Node>, what: &str) -> Entries<'n> {
        node.and_then(|node| self.reader.mapping(node, what)).unwrap_or_default()
    }

    pub fn pairs(&mut self, node: Option<&Node>, what: &str) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for (name, node) in self.named(node, what) {
            if let Some(value) = self.reader.text(node, "the value") {
                pairs.push((name.value.clone(), value.text));
            }
        }
        pairs
    }

    pub fn settings(&mut self, node: Option<&Node>) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        for (name, node) in self.named(node, "`settings`") {
            if !self.engine.settings().any(|known| *known == *name.value) {
                let help = suggestion(&name.value, self.engine.settings())
                    .unwrap_or_else(|| "a setting is named partner.setting".to_owned());
                self.report(
                    Code::UnknownSetting,
                    format!("there is no setting `{}`", name.value),
                    name,
                    help,
                );
            } else if let Some(value) = self.reader.text(node, "the value") {
                settings.insert(name.value.clone(), value.text);
            }
        }
        settings
    }

    pub fn records(&mut self, node: Option<&Node>, memory: &Memory) {
        for (name, node) in self.named(node, "`records`") {
            let Some(record) = self.engine.record(&name.value) else {
                let help = "a record is named partner.record".to_owned();
                self.report(Code::UnknownRecord, format!("there is no record `{}`", name.value), name, help);
                continue;
            };
            for row in self.reader.sequence(node, "the records").unwrap_or_default() {
                let json = engine::constant(row);
                match scalar(json.as_json(), &record.key) {
                    Some(key) => memory.put(&name.value, &key, json.as_json()),
                    None => {
                        let message = format!("the record has no `{}`, which is its key", record.key);
                        self.reader.report(Diagnostic::error(Code::MissingKey, message, row.span));
                    }
                }
            }
        }
    }

    pub fn responses(&mut self, node: Option<&Node>) -> Responses {
        let mut responses = BTreeMap::new();
        for (name, node) in self.named(node, "`responses`") {
            self.check_endpoint(name);
            let said = self.reader.sequence(node, "the responses").unwrap_or_default();
            let said = said.iter().filter_map(|node| self.response(node)).collect();
            responses.insert(name.value.clone(), said);
        }
        responses
    }

    pub fn check_endpoint(&mut self, name: &Spanned<String>) {
        if self.engine.endpoint(&name.value).is_none() {
            let known = self.engine.endpoints().map(|endpoint| &*endpoint.name);
            let help = suggestion(&name.value, known);
            let help = help.unwrap_or_else(|| "an endpoint is named partner/endpoint".to_owned());
            let message = format!("there is no endpoint `{}`", name.value);
            self.report(Code::UnknownEndpoint, message, name, help);
        }
    }

    fn response(&mut self, node: &Node) -> Option<Response> {
        let fields = self.reader.fields(node, &RESPONSE)?;
        if let (Some(_), Some(text)) = (fields.get("body"), fields.get("text")) {
            let message = "a response has one body: `body` or `text`";
            self.reader.report(Diagnostic::error(Code::ConflictingKeys, message, text.span));
        }
        let failed = fields.get("failed").and_then(|node| self.reader.boolean(node, "`failed`"));
        if failed == Some(true) {
            return Some(Response::Failed);
        }
        let status = fields.get("status").and_then(|node| {
            let status = self.reader.number(node, "`status`")?;
            let within = u16::try_from(status).ok().filter(|status| (100..600).contains(status));
            if within.is_none() {
                let message = format!("{status} is not an HTTP status");
                self.reader.report(Diagnostic::error(Code::OutOfRange, message, node.span));
            }
            within
        });
        let text = fields.get("text").and_then(|node| self.reader.text(node, "`text`"));
        let body = fields.get("body").map(|node| engine::constant(node).as_json().as_bytes().to_vec());
        let body = body.or_else(|| text.map(|text| text.text.into_bytes())).unwrap_or_default();
        Some(Response::Said { status: status.unwrap_or(200), body })
    }

    pub fn report(&mut self, code: Code, message: String, at: &Spanned<String>, help: String) {
        self.reader.report(Diagnostic::error(code, message, at.span).help(help));
    }
}
