//! What the caller gets, as written.

use super::{Body, Named, headers};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::rule::RULE;
use crate::document::{Key, Keys, Kind, Law, Node, Reader, Scalar, Shape};
use crate::exchange::Outcome;
use crate::source::{Span, Spanned};

/// One answer: of several, the first whose `when` holds.
#[derive(Debug)]
pub struct Answer {
    pub span: Span,
    /// How the `call` ended.
    pub on: Option<Spanned<Outcome>>,
    pub when: Option<Scalar>,
    pub status: Option<Spanned<u32>>,
    pub headers: Named<Scalar>,
    pub content: Content,
}

#[derive(Debug)]
pub enum Content {
    Nothing,
    Json(Body),
    /// Text in which `{expression}` stands for what it yields.
    Text(Scalar),
}

static ANSWER: Keys = Keys {
    what: "an answer",
    laws: &[Law::Excludes { key: "text", others: &["map", "use", "copy"] }],
    keys: &[
        Key::new(
            "on",
            "the end of the `call`: delivered, rejected or failed; delivered unless told otherwise",
        )
        .of(Shape::Choice(&OUTCOMES))
        .or("delivered"),
        Key::new("when", "the answer is given only where this is true").of(Shape::Expression),
        Key::new("status", "the HTTP status, 200 unless told otherwise")
            .of(Shape::Number { least: 200, most: 599 })
            .or("200"),
        Key::new("headers", "headers of the answer: {name: text}; {expression} stands for what it yields")
            .of(Shape::Named(&Shape::Value)),
        Key::new("map", "the body: target paths and rules").of(Shape::Named(&RULE)),
        Key::new("use", "a shared mapping of mappings.yaml, whose rules those of `map` replace"),
        Key::new("copy", "the body: a subtree as it is").of(Shape::Expression),
        Key::new("text", "the body: this text; {expression} stands for what it yields").of(Shape::Value),
    ],
};

/// One answer, or a list of them.
pub(super) static ANSWERS: [Shape; 2] = [Shape::Keys(&ANSWER), Shape::List(&Shape::Keys(&ANSWER))];

pub(super) const OUTCOMES: [(&str, Outcome); 3] =
    [("delivered", Outcome::Delivered), ("rejected", Outcome::Rejected), ("failed", Outcome::Failed)];

impl Answer {
    /// One answer, or a list of them.
    pub(super) fn read_all(reader: &mut Reader<'_>, node: &Node) -> Vec<Self> {
        match &node.kind {
            Kind::Sequence(_) => {
                let items = reader.sequence(node, "`answer`").unwrap_or_default();
                items.iter().filter_map(|item| Self::read(reader, item)).collect()
            }
            _ => Self::read(reader, node).into_iter().collect(),
        }
    }

    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &ANSWER)?;
        let status = fields
            .get("status")
            .and_then(|node| reader.number(node, "`status`").map(|status| Spanned::new(status, node.span)));
        let on = fields.get("on").and_then(|node| {
            reader.choice(node, "`on`", &OUTCOMES).map(|outcome| Spanned::new(outcome, node.span))
        });
        let body = Body::read(reader, &fields);
        let text = reader.scalar(&fields, "text");
        if let (Some(_), Some(_)) = (&text, &body) {
            let message = "a body is either `text` or JSON";
            reader.report(Diagnostic::error(Code::ConflictingKeys, message, fields.key_span("text")));
        }
        let content = match (text, body) {
            (Some(text), _) => Content::Text(text),
            (None, Some(body)) => Content::Json(body),
            (None, None) => Content::Nothing,
        };
        let when = reader.scalar(&fields, "when");
        let headers = headers(reader, fields.get("headers"));
        Some(Self { span: node.span, on, when, status, headers, content })
    }
}
