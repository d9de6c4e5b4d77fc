//! Rules as written: the rows of a mapping.

use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Fields, Key, Keys, Kind, Law, Node, Reader, Scalar, Shape};
use crate::source::{Span, Spanned};

/// `target: rule` rows, in the order of the file.
#[derive(Debug, Clone)]
pub struct Map {
    pub rows: Vec<(Spanned<String>, Rule)>,
    /// Whether every row could be read.
    pub whole: bool,
}

/// Where one value comes from, and what is done when it is missing.
#[derive(Debug, Clone)]
pub struct Rule {
    pub span: Span,
    pub source: Source,
    pub when: Option<Scalar>,
    pub missing: Missing,
    pub note: Option<Scalar>,
}

/// The policy for a missing value.
#[derive(Debug, Clone)]
pub enum Missing {
    /// The target is left out.
    Omit,
    /// The target is written as null.
    Null,
    Required,
    Default(Node),
}

#[derive(Debug, Clone)]
pub enum Source {
    From(Scalar),
    Value(Node),
    Script { name: Scalar, args: Vec<Scalar> },
    Copy { from: Scalar, except: Vec<Scalar>, map: Option<Map> },
    Map { with: Option<Scalar>, map: Map },
    Each { items: Scalar, element: Element },
    List(Vec<Rule>),
    First(Vec<Rule>),
}

/// What `each` makes of one element.
#[derive(Debug, Clone)]
pub enum Element {
    From(Scalar),
    Map(Map),
    /// As it is.
    Same,
}

/// The keys of a rule; the reference documents them in this order.
pub static KEYS: Keys = Keys {
    what: "a rule",
    keys: &[
        Key::new("from", "the value: an expression over the current node").of(Shape::Expression),
        Key::new("value", "the value: a constant").of(Shape::Constant),
        Key::new("script", "the value: what a script's function returns"),
        Key::new("args", "the script's arguments: expressions").of(Shape::List(&Shape::Expression)),
        Key::new("copy", "the value: a subtree as it is").of(Shape::Expression),
        Key::new("except", "members of the copied object that are left out").of(Shape::List(&Shape::Text)),
        Key::new("map", "a nested object: its rules").of(Shape::Named(&RULE)),
        Key::new("use", "a shared mapping of mappings.yaml: its rules, which those of `map` replace"),
        Key::new("with", "the node that the nested rules start from").of(Shape::Expression),
        Key::new("each", "an array: one element per element of this expression").of(Shape::Expression),
        Key::new("list", "an array: one element per rule").of(Shape::List(&RULE)),
        Key::new("first", "the first of these rules that yields a value").of(Shape::List(&RULE)),
        Key::new("when", "the rule applies only where this is true").of(Shape::Expression),
        Key::new("required", "a missing value is a fault").of(Shape::Boolean),
        Key::new("default", "what is written for a missing value").of(Shape::Constant),
        Key::new("null", "keep: a missing value is written as null; omit: it is left out")
            .of(Shape::Choice(&NULLS))
            .or("omit"),
        Key::new("note", "a remark for the mapping sheet"),
    ],
    laws: &[
        Law::One { of: &WRITTEN, pairs: &PAIRS },
        Law::Needs { keys: &["args"], owners: &["script"] },
        Law::Needs { keys: &["except"], owners: &["copy"] },
        Law::Needs { keys: &["with"], owners: &["map", "use"] },
        Law::Excludes { key: "with", others: &["copy", "each"] },
        Law::Excludes { key: "required", others: &["default", "null"] },
        Law::Excludes { key: "default", others: &["null"] },
        Law::Excludes { key: "value", others: &POLICIES },
        Law::Excludes { key: "list", others: &POLICIES },
    ],
};

/// An expression, or a mapping with the keys of a rule.
pub static RULE: Shape = Shape::Either(&[Shape::Expression, Shape::Keys(&KEYS)]);

/// The keys that say where the value comes from; a rule has one of them.
const SOURCES: [&str; 8] = ["from", "value", "script", "copy", "each", "list", "first", "map"];

/// The same as they are written: the rules of `map` may have a name.
const WRITTEN: [&str; 9] = ["from", "value", "script", "copy", "each", "list", "first", "map", "use"];

/// Two sources that make one: the first is what the rule is, the second what becomes of it.
const PAIRS: [(&str, &str); 6] =
    [("copy", "map"), ("each", "map"), ("each", "from"), ("copy", "use"), ("each", "use"), ("map", "use")];

/// The keys that say what becomes of a missing value.
const POLICIES: [&str; 3] = ["required", "default", "null"];

const NULLS: [(&str, Null); 2] = [("omit", Null::Omit), ("keep", Null::Keep)];

impl Map {
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let entries = reader.mapping(node, "`map`")?;
        let rows: Vec<_> = entries
            .iter()
            .filter_map(|(target, node)| Some((target.clone(), Rule::read(reader, node, &target.value)?)))
            .collect();
        Some(Self { whole: rows.len() == entries.len(), rows })
    }
}

impl Rule {
    /// A rule: an expression, or a mapping with the keys of [`KEYS`]. `target` names it in diagnostics.
    pub fn read(reader: &mut Reader<'_>, node: &Node, target: &str) -> Option<Self> {
        if matches!(node.kind, Kind::Mapping(_)) {
            return Self::read_keys(reader, node, target);
        }
        let expression = reader.expression(node, &format!("the rule of `{target}`"))?;
        let source = Source::From(expression);
        Some(Self { span: node.span, source, when: None, missing: Missing::Omit, note: None })
    }

    fn read_keys(reader: &mut Reader<'_>, node: &Node, target: &str) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        let when = reader.scalar(&fields, "when");
        let note = reader.scalar(&fields, "note");
        let missing = missing(reader, &fields);
        let source = source(reader, &fields, target)?;
        Some(Self { span: node.span, source, when, missing, note })
    }
}

fn missing(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Missing {
    let required = fields.get("required").and_then(|node| reader.boolean(node, "`required`"));
    let null = fields.get("null").and_then(|node| reader.choice(node, "`null`", &NULLS));
    let default = fields.get("default");
    useless_policy(reader, fields, required);
    let given =
        usize::from(required == Some(true)) + usize::from(null.is_some()) + usize::from(default.is_some());
    if given > 1 {
        let message = "`required`, `default` and `null` exclude each other";
        let at = fields.key_span(if default.is_some() { "default" } else { "null" });
        reader.report(
            Diagnostic::error(Code::ConflictingKeys, message, at).help(
                "say one thing about a missing value: it is a fault, or it has a default, or it is null",
            ),
        );
    }
    match (required, default, null) {
        (Some(true), _, _) => Missing::Required,
        (_, Some(node), _) => Missing::Default(node.clone()),
        (_, _, Some(Null::Keep)) => Missing::Null,
        _ => Missing::Omit,
    }
}

/// A policy for a value that cannot be missing, or one that asks for nothing.
fn useless_policy(reader: &mut Reader<'_>, fields: &Fields<'_>, required: Option<bool>) {
    if required == Some(false) {
        let message = "`required: false` has no effect: without a policy a missing value is left out";
        reader.report(Diagnostic::warning(Code::UselessKey, message, fields.key_span("required")));
    }
    let Some(source) = ["value", "list"].into_iter().find(|source| fields.has(source)) else { return };
    let what = if source == "value" { "a constant" } else { "a list" };
    for key in POLICIES.into_iter().filter(|key| fields.has(key)) {
        let message = format!("`{key}` has no effect: {what} is never missing");
        reader.report(Diagnostic::error(Code::UselessKey, message, fields.key_span(key)));
    }
}

/// The two words of the key `null`.
#[derive(Debug, Clone, Copy)]
enum Null {
    Omit,
    Keep,
}

fn source(reader: &mut Reader<'_>, fields: &Fields<'_>, target: &str) -> Option<Source> {
    let has = |name: &str| if name == "map" { Map::is_written(fields) } else { fields.has(name) };
    let given: Vec<&str> = SOURCES.into_iter().filter(|name| has(name)).collect();
    let kind = match given.as_slice() {
        [] if SOURCES.into_iter().any(|name| fields.misspells(name)) => return None,
        [] => {
            let message = format!("the rule of `{target}` does not say where the value comes from");
            let help = format!("it needs one of: {}", WRITTEN.join(", "));
            reader.report(Diagnostic::error(Code::MissingKey, message, fields.span).help(help));
            return None;
        }
        [kind] => *kind,
        [one, two] if let Some((main, _)) = PAIRS.into_iter().find(|pair| is_pair(*pair, (one, two))) => main,
        [first, second, ..] => {
            let second = if fields.has(second) { *second } else { "use" };
            let message = format!("`{first}` and `{second}` exclude each other");
            reader.report(Diagnostic::error(Code::ConflictingKeys, message, fields.key_span(second)));
            return None;
        }
    };
    for law in KEYS.laws {
        let Law::Needs { keys, owners } = law else { continue };
        for key in keys.iter().filter(|key| fields.has(key) && !owners.contains(&kind)) {
            let message = format!("`{key}` has no effect without `{}`", owners.join("` or `"));
            reader.report(Diagnostic::error(Code::UselessKey, message, fields.key_span(key)));
        }
    }
    read_source(reader, fields, kind, target)
}

fn is_pair(pair: (&str, &str), given: (&str, &str)) -> bool {
    given == pair || given == (pair.1, pair.0)
}

fn read_source(reader: &mut Reader<'_>, fields: &Fields<'_>, kind: &str, target: &str) -> Option<Source> {
    if kind == "map" {
        return Some(Source::Map {
            with: reader.scalar(fields, "with"),
            map: Map::read_from(reader, fields)?,
        });
    }
    let node = fields.get(kind)?;
    Some(match kind {
        "from" => Source::From(reader.expression(node, "`from`")?),
        "value" => Source::Value(node.clone()),
        "script" => Source::Script {
            name: reader.text(node, "`script`")?,
            args: expressions(reader, fields.get("args"), "`args`")?,
        },
        "copy" => Source::Copy {
            from: reader.expression(node, "`copy`")?,
            except: names(reader, fields.get("except"))?,
            map: Map::read_from(reader, fields),
        },
        "each" => Source::Each {
            items: reader.expression(node, "`each`")?,
            element: match fields.get("from") {
                _ if Map::is_written(fields) => Element::Map(Map::read_from(reader, fields)?),
                Some(from) => Element::From(reader.expression(from, "`from`")?),
                None => Element::Same,
            },
        },
        "list" => Source::List(rules(reader, node, "`list`", target)?),
        _ => Source::First(rules(reader, node, "`first`", target)?),
    })
}

/// Names of members: one level, no paths.
fn names(reader: &mut Reader<'_>, node: Option<&Node>) -> Option<Vec<Scalar>> {
    let Some(node) = node else { return Some(Vec::new()) };
    let items = reader.sequence(node, "`except`")?;
    items.iter().map(|item| reader.text(item, "a name in `except`")).collect()
}

/// All of them, or none where one could not be read.
fn expressions(reader: &mut Reader<'_>, node: Option<&Node>, what: &str) -> Option<Vec<Scalar>> {
    let Some(node) = node else { return Some(Vec::new()) };
    let items = reader.sequence(node, what)?;
    let read: Vec<_> = items.iter().filter_map(|item| reader.expression(item, what)).collect();
    (read.len() == items.len()).then_some(read)
}

fn rules(reader: &mut Reader<'_>, node: &Node, what: &str, target: &str) -> Option<Vec<Rule>> {
    let items = reader.sequence(node, what)?;
    if items.is_empty() && what == "`first`" {
        let diagnostic = Diagnostic::error(Code::EmptyValue, "`first` has no rules", node.span);
        reader.report(diagnostic.help("without a rule there is never a value"));
        return None;
    }
    Some(items.iter().filter_map(|item| Rule::read(reader, item, target)).collect())
}
