//! What a partner sends us over, as written.

use super::method::{DOOR, excluded, method};
use super::{Caller, Named, caller};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Fields, Key, Keys, Kind, Law, Node, Reader, Resolved, Scalar, Shape};
use crate::exchange::{Conflict, Encoding, Method, Routes};
use crate::fault::Policy;

#[derive(Debug)]
pub struct Channel {
    /// The path we listen on; `None` where only we ourselves write to it.
    pub door: Option<(Method, Scalar)>,
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
    pub on_conflict: Conflict,
    pub routes: Routes,
}

const AUTH: &str = "how the caller proves who it is: {basic: {user, password}}, …, or none";
/// What is said of those outside.
const OUTSIDE: [&str; 4] = ["auth", "networks", "body", "max_body"];

const BODIES: [(&str, Encoding); 3] =
    [("json", Encoding::Json), ("form", Encoding::Form), ("raw", Encoding::Raw)];
const FAULTS: [(&str, Policy); 2] = [("reject", Policy::Refuse), ("park", Policy::Park)];
const CONFLICTS: [(&str, Conflict); 2] = [("refuse", Conflict::Refuse), ("ignore", Conflict::Ignore)];
const ROUTES: [(&str, Routes); 2] = [("first", Routes::First), ("all", Routes::All)];

pub static KEYS: Keys = Keys {
    what: "a channel",
    laws: &[
        DOOR,
        Law::Some(&["auth", "internal"]),
        Law::Excludes { key: "internal", others: &OUTSIDE },
        Law::Needs { keys: &["on_conflict"], owners: &["id"] },
    ],
    keys: &[
        Key::new("get", "the path we listen on"),
        Key::new("post", "the path we listen on"),
        Key::new("put", "the path we listen on"),
        Key::new("patch", "the path we listen on"),
        Key::new("delete", "the path we listen on"),
        Key::new("internal", "true: only we write to it, from endpoints that name it").of(Shape::Boolean),
        Key::new("auth", AUTH).of(Shape::Either(&[Shape::Choice(&caller::NONE), Shape::Keys(&caller::KEYS)])),
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
        Key::new("on_conflict", "of a known id with another body: refuse it, or ignore it as a repeat")
            .of(Shape::Choice(&CONFLICTS))
            .or("refuse"),
        Key::new("routes", "first: one route takes a message; all: every route whose `when` holds")
            .of(Shape::Choice(&ROUTES))
            .or("first"),
    ],
};

impl Channel {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        let door = method(reader, &fields, ("a channel", "the path we listen on"), "internal")?;
        check_door(reader, &fields, door.is_some());
        let encoding = fields.get("body").and_then(|node| reader.choice(node, "`body`", &BODIES));
        let on_fault = fields.get("on_fault").and_then(|node| reader.choice(node, "`on_fault`", &FAULTS));
        let on_conflict =
            fields.get("on_conflict").and_then(|node| reader.choice(node, "`on_conflict`", &CONFLICTS));
        if fields.has("on_conflict") && !fields.has("id") && !fields.misspells("id") {
            let message = "`on_conflict` has no effect without `id`";
            reader.report(Diagnostic::error(Code::UselessKey, message, fields.key_span("on_conflict")));
        }
        let routes = fields.get("routes").and_then(|node| reader.choice(node, "`routes`", &ROUTES));
        Some(Self {
            door,
            auth: fields.get("auth").and_then(|node| Caller::read(reader, node)),
            networks: fields.get("networks").map(|node| networks(reader, node)),
            messages: messages(reader, fields.get("messages")),
            id: reader.scalar(&fields, "id"),
            key: reader.scalar(&fields, "key"),
            encoding: encoding.unwrap_or(Encoding::Json),
            max_body: reader.scalar(&fields, "max_body"),
            on_fault: on_fault.unwrap_or(Policy::Refuse),
            on_conflict: on_conflict.unwrap_or_default(),
            routes: routes.unwrap_or_default(),
            message: reader.scalar(&fields, "message")?,
        })
    }
}

/// What is said of callers is required where there are some.
fn check_door(reader: &mut Reader<'_>, fields: &Fields<'_>, open: bool) {
    if !open {
        if let Some(false) = fields.get("internal").and_then(|node| reader.boolean(node, "`internal`")) {
            let diagnostic = Diagnostic::error(Code::BadValue, "nobody could write to it", fields.span);
            reader.report(diagnostic.help("`internal: true`, or a method with the path we listen on"));
        }
        return excluded(
            reader,
            fields,
            "internal",
            &OUTSIDE,
            "nobody outside can reach an internal channel",
        );
    }
    if !fields.has("auth") && !fields.misspells("auth") {
        let diagnostic =
            Diagnostic::error(Code::MissingKey, "a channel needs the key `auth`", fields.start());
        reader.report(diagnostic.help(format!("`auth`: {AUTH}")));
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
