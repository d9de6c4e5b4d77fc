//! What we call at a partner, as written.

use super::Named;
use super::method::{TARGET, excluded, method};
use crate::document::route::headers;
use crate::document::{Fields, Key, Keys, Law, Node, Reader, Scalar, Shape};
use crate::exchange::{Encoding, Exhausted, Method, Unknown, Verdict};
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct Endpoint {
    pub target: Target,
    pub auth: Option<Scalar>,
    pub headers: Named<Scalar>,
    pub encoding: Option<Spanned<Encoding>>,
    /// Members of the body by their paths, each with the name of a setting.
    pub secrets: Named<Scalar>,
    pub request: Option<Scalar>,
    pub response: Option<Scalar>,
    pub timeout: Option<Scalar>,
    pub retry: Option<Retry>,
    pub on_exhausted: Exhausted,
    pub on_unknown: Unknown,
    pub key: Option<Scalar>,
    /// All rows, or none where one could not be read.
    pub outcome: Vec<Outcome>,
}

/// Where it leads.
#[derive(Debug)]
pub enum Target {
    Url(Method, Scalar),
    /// To a channel of ours, without a way over the network.
    Channel(Scalar),
}

/// How often, and how long between.
#[derive(Debug)]
pub struct Retry {
    pub attempts: Option<Spanned<u32>>,
    pub first: Option<Scalar>,
    pub max: Option<Scalar>,
    pub within: Option<Scalar>,
}

#[derive(Debug)]
pub struct Outcome {
    pub span: Span,
    pub when: Option<Scalar>,
    pub verdict: Verdict,
}

/// What is said of a request over the network.
const OUTSIDE: [&str; 6] = ["auth", "headers", "body", "secrets", "timeout", "on_unknown"];

const BODIES: [(&str, Encoding); 3] =
    [("json", Encoding::Json), ("form", Encoding::Form), ("none", Encoding::Nothing)];
const EXHAUSTED: [(&str, Exhausted); 3] = [
    ("park_message", Exhausted::ParkMessage),
    ("park_key", Exhausted::ParkKey),
    ("latest_wins", Exhausted::LatestWins),
];
const UNKNOWN: [(&str, Unknown); 2] = [("retry", Unknown::Retry), ("park", Unknown::Park)];
const VERDICTS: [(&str, Verdict); 3] =
    [("delivered", Verdict::Delivered), ("retry", Verdict::Retry), ("rejected", Verdict::Rejected)];

pub static KEYS: Keys = Keys {
    what: "an endpoint",
    laws: &[TARGET, Law::Excludes { key: "channel", others: &OUTSIDE }],
    keys: &[
        Key::new("get", "the URL"),
        Key::new("post", "the URL"),
        Key::new("put", "the URL"),
        Key::new("patch", "the URL"),
        Key::new("delete", "the URL"),
        Key::new("channel", "a channel of ours that takes it, instead of a URL"),
        Key::new("auth", "a name under `auth`, or none"),
        Key::new("headers", "headers of the request: {name: text}; {name} is a setting or an expression")
            .of(Shape::Named(&Shape::Value)),
        Key::new("body", "json, form or none; none of a get or a delete, else json")
            .of(Shape::Choice(&BODIES)),
        Key::new("secrets", "members of the body that are put in as it goes out: {path: setting}")
            .of(Shape::Named(&Shape::Text)),
        Key::new("request", "the schema of what we send"),
        Key::new("response", "the schema of what comes back"),
        Key::new("timeout", "how long one attempt may take: 15s").of(Shape::Duration).or("15s"),
        Key::new("retry", "{attempts, first, max, within}").of(Shape::Keys(&RETRY)),
        Key::new(
            "on_exhausted",
            "what waits for a person when the attempts are spent: park_message, park_key",
        )
        .of(Shape::Choice(&EXHAUSTED))
        .or("park_message"),
        Key::new("on_unknown", "retry or park, where it is not known whether the partner has acted")
            .of(Shape::Choice(&UNKNOWN))
            .or("retry"),
        Key::new("key", "an expression over what we send: one key, one lane, in order").of(Shape::Expression),
        Key::new("outcome", "what a response means: rows of {when, is}")
            .of(Shape::List(&Shape::Keys(&OUTCOME))),
    ],
};

static RETRY: Keys = Keys {
    what: "`retry`",
    laws: &[],
    keys: &[
        Key::new("attempts", "all attempts, the first included")
            .of(Shape::Number { least: 1, most: 1000 })
            .or("10"),
        Key::new("first", "the longest wait after the first failure; it doubles")
            .of(Shape::Duration)
            .or("5s"),
        Key::new("max", "the longest wait").of(Shape::Duration).or("1h"),
        Key::new("within", "how long it is tried at all").of(Shape::Duration),
    ],
};

static OUTCOME: Keys = Keys {
    what: "an outcome",
    laws: &[],
    keys: &[
        Key::new("when", "an expression over the response; without it the row always holds")
            .of(Shape::Expression),
        Key::required("is", "delivered, retry or rejected").of(Shape::Choice(&VERDICTS)),
    ],
};

impl Endpoint {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        let target = match method(reader, &fields, ("an endpoint", "the URL"), "channel")? {
            Some((method, url)) => Target::Url(method, url),
            None => {
                let why = "what goes to a channel of ours takes no way over the network";
                excluded(reader, &fields, "channel", &OUTSIDE, why);
                Target::Channel(reader.scalar(&fields, "channel")?)
            }
        };
        Some(Self {
            target,
            auth: reader.scalar(&fields, "auth").filter(|auth| auth.text != "none"),
            headers: headers(reader, fields.get("headers")),
            encoding: fields.get("body").and_then(|node| {
                reader.choice(node, "`body`", &BODIES).map(|encoding| Spanned::new(encoding, node.span))
            }),
            secrets: secrets(reader, fields.get("secrets")),
            request: reader.scalar(&fields, "request"),
            response: reader.scalar(&fields, "response"),
            timeout: reader.scalar(&fields, "timeout"),
            retry: fields.get("retry").and_then(|node| Retry::read(reader, node)),
            on_exhausted: chosen(reader, &fields, "on_exhausted", &EXHAUSTED),
            on_unknown: chosen(reader, &fields, "on_unknown", &UNKNOWN),
            key: reader.scalar(&fields, "key"),
            outcome: fields.get("outcome").and_then(|node| outcome(reader, node)).unwrap_or_default(),
        })
    }
}

impl Retry {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &RETRY)?;
        let attempts = fields.get("attempts").and_then(|node| {
            reader.number(node, "`attempts`").map(|attempts| Spanned::new(attempts, node.span))
        });
        let mut duration = |key| reader.scalar(&fields, key);
        Some(Self { attempts, first: duration("first"), max: duration("max"), within: duration("within") })
    }
}

/// The word that is written, or what holds without one.
fn chosen<T: Copy + Default>(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    key: &str,
    words: &[(&str, T)],
) -> T {
    let written = fields.get(key).and_then(|node| reader.choice(node, &format!("`{key}`"), words));
    written.unwrap_or_default()
}

fn secrets(reader: &mut Reader<'_>, node: Option<&Node>) -> Named<Scalar> {
    let entries = node.and_then(|node| reader.mapping(node, "`secrets`")).unwrap_or_default();
    let setting = |reader: &mut Reader<'_>, node: &Node| reader.text(node, "the name of a setting");
    entries.iter().filter_map(|(path, node)| Some((path.clone(), setting(reader, node)?))).collect()
}

fn outcome(reader: &mut Reader<'_>, node: &Node) -> Option<Vec<Outcome>> {
    let rows = reader.sequence(node, "`outcome`")?;
    let read: Vec<_> = rows.iter().filter_map(|row| Outcome::read(reader, row)).collect();
    (read.len() == rows.len()).then_some(read)
}

impl Outcome {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &OUTCOME)?;
        let verdict = fields.get("is").and_then(|node| reader.choice(node, "`is`", &VERDICTS));
        let when = reader.scalar(&fields, "when");
        if fields.has("when") && when.is_none() {
            return None;
        }
        fields.is_whole().then_some(Self { span: node.span, when, verdict: verdict? })
    }
}
