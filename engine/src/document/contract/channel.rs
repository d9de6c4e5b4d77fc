//! What a partner sends us over, as written.

use super::method::{METHOD, method};
use super::{Caller, Named, caller};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Key, Keys, Kind, Node, Reader, Resolved, Scalar, Shape};
use crate::exchange::{Encoding, Method, Routes};
use crate::fault::Policy;

#[derive(Debug)]
pub struct Channel {
    pub method: Method,
    pub path: Scalar,
    /// `None`: nothing said; `Some(None)`: `auth: none`.
    pub auth: Option<Option<Caller>>,
    /// Where callers may come from; from everywhere where it is not said.
    pub networks: Option<Vec<Scalar>>,
    pub message: Scalar,
    pub messages: Named<Option<Scalar>>,
    pub id: Option<Scalar>,
    pub key: Option<Scalar>,
    pub encoding: Encoding,
    pub max_body: Option<Scalar>,
    pub on_fault: Policy,
    pub routes: Routes,
}

const BODIES: [(&str, Encoding); 3] =
    [("json", Encoding::Json), ("form", Encoding::Form), ("raw", Encoding::Raw)];
const FAULTS: [(&str, Policy); 2] = [("reject", Policy::Refuse), ("park", Policy::Park)];
const ROUTES: [(&str, Routes); 2] = [("first", Routes::First), ("all", Routes::All)];

pub static KEYS: Keys = Keys {
    what: "a channel",
    laws: &[METHOD],
    keys: &[
        Key::new("get", "the path we listen on"),
        Key::new("post", "the path we listen on"),
        Key::new("put", "the path we listen on"),
        Key::new("patch", "the path we listen on"),
        Key::new("delete", "the path we listen on"),
        Key::required("auth", "how the caller proves who it is: {basic: {user, password}}, …, or none")
            .of(Shape::Either(&[Shape::Choice(&caller::NONE), Shape::Keys(&caller::KEYS)])),
        Key::new("networks", "where callers may come from: addresses, or ranges like 10.1.0.0/16")
            .of(Shape::List(&Shape::Text)),
        Key::required("message", "an expression that tells the message type").of(Shape::Expression),
        Key::required("messages", "the message types, each with its schema")
            .of(Shape::Named(&Shape::Either(&[Shape::Text, Shape::Null]))),
        Key::new("id", "an expression: messages with one id have one effect").of(Shape::Expression),
        Key::new("key", "an expression: messages with one key are delivered in order").of(Shape::Expression),
        Key::new("body", "json, form, or raw: it is not read, only passed on")
            .of(Shape::Choice(&BODIES))
            .or("json"),
        Key::new("max_body", "the largest body: 2MB unless told otherwise").of(Shape::Size).or("2MB"),
        Key::new("on_fault", "reject: the sender is told; park: the message waits for a person")
            .of(Shape::Choice(&FAULTS))
            .or("reject"),
        Key::new("routes", "first: one route takes a message; all: every route whose `when` holds")
            .of(Shape::Choice(&ROUTES))
            .or("first"),
    ],
};

impl Channel {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        let (method, path) = method(reader, &fields, "a channel", "the path we listen on")?;
        let encoding = fields.get("body").and_then(|node| reader.choice(node, "`body`", &BODIES));
        let on_fault = fields.get("on_fault").and_then(|node| reader.choice(node, "`on_fault`", &FAULTS));
        let routes = fields.get("routes").and_then(|node| reader.choice(node, "`routes`", &ROUTES));
        Some(Self {
            method,
            path,
            auth: fields.get("auth").and_then(|node| Caller::read(reader, node)),
            networks: fields.get("networks").map(|node| networks(reader, node)),
            messages: messages(reader, fields.get("messages")),
            id: reader.scalar(&fields, "id"),
            key: reader.scalar(&fields, "key"),
            encoding: encoding.unwrap_or(Encoding::Json),
            max_body: reader.scalar(&fields, "max_body"),
            on_fault: on_fault.unwrap_or(Policy::Refuse),
            routes: routes.unwrap_or_default(),
            message: reader.scalar(&fields, "message")?,
        })
    }
}

/// Each type with its schema; null where any JSON will do. A schema that cannot be read is reported, and the type stays.
fn messages(reader: &mut Reader<'_>, node: Option<&Node>) -> Named<Option<Scalar>> {
    let entries = node.and_then(|node| reader.mapping(node, "`messages`")).unwrap_or_default();
    let schema = |reader: &mut Reader<'_>, node: &Node| match &node.kind {
        Kind::Scalar(Scalar { resolved: Resolved::Null, .. }) => None,
        _ => reader.text(node, "a message's schema"),
    };
    entries.iter().map(|(name, node)| (name.clone(), schema(reader, node))).collect()
}

fn networks(reader: &mut Reader<'_>, node: &Node) -> Vec<Scalar> {
    let Some(items) = reader.sequence(node, "`networks`") else { return Vec::new() };
    if items.is_empty() {
        let diagnostic = Diagnostic::error(Code::EmptyValue, "`networks` lets nobody in", node.span);
        reader.report(diagnostic.help("list where callers may come from, or leave it out"));
    }
    items.iter().filter_map(|item| reader.text(item, "a network")).collect()
}
