//! What we call at a partner, as written.

use super::method::method;
use super::{Named, expression, text};
use crate::document::route::headers;
use crate::document::{Key, Node, Reader, Scalar};
use crate::exchange::{Encoding, Method, Verdict};
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct Endpoint {
    pub method: Method,
    pub url: Scalar,
    pub auth: Option<Scalar>,
    pub headers: Named<Scalar>,
    pub encoding: Option<Spanned<Encoding>>,
    pub request: Option<Scalar>,
    pub response: Option<Scalar>,
    pub timeout: Option<Scalar>,
    pub retry: Option<Retry>,
    pub key: Option<Scalar>,
    /// All rows, or none where one could not be read.
    pub outcome: Vec<Outcome>,
}

/// How often, and how long between.
#[derive(Debug)]
pub struct Retry {
    pub attempts: Option<Spanned<u32>>,
    pub first: Option<Scalar>,
    pub max: Option<Scalar>,
}

#[derive(Debug)]
pub struct Outcome {
    pub span: Span,
    pub when: Option<Scalar>,
    pub verdict: Verdict,
}

const ENDPOINT: &[Key] = &[
    Key::new("get", "the URL"),
    Key::new("post", "the URL"),
    Key::new("put", "the URL"),
    Key::new("patch", "the URL"),
    Key::new("delete", "the URL"),
    Key::new("auth", "a name under `auth`, or none"),
    Key::new("headers", "headers of the request: {name: text}; {name} is a setting or an expression"),
    Key::new("body", "json, form or none; none of a get or a delete, else json"),
    Key::new("request", "the schema of what we send"),
    Key::new("response", "the schema of what comes back"),
    Key::new("timeout", "how long one attempt may take: 15s"),
    Key::new("retry", "{attempts, first, max}"),
    Key::new("key", "an expression over what we send: one key, one lane, in order"),
    Key::new("outcome", "what a response means: rows of {when, is}"),
];

const RETRY: &[Key] = &[
    Key::new("attempts", "all attempts, the first included"),
    Key::new("first", "the wait after the first failure; it doubles"),
    Key::new("max", "the longest wait"),
];

const OUTCOME: &[Key] = &[
    Key::new("when", "an expression over the response; without it the row always holds"),
    Key::required("is", "delivered, retry or rejected"),
];

impl Endpoint {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "an endpoint", ENDPOINT)?;
        let (method, url) = method(reader, &fields, "an endpoint", "the URL")?;
        Some(Self {
            method,
            url,
            auth: text(reader, &fields, "auth").filter(|auth| auth.text != "none"),
            headers: headers(reader, fields.get("headers")),
            encoding: fields.get("body").and_then(|node| {
                let encodings =
                    [("json", Encoding::Json), ("form", Encoding::Form), ("none", Encoding::Nothing)];
                reader.choice(node, "`body`", &encodings).map(|encoding| Spanned::new(encoding, node.span))
            }),
            request: text(reader, &fields, "request"),
            response: text(reader, &fields, "response"),
            timeout: text(reader, &fields, "timeout"),
            retry: fields.get("retry").and_then(|node| Retry::read(reader, node)),
            key: expression(reader, &fields, "key"),
            outcome: fields.get("outcome").and_then(|node| outcome(reader, node)).unwrap_or_default(),
        })
    }
}

impl Retry {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`retry`", RETRY)?;
        let attempts = fields.get("attempts").and_then(|node| {
            reader.number(node, "`attempts`").map(|attempts| Spanned::new(attempts, node.span))
        });
        Some(Self { attempts, first: text(reader, &fields, "first"), max: text(reader, &fields, "max") })
    }
}

fn outcome(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Outcome>> {
    let rows = reader.sequence(node, "`outcome`")?;
    let read: Vec<_> = rows.iter().filter_map(|row| Outcome::read(reader, row)).collect();
    (read.len() == rows.len()).then_some(read)
}

impl Outcome {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "an outcome", OUTCOME)?;
        let verdicts =
            [("delivered", Verdict::Delivered), ("retry", Verdict::Retry), ("rejected", Verdict::Rejected)];
        let verdict = fields.get("is").and_then(|node| reader.choice(node, "`is`", &verdicts));
        let when = expression(reader, &fields, "when");
        if fields.has("when") && when.is_none() {
            return None;
        }
        fields.is_whole().then_some(Self { span: node.span, when, verdict: verdict? })
    }
}
