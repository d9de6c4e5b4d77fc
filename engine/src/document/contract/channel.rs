//! What a partner sends us over, as written.

use super::method::method;
use super::{Auth, Named, expression, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Key, Kind, Node, Reader, Resolved, Scalar};
use crate::exchange::{Encoding, Method, Routes};
use crate::fault::Policy;

#[derive(Debug)]
pub struct Channel {
    pub method: Method,
    pub path: Scalar,
    /// `None`: nothing said; `Some(None)`: `auth: none`.
    pub auth: Option<Option<Auth>>,
    pub message: Scalar,
    pub messages: Named<Option<Scalar>>,
    pub id: Option<Scalar>,
    pub key: Option<Scalar>,
    pub encoding: Encoding,
    pub max_body: Option<Scalar>,
    pub on_fault: Policy,
    pub routes: Routes,
}

const CHANNEL: &[Key] = &[
    Key::new("get", "the path we listen on"),
    Key::new("post", "the path we listen on"),
    Key::new("put", "the path we listen on"),
    Key::new("patch", "the path we listen on"),
    Key::new("delete", "the path we listen on"),
    Key::required(
        "auth",
        "how the caller proves who it is: {basic: {user, password}}, {bearer: {token}} or none",
    ),
    Key::required("message", "an expression that tells the message type"),
    Key::required("messages", "the message types, each with its schema"),
    Key::new("id", "an expression: messages with one id have one effect"),
    Key::new("key", "an expression: messages with one key are delivered in order"),
    Key::new("body", "json, form, or raw: it is not read, only passed on"),
    Key::new("max_body", "the largest body: 2MB unless told otherwise"),
    Key::new("on_fault", "reject: the sender is told; park: the message waits for a person"),
    Key::new("routes", "first: one route takes a message; all: every route whose `when` holds"),
];

impl Channel {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a channel", CHANNEL)?;
        let (method, path) = method(reader, &fields, "a channel", "the path we listen on")?;
        let encodings = [("json", Encoding::Json), ("form", Encoding::Form), ("raw", Encoding::Raw)];
        let faults = [("reject", Policy::Refuse), ("park", Policy::Park)];
        let encoding = fields.get("body").and_then(|node| reader.choice(node, "`body`", &encodings));
        let on_fault = fields.get("on_fault").and_then(|node| reader.choice(node, "`on_fault`", &faults));
        let routes = [("first", Routes::First), ("all", Routes::All)];
        let routes = fields.get("routes").and_then(|node| reader.choice(node, "`routes`", &routes));
        Some(Self {
            method,
            path,
            auth: fields.get("auth").and_then(|node| channel_auth(reader, node)),
            messages: messages(reader, fields.get("messages")),
            id: expression(reader, &fields, "id"),
            key: expression(reader, &fields, "key"),
            encoding: encoding.unwrap_or(Encoding::Json),
            max_body: text(reader, &fields, "max_body"),
            on_fault: on_fault.unwrap_or(Policy::Refuse),
            routes: routes.unwrap_or_default(),
            message: expression(reader, &fields, "message")?,
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

#[allow(clippy::option_option, reason = "the outer one is whether it could be read, the inner one is `none`")]
fn channel_auth(reader: &mut Reader<'_>, node: &Node) -> Option<Option<Auth>> {
    if node.as_scalar().is_some_and(|scalar| scalar.text == "none") {
        return Some(None);
    }
    let auth = Auth::read(reader, node)?;
    if let Auth::OAuth2 { .. } = auth {
        let message = "oauth2 is how we get a token; a caller shows one";
        reader.report(
            Diagnostic::error(Code::BadValue, message, node.span)
                .help("a channel takes basic, bearer or none"),
        );
        return None;
    }
    Some(Some(auth))
}
