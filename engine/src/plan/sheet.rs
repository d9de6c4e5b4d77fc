//! A route as a mapping sheet: what an analyst reads and a partner signs.
//!
//! The rows come from the compiled rules, so that a sheet cannot say anything but what is done.

use serde::Serialize;

use super::mapping::{Element, Mapping, Missing, Rule, Source};
use super::route::{Answer, Body, Content, Headers, RecordStep, Route, Send, Step, Then, Trigger};
use super::template::{Part as Piece, Template};
use crate::exchange::Outcome;
use crate::expression::Expression;

/// What stands for a whole body, which has no path.
const WHOLE: &str = "(body)";

/// One route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// `partner/route`
    pub route: String,
    pub title: Option<String>,
    /// What sets it in motion.
    pub cause: String,
    pub when: Option<String>,
    /// In the order in which they happen.
    pub parts: Vec<Part>,
}

/// One thing the route does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `answer 200`, `call bank/check`, `send bank/create`, `record bank.loan`
    pub what: String,
    /// What must have happened before, besides what set the route in motion.
    pub after: Option<String>,
    pub when: Option<String>,
    /// It is done once for each element of this.
    pub each: Option<String>,
    pub rows: Vec<Row>,
}

/// One row: a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The whole path; `[]` stands for the elements of an array.
    pub target: String,
    pub source: String,
    /// What is done when there is no value; nothing where there always is one.
    pub missing: Option<String>,
    pub when: Option<String>,
    pub note: Option<String>,
}

impl Route {
    /// The route for people.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut parts = Vec::new();
        if let Some(call) = &self.call {
            let mut rows = Vec::new();
            body(&call.body, &mut rows);
            parts.push(Part { what: format!("call {}", call.endpoint), rows, ..Part::new(None) });
            if call.forward {
                let passed_on = Row::new(WHOLE, "the response, as it comes");
                parts.push(Part { what: "answer".to_owned(), rows: vec![passed_on], ..Part::new(None) });
            }
        }
        let called = self.call.as_ref().map(|call| &*call.endpoint);
        parts.extend(self.answers.iter().map(|given| answer(given, called)));
        steps(&self.steps, None, &mut parts);
        if let Some(call) = &self.call {
            then(&call.then, &call.endpoint, None, &mut parts);
        }
        Sheet {
            route: self.name.to_string(),
            title: self.title.as_deref().map(str::to_owned),
            cause: match &self.trigger {
                Trigger::Receive { channel, message } => format!("message {message} over {channel}"),
                Trigger::Start => "the start".to_owned(),
                Trigger::Every(time) => format!("every {time:?}"),
            },
            when: text(self.when.as_ref()),
            parts,
        }
    }
}

impl Part {
    fn new(after: Option<&str>) -> Self {
        Self {
            what: String::new(),
            after: after.map(str::to_owned),
            when: None,
            each: None,
            rows: Vec::new(),
        }
    }
}

impl Row {
    fn new(target: &str, source: impl Into<String>) -> Self {
        Self { target: target.to_owned(), source: source.into(), missing: None, when: None, note: None }
    }
}

fn answer(answer: &Answer, called: Option<&str>) -> Part {
    let mut rows = Vec::new();
    headers(&answer.headers, &mut rows);
    match &answer.content {
        Content::Nothing => {}
        Content::Json(json) => body(json, &mut rows),
        Content::Text(written) => rows.push(Row::new(WHOLE, template(written))),
    }
    let after = called.map(|endpoint| ended(endpoint, answer.on, None));
    Part {
        what: format!("answer {}", answer.status),
        when: text(answer.when.as_ref()),
        rows,
        ..Part::new(after.as_deref())
    }
}

fn steps(steps: &[Step], after: Option<&str>, parts: &mut Vec<Part>) {
    for step in steps {
        match step {
            Step::Send(step) => send(step, after, parts),
            Step::Record(step) => record(step, after, parts),
        }
    }
}

fn send(send: &Send, after: Option<&str>, parts: &mut Vec<Part>) {
    let mut rows = Vec::new();
    body(&send.body, &mut rows);
    let mut what = format!("send {}", send.endpoint);
    if !send.after.is_zero() {
        what.push_str(&format!(", {:?} later", send.after));
    }
    parts.push(Part {
        what,
        when: text(send.when.as_ref()),
        each: text(send.elements.as_ref()),
        rows,
        ..Part::new(after)
    });
    then(&send.then, &send.endpoint, after, parts);
}

fn record(step: &RecordStep, after: Option<&str>, parts: &mut Vec<Part>) {
    parts.extend(step.rows.iter().map(|row| {
        let mut rows = Vec::new();
        mapping(&row.fields, "", &mut rows);
        Part {
            what: format!("record {}", row.record.name),
            when: text(step.when.as_ref()),
            each: text(step.elements.as_ref()),
            rows,
            ..Part::new(after)
        }
    }));
}

fn then(then: &Then, endpoint: &str, after: Option<&str>, parts: &mut Vec<Part>) {
    for outcome in [Outcome::Delivered, Outcome::Rejected, Outcome::Failed] {
        steps(then.after(outcome), Some(&ended(endpoint, outcome, after)), parts);
    }
}

/// `bank/create is delivered, then shop/events is rejected`
fn ended(endpoint: &str, outcome: Outcome, after: Option<&str>) -> String {
    let outcome = match outcome {
        Outcome::Delivered => "is delivered",
        Outcome::Rejected => "is rejected",
        Outcome::Failed => "has failed",
    };
    let before = after.map_or_else(String::new, |after| format!("{after}, then "));
    format!("{before}{endpoint} {outcome}")
}

fn headers(headers: &Headers, rows: &mut Vec<Row>) {
    rows.extend(headers.iter().map(|(name, value)| Row::new(&format!("header {name}"), template(value))));
}

fn body(body: &Body, rows: &mut Vec<Row>) {
    match body {
        Body::Mapping(rules) => mapping(rules, "", rows),
        Body::Copy(copy) => rule(copy, "", "", rows),
        Body::Whole => rows.push(Row::new(WHOLE, "the current node, as it is")),
    }
}

/// The rows of the members of what is written at a path.
fn mapping(mapping: &Mapping, path: &str, rows: &mut Vec<Row>) {
    let dot = if path.is_empty() { "" } else { "." };
    for member in &mapping.members {
        rule(&member.rule, &format!("{path}{dot}{}", member.name()), "", rows);
    }
}

/// The row of the rule of a path and those of the rules within it; `number` is its place under `first`.
fn rule(rule: &Rule, path: &str, number: &str, rows: &mut Vec<Row>) {
    let inherent = matches!(rule.source, Source::Constant(_)) || !number.is_empty();
    let missing = match &rule.missing {
        Missing::Omit if inherent => None,
        Missing::Omit => Some("left out".to_owned()),
        Missing::Null => Some("null".to_owned()),
        Missing::Required => Some("required".to_owned()),
        Missing::Default(constant) => Some(format!("default {}", constant.as_json())),
    };
    let says_nothing = matches!(rule.source, Source::Object { with: None, .. })
        && matches!(rule.missing, Missing::Omit)
        && rule.when.is_none()
        && rule.note.is_none();
    if !says_nothing || !number.is_empty() {
        let target = if path.is_empty() { WHOLE } else { path };
        let source = format!("{number}{}", source(&rule.source));
        let note = rule.note.as_ref().map(ToString::to_string);
        rows.push(Row { missing, when: text(rule.when.as_deref()), note, ..Row::new(target, source) });
    }
    within(rule, path, rows);
}

fn within(parent: &Rule, path: &str, rows: &mut Vec<Row>) {
    match &parent.source {
        Source::Expression(_) | Source::Constant(_) | Source::Script { .. } => {}
        Source::Copy(copy) => mapping(&copy.with, path, rows),
        Source::Object { mapping: inner, .. } => mapping(inner, path, rows),
        Source::Each(each) => {
            if let Element::Mapping(inner) = &each.element {
                mapping(inner, &format!("{path}[]"), rows);
            }
        }
        Source::List(elements) => {
            for (at, element) in elements.iter().enumerate() {
                rule(element, &format!("{path}[{at}]"), "", rows);
            }
        }
        Source::First(arms) => {
            for (at, arm) in (1..).zip(arms) {
                rule(arm, path, &format!("{at}. "), rows);
            }
        }
    }
}

fn source(source: &Source) -> String {
    match source {
        Source::Expression(expression) => expression.text().into_owned(),
        Source::Constant(constant) => format!("constant {}", constant.as_json()),
        Source::Script { script, args } => {
            let args: Vec<_> = args.iter().map(Expression::text).collect();
            format!("script {}({})", script.name(), args.join(", "))
        }
        Source::Copy(copy) if copy.except.is_empty() => format!("copy of {}", copy.from.text()),
        Source::Copy(copy) => format!("copy of {} without {}", copy.from.text(), copy.except.join(", ")),
        Source::Object { with: Some(with), .. } => format!("object, from {}", with.text()),
        Source::Object { with: None, .. } => "object".to_owned(),
        Source::Each(each) => match &each.element {
            Element::Expression(element) => format!("each of {}: {}", each.items.text(), element.text()),
            Element::Same | Element::Mapping(_) => format!("each of {}", each.items.text()),
        },
        Source::List(_) => "list".to_owned(),
        Source::First(_) => "the first of these that has a value".to_owned(),
    }
}

fn text(expression: Option<&Expression>) -> Option<String> {
    expression.map(|expression| expression.text().into_owned())
}

/// As it was written: `{expression}` between the texts.
fn template(template: &Template) -> String {
    let pieces = template.parts.iter().map(|piece| match piece {
        Piece::Text(text) => text.to_string(),
        Piece::Expression(expression) => format!("{{{}}}", expression.text()),
    });
    pieces.collect()
}
