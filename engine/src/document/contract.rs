//! A contract as written: what a partner sends and accepts.

use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Fields, Key, Kind, Node, Reader, Resolved, Scalar};
use crate::exchange::{Encoding, Method, Verdict};
use crate::fault::Policy;
use crate::source::{Span, Spanned};

type Named<T> = Vec<(Spanned<String>, T)>;

/// One `partner.yaml`.
#[derive(Debug)]
pub struct Contract {
    pub span: Span,
    pub partner: Scalar,
    pub title: Option<String>,
    pub settings: Named<Setting>,
    pub channels: Named<Channel>,
    pub endpoints: Named<Endpoint>,
    pub auth: Named<Auth>,
    pub codes: Named<Codes>,
    pub records: Named<Record>,
}

/// Where a setting's value comes from.
#[derive(Debug)]
pub enum Setting {
    Constant(Scalar),
    Environment {
        span: Span,
        env: Option<Scalar>,
        default: Option<Scalar>,
        /// The value where the partner is the sandbox; `{listen}` is our own address.
        sandbox: Option<Scalar>,
        secret: bool,
    },
}

#[derive(Debug)]
pub struct Channel {
    pub span: Span,
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
}

#[derive(Debug)]
pub struct Endpoint {
    pub span: Span,
    pub method: Method,
    pub url: Scalar,
    pub auth: Option<Scalar>,
    pub request: Option<Scalar>,
    pub response: Option<Scalar>,
    pub timeout: Option<Scalar>,
    pub retry: Option<Retry>,
    pub key: Option<Scalar>,
    pub outcome: Vec<Outcome>,
}

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

/// The names in here are names of settings.
#[derive(Debug)]
pub enum Auth {
    Basic { user: Scalar, password: Scalar },
    Bearer { token: Scalar },
    OAuth2 { token_url: Scalar, client_id: Scalar, client_secret: Scalar, scope: Option<Scalar> },
}

/// A code table.
#[derive(Debug)]
pub struct Codes {
    pub span: Span,
    pub covers: Option<Scalar>,
    pub rows: Named<Node>,
    pub unknown: Option<Node>,
}

#[derive(Debug)]
pub struct Record {
    pub key: Scalar,
    pub unique: Vec<Scalar>,
    pub keep: Option<Scalar>,
}

/// The keys of a contract.
pub const KEYS: &[Key] = &[
    Key::required("partner", "the partner's name, the same as its folder's"),
    Key::new("title", "one line for people"),
    Key::new("settings", "values from the environment: {name: {env, default, secret, sandbox}}"),
    Key::new("channels", "what the partner sends us over"),
    Key::new("endpoints", "what we call at the partner"),
    Key::new("auth", "how we are known to the endpoints"),
    Key::new("codes", "code tables: theirs to ours"),
    Key::new("records", "durable state: {name: {key, unique, keep}}"),
];

const SETTING: &[Key] = &[
    Key::new("env", "the environment variable"),
    Key::new("default", "the value where the variable is not set"),
    Key::new("secret", "true: the value is never shown"),
    Key::new("sandbox", "the value for `tolmach run --sandbox`; {listen} is our own address"),
];

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
    Key::new("body", "json or form"),
    Key::new("max_body", "the largest body: 2MB unless told otherwise"),
    Key::new("on_fault", "reject: the sender is told; park: the message waits for a person"),
];

const ENDPOINT: &[Key] = &[
    Key::new("get", "the URL"),
    Key::new("post", "the URL"),
    Key::new("put", "the URL"),
    Key::new("patch", "the URL"),
    Key::new("delete", "the URL"),
    Key::new("auth", "a name under `auth`, or none"),
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

const CODES: &[Key] = &[
    Key::new("covers", "an enumeration of which every value needs a row: schemas/x.json#/$defs/Y"),
    Key::required("rows", "theirs: ours, or theirs: {ours, inbound_only, more columns}"),
    Key::new("unknown", "a code without a row: park, reject, keep or {use: VALUE}"),
];

const RECORD: &[Key] = &[
    Key::required("key", "the field that names a record"),
    Key::new("unique", "further fields to look a record up by"),
    Key::new("keep", "how long a record is kept after its last change: 400d"),
];

const METHODS: [(&str, Method); 5] = [
    ("get", Method::Get),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
];

impl Contract {
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a contract", KEYS)?;
        Some(Self {
            span: node.span,
            settings: named(reader, fields.get("settings"), "`settings`", Setting::read),
            channels: named(reader, fields.get("channels"), "`channels`", Channel::read),
            endpoints: named(reader, fields.get("endpoints"), "`endpoints`", Endpoint::read),
            auth: named(reader, fields.get("auth"), "`auth`", Auth::read),
            codes: named(reader, fields.get("codes"), "`codes`", Codes::read),
            records: named(reader, fields.get("records"), "`records`", Record::read),
            title: text(reader, &fields, "title").map(|title| title.text),
            partner: text(reader, &fields, "partner")?,
        })
    }
}

/// A mapping with names of the author's own; a value that cannot be read is reported and left out.
fn named<T>(
    reader: &mut Reader<'_>,
    node: Option<&Node>,
    what: &str,
    read: fn(&mut Reader<'_>, &Node) -> Option<T>,
) -> Named<T> {
    let entries = node.and_then(|node| reader.mapping(node, what)).unwrap_or_default();
    entries.iter().filter_map(|(name, node)| Some((name.clone(), read(reader, node)?))).collect()
}

impl Setting {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        if node.as_scalar().is_some() {
            return reader.text(node, "a setting").map(Self::Constant);
        }
        let fields = reader.fields(node, "a setting", SETTING)?;
        let secret = fields.get("secret").and_then(|node| reader.boolean(node, "`secret`"));
        Some(Self::Environment {
            span: node.span,
            env: text(reader, &fields, "env"),
            default: text(reader, &fields, "default"),
            sandbox: text(reader, &fields, "sandbox"),
            secret: secret.unwrap_or(false),
        })
    }
}

impl Channel {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a channel", CHANNEL)?;
        let (method, path) = method(reader, &fields, "a channel", "the path we listen on")?;
        let encodings = [("json", Encoding::Json), ("form", Encoding::Form)];
        let faults = [("reject", Policy::Refuse), ("park", Policy::Park)];
        let encoding = fields.get("body").and_then(|node| reader.choice(node, "`body`", &encodings));
        let on_fault = fields.get("on_fault").and_then(|node| reader.choice(node, "`on_fault`", &faults));
        Some(Self {
            span: node.span,
            method,
            path,
            auth: fields.get("auth").and_then(|node| channel_auth(reader, node)),
            messages: named(reader, fields.get("messages"), "`messages`", message_schema),
            id: expression(reader, &fields, "id"),
            key: expression(reader, &fields, "key"),
            encoding: encoding.unwrap_or(Encoding::Json),
            max_body: text(reader, &fields, "max_body"),
            on_fault: on_fault.unwrap_or(Policy::Refuse),
            message: expression(reader, &fields, "message")?,
        })
    }
}

/// A message type's schema; null where any JSON will do.
#[allow(
    clippy::option_option,
    reason = "the outer one is whether it could be read, the inner one whether there is a schema"
)]
fn message_schema(reader: &mut Reader<'_>, node: &Node) -> Option<Option<Scalar>> {
    match &node.kind {
        Kind::Scalar(Scalar { resolved: Resolved::Null, .. }) => Some(None),
        _ => reader.text(node, "a message's schema").map(Some),
    }
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

impl Endpoint {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "an endpoint", ENDPOINT)?;
        let (method, url) = method(reader, &fields, "an endpoint", "the URL")?;
        let rows =
            fields.get("outcome").and_then(|node| reader.sequence(node, "`outcome`")).unwrap_or_default();
        Some(Self {
            span: node.span,
            method,
            url,
            auth: text(reader, &fields, "auth").filter(|auth| auth.text != "none"),
            request: text(reader, &fields, "request"),
            response: text(reader, &fields, "response"),
            timeout: text(reader, &fields, "timeout"),
            retry: fields.get("retry").and_then(|node| Retry::read(reader, node)),
            key: expression(reader, &fields, "key"),
            outcome: rows.iter().filter_map(|row| Outcome::read(reader, row)).collect(),
        })
    }
}

impl Retry {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`retry`", RETRY)?;
        let attempts = fields.get("attempts").and_then(|node| {
            reader.number(node, "`attempts`").map(|attempts| Spanned::new(attempts, node.span))
        });
        Some(Self { attempts, first: text(reader, &fields, "first"), max: text(reader, &fields, "max") })
    }
}

impl Outcome {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "an outcome", OUTCOME)?;
        let verdicts =
            [("delivered", Verdict::Delivered), ("retry", Verdict::Retry), ("rejected", Verdict::Rejected)];
        let verdict = fields.get("is").and_then(|node| reader.choice(node, "`is`", &verdicts))?;
        Some(Self { span: node.span, when: expression(reader, &fields, "when"), verdict })
    }
}

impl Auth {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        const KINDS: &[Key] = &[
            Key::new("basic", "{user, password}: names of settings"),
            Key::new("bearer", "{token}: the name of a setting"),
            Key::new("oauth2", "{token_url, client_id, client_secret, scope}"),
        ];
        const BASIC: &[Key] =
            &[Key::required("user", "a setting's name"), Key::required("password", "a setting's name")];
        const BEARER: &[Key] = &[Key::required("token", "a setting's name")];
        const OAUTH2: &[Key] = &[
            Key::required("token_url", "the URL; {name} is a setting"),
            Key::required("client_id", "a setting's name"),
            Key::required("client_secret", "a setting's name"),
            Key::new("scope", "the scope to ask for"),
        ];
        let kinds = reader.fields(node, "`auth`", KINDS)?;
        if let Some(node) = kinds.get("basic") {
            let fields = reader.fields(node, "`basic`", BASIC)?;
            let (user, password) = (text(reader, &fields, "user")?, text(reader, &fields, "password")?);
            return Some(Self::Basic { user, password });
        }
        if let Some(node) = kinds.get("bearer") {
            let fields = reader.fields(node, "`bearer`", BEARER)?;
            return Some(Self::Bearer { token: text(reader, &fields, "token")? });
        }
        let Some(node) = kinds.get("oauth2") else {
            return reader.wrong(node, "`auth`", "one of basic, bearer, oauth2");
        };
        let fields = reader.fields(node, "`oauth2`", OAUTH2)?;
        Some(Self::OAuth2 {
            token_url: text(reader, &fields, "token_url")?,
            client_id: text(reader, &fields, "client_id")?,
            client_secret: text(reader, &fields, "client_secret")?,
            scope: text(reader, &fields, "scope"),
        })
    }
}

impl Codes {
    /// Also the shape of the entries of `codes.yaml`.
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a code table", CODES)?;
        let rows = fields.get("rows").and_then(|node| reader.mapping(node, "`rows`"))?;
        Some(Self {
            span: node.span,
            covers: text(reader, &fields, "covers"),
            rows: rows.to_vec(),
            unknown: fields.get("unknown").cloned(),
        })
    }

    /// All tables of a `codes.yaml`.
    pub fn read_file(reader: &mut Reader<'_>, node: &Node) -> Named<Self> {
        named(reader, Some(node), "a file of code tables", Self::read)
    }
}

impl Record {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a record", RECORD)?;
        let unique =
            fields.get("unique").and_then(|node| reader.sequence(node, "`unique`")).unwrap_or_default();
        Some(Self {
            key: text(reader, &fields, "key")?,
            unique: unique.iter().filter_map(|node| reader.text(node, "`unique`")).collect(),
            keep: text(reader, &fields, "keep"),
        })
    }
}

/// The one method key, with its path or URL.
fn method(reader: &mut Reader<'_>, fields: &Fields<'_>, what: &str, value: &str) -> Option<(Method, Scalar)> {
    let mut given = METHODS.into_iter().filter(|(name, _)| fields.has(name));
    let Some((name, method)) = given.next() else {
        let message = format!("{what} needs a method with {value}");
        let diagnostic = Diagnostic::error(Code::MissingKey, message, fields.span);
        reader.report(diagnostic.help("one of: get, post, put, patch, delete"));
        return None;
    };
    if let Some((second, _)) = given.next() {
        let message = format!("`{name}` and `{second}` exclude each other");
        reader.report(Diagnostic::error(Code::ConflictingKeys, message, fields.key_span(second)));
    }
    Some((method, text(reader, fields, name)?))
}

fn text(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Option<Scalar> {
    fields.get(key).and_then(|node| reader.text(node, &format!("`{key}`")))
}

fn expression(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Option<Scalar> {
    fields.get(key).and_then(|node| reader.expression(node, &format!("`{key}`")))
}
