//! A contract as written: what a partner sends and accepts.

mod auth;
mod channel;
pub mod codes;
mod endpoint;
mod method;

use std::collections::BTreeSet;

pub use auth::Auth;
pub use channel::Channel;
pub use codes::Codes;
pub use endpoint::{Endpoint, Outcome, Retry};

use crate::document::{Fields, Key, Node, Reader, Scalar};
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
pub const KEYS: &[Key] = &[
    Key::required("partner", "the partner's name, the same as its folder's"),
    Key::new("title", "one line for people"),
    Key::new("settings", "values from the environment: {name: {env, default, secret, sandbox}}"),
    Key::new("channels", "what the partner sends us over"),
    Key::new("endpoints", "what we call at the partner"),
    Key::new("auth", "how we are known to the endpoints"),
    Key::new("codes", "code tables: theirs to ours"),
    Key::new("records", "durable state: {name: {key, unique, keep, schema}}"),
];

const SETTING: &[Key] = &[
    Key::new("env", "the environment variable"),
    Key::new("default", "the value where the variable is not set"),
    Key::new("secret", "true: the value is never shown"),
    Key::new("sandbox", "the value for `tolmach run --sandbox`; {listen} is our own address"),
];

/// The keys of a record.
pub const RECORD: &[Key] = &[
    Key::required("key", "the field that names a record"),
    Key::new("unique", "further fields to look a record up by"),
    Key::new("keep", "how long a record is kept after its last change: 400d"),
    Key::new("schema", "what its fields are: bank/application, for schemas/bank/application.json"),
];

impl Contract {
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a contract", KEYS)?;
        let mut unread = Unread { all: !fields.is_whole(), ..Unread::default() };
        let _ = text(reader, &fields, "title");
        Some(Self {
            settings: named(reader, fields.get("settings"), "`settings`", Setting::read, &mut unread),
            channels: named(reader, fields.get("channels"), "`channels`", Channel::read, &mut unread),
            endpoints: named(reader, fields.get("endpoints"), "`endpoints`", Endpoint::read, &mut unread),
            auth: named(reader, fields.get("auth"), "`auth`", Auth::read, &mut unread),
            codes: named(reader, fields.get("codes"), "`codes`", Codes::read, &mut unread),
            records: named(reader, fields.get("records"), "`records`", Record::read, &mut unread),
            partner: text(reader, &fields, "partner")?,
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

impl Record {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a record", RECORD)?;
        let unique =
            fields.get("unique").and_then(|node| reader.sequence(node, "`unique`")).unwrap_or_default();
        Some(Self {
            key: text(reader, &fields, "key")?,
            unique: unique.iter().filter_map(|node| reader.text(node, "`unique`")).collect(),
            keep: text(reader, &fields, "keep"),
            schema: text(reader, &fields, "schema"),
        })
    }
}

fn text(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Option<Scalar> {
    fields.get(key).and_then(|node| reader.text(node, &format!("`{key}`")))
}

fn expression(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Option<Scalar> {
    fields.get(key).and_then(|node| reader.expression(node, &format!("`{key}`")))
}
