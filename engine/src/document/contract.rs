//! A contract as written: what a partner sends and accepts.

mod auth;
mod caller;
pub mod channel;
pub mod codes;
pub mod endpoint;
pub mod limits;
mod method;
pub mod tls;

use std::collections::BTreeSet;

pub use auth::{Auth, Credential, Jwt, User};
pub use caller::{Caller, Scheme};
pub use channel::Channel;
pub use codes::Codes;
pub use endpoint::{Endpoint, Outcome, Retry, Target};
pub use limits::{Breaker, Limits};
pub use tls::Tls;

use crate::document::{Key, Keys, Node, Reader, Scalar, Shape};
use crate::source::{Span, Spanned};

type Named<T> = Vec<(Spanned<String>, T)>;

/// One `partner.yaml`.
#[derive(Debug)]
pub struct Contract {
    pub partner: Scalar,
    pub settings: Named<Setting>,
    pub channels: Named<Channel>,
    pub endpoints: Named<Endpoint>,
    pub auth: Named<Auth>,
    pub codes: Named<Codes>,
    pub records: Named<Record>,
    pub limits: Limits,
    pub tls: Option<Tls>,
    pub unread: Unread,
}

/// What could not be read. It is reported; that its names are missing is not a second mistake.
#[derive(Debug, Default)]
pub struct Unread {
    pub names: BTreeSet<String>,
    /// It is not even known which names there would be.
    pub all: bool,
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
pub struct Record {
    pub key: Scalar,
    pub unique: Vec<Scalar>,
    pub keep: Option<Scalar>,
    /// What its fields are.
    pub schema: Option<Scalar>,
}

/// The keys of a contract.
pub static KEYS: Keys = Keys {
    what: "a contract",
    laws: &[],
    keys: &[
        Key::required("partner", "the partner's name, the same as its folder's"),
        Key::new("title", "one line for people"),
        Key::new("settings", "values from the environment: {name: {env, default, secret, sandbox}}")
            .of(Shape::Named(&SETTING_SHAPE)),
        Key::new("channels", "what the partner sends us over").of(Shape::Named(&Shape::Keys(&channel::KEYS))),
        Key::new("endpoints", "what we call at the partner").of(Shape::Named(&Shape::Keys(&endpoint::KEYS))),
        Key::new("auth", "how we are known to the endpoints").of(Shape::Named(&Shape::Keys(&auth::KEYS))),
        Key::new("limits", "what the partner can take: {concurrent, rate, breaker}")
            .of(Shape::Keys(&limits::KEYS)),
        Key::new("tls", "how connections to the partner are made: {ca, certificate, key}")
            .of(Shape::Keys(&tls::KEYS)),
        Key::new("codes", "code tables: theirs to ours").of(codes::TABLES),
        Key::new("records", "durable state: {name: {key, unique, keep, schema}}")
            .of(Shape::Named(&Shape::Keys(&RECORD))),
    ],
};

/// A constant, or a mapping with the keys of a setting.
const SETTING_SHAPE: Shape = Shape::Either(&[Shape::Value, Shape::Keys(&SETTING)]);

static SETTING: Keys = Keys {
    what: "a setting",
    laws: &[],
    keys: &[
        Key::new("env", "the environment variable"),
        Key::new("default", "the value where the variable is not set").of(Shape::Value),
        Key::new("secret", "true: the value is never shown").of(Shape::Boolean).or("false"),
        Key::new("sandbox", "the value for `tolmach run --sandbox`; {listen} is our own address")
            .of(Shape::Value),
    ],
};

/// The keys of a record.
pub static RECORD: Keys = Keys {
    what: "a record",
    laws: &[],
    keys: &[
        Key::required("key", "the field that names a record"),
        Key::new("unique", "further fields to look a record up by").of(Shape::List(&Shape::Text)),
        Key::new("keep", "how long a record is kept after its last change: 400d").of(Shape::Duration),
        Key::new("schema", "what its fields are: bank/application, for schemas/bank/application.json"),
    ],
};

impl Contract {
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        let mut unread = Unread { all: !fields.is_whole(), ..Unread::default() };
        let _ = reader.scalar(&fields, "title");
        Some(Self {
            settings: named(reader, fields.get("settings"), "`settings`", Setting::read, &mut unread),
            channels: named(reader, fields.get("channels"), "`channels`", Channel::read, &mut unread),
            endpoints: named(reader, fields.get("endpoints"), "`endpoints`", Endpoint::read, &mut unread),
            auth: named(reader, fields.get("auth"), "`auth`", Auth::read, &mut unread),
            codes: named(reader, fields.get("codes"), "`codes`", Codes::read, &mut unread),
            records: named(reader, fields.get("records"), "`records`", Record::read, &mut unread),
            limits: fields.get("limits").and_then(|node| Limits::read(reader, node)).unwrap_or_default(),
            tls: fields.get("tls").and_then(|node| Tls::read(reader, node)),
            partner: reader.scalar(&fields, "partner")?,
            unread,
        })
    }
}

/// A mapping with names of the author's own; a value that cannot be read is reported and left out.
fn named<T>(
    reader: &mut Reader<'_>,
    node: Option<&Node>,
    what: &str,
    read: fn(&mut Reader<'_>, &Node) -> Option<T>,
    unread: &mut Unread,
) -> Named<T> {
    let Some(node) = node else { return Vec::new() };
    let Some(entries) = reader.mapping(node, what) else {
        unread.all = true;
        return Vec::new();
    };
    let mut values = Vec::with_capacity(entries.len());
    for (name, node) in entries {
        reader.check_name(name);
        match read(reader, node) {
            Some(value) => values.push((name.clone(), value)),
            None => drop(unread.names.insert(name.value.clone())),
        }
    }
    values
}

impl Setting {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        if node.as_scalar().is_some() {
            return reader.text(node, "a setting").map(Self::Constant);
        }
        let fields = reader.fields(node, &SETTING)?;
        let secret = fields.get("secret").and_then(|node| reader.boolean(node, "`secret`"));
        Some(Self::Environment {
            span: node.span,
            env: reader.scalar(&fields, "env"),
            default: reader.scalar(&fields, "default"),
            sandbox: reader.scalar(&fields, "sandbox"),
            secret: secret.unwrap_or(false),
        })
    }
}

impl Record {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &RECORD)?;
        let unique =
            fields.get("unique").and_then(|node| reader.sequence(node, "`unique`")).unwrap_or_default();
        Some(Self {
            key: reader.scalar(&fields, "key")?,
            unique: unique.iter().filter_map(|node| reader.text(node, "`unique`")).collect(),
            keep: reader.scalar(&fields, "keep"),
            schema: reader.scalar(&fields, "schema"),
        })
    }
}
