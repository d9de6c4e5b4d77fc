//! A code table as written.

use super::{Named, Unread, named, text};
use crate::document::{Fields, Key, Kind, Node, Reader, Scalar};
use crate::source::Spanned;

/// A code table.
#[derive(Debug)]
pub struct Codes {
    pub covers: Covers,
    pub columns: Vec<(Spanned<String>, Column)>,
    pub rows: Rows,
    /// No row translates back.
    pub inbound_only: bool,
    pub unknown: Option<Node>,
}

/// Where the rows are.
#[derive(Debug)]
pub enum Rows {
    Here(Named<Node>),
    /// In a file of the same folder.
    File(Scalar),
}

/// The enumerations of which every value needs a row.
#[derive(Debug, Default)]
pub struct Covers {
    pub ours: Option<Scalar>,
    pub theirs: Option<Scalar>,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Text,
    Number,
    Boolean,
}

pub const KEYS: &[Key] = &[
    Key::required(
        "rows",
        "theirs: ours, or theirs: {ours, inbound_only, more columns}; or the name of a file",
    ),
    Key::new("columns", "what the columns hold: {name: text, number or boolean}"),
    Key::new("covers", "an enumeration of which every value needs a row: schemas/x.json#/$defs/Y"),
    Key::new("inbound_only", "true: no row translates back"),
    Key::new("unknown", "a code without a row: park, reject, keep, or {ours: CODE} or {theirs: CODE}"),
];

const COVERS: &[Key] = &[
    Key::new("ours", "our enumeration: schemas/x.json#/$defs/Y"),
    Key::new("theirs", "the partner's enumeration: schemas/x.json#/$defs/Y"),
];

const COLUMNS: [(&str, Column); 3] =
    [("text", Column::Text), ("number", Column::Number), ("boolean", Column::Boolean)];

impl Codes {
    /// Also the shape of the entries of `codes.yaml`.
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a code table", KEYS)?;
        let inbound_only = fields.get("inbound_only").and_then(|node| reader.boolean(node, "`inbound_only`"));
        Some(Self {
            covers: fields.get("covers").map(|node| Covers::read(reader, node)).unwrap_or_default(),
            columns: columns(reader, &fields),
            inbound_only: inbound_only.unwrap_or_default(),
            unknown: fields.get("unknown").cloned(),
            rows: Rows::read(reader, fields.get("rows")?)?,
        })
    }

    /// All tables of a `codes.yaml`.
    pub fn read_file(reader: &mut Reader<'_>, node: &Node, unread: &mut Unread) -> Named<Self> {
        named(reader, Some(node), "a file of code tables", Self::read, unread)
    }
}

impl Rows {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Scalar(_) => reader.text(node, "`rows`").map(Self::File),
            Kind::Mapping(_) => Some(Self::Here(reader.mapping(node, "`rows`")?.to_vec())),
            Kind::Sequence(_) => reader.wrong(node, "`rows`", "a mapping or the name of a file"),
        }
    }
}

impl Covers {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Self {
        if matches!(node.kind, Kind::Mapping(_)) {
            let Some(fields) = reader.fields(node, "`covers`", COVERS) else { return Self::default() };
            return Self { ours: text(reader, &fields, "ours"), theirs: text(reader, &fields, "theirs") };
        }
        Self { ours: reader.text(node, "`covers`"), theirs: None }
    }
}

fn columns(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<(Spanned<String>, Column)> {
    let entries = fields.get("columns").and_then(|node| reader.mapping(node, "`columns`"));
    let read = |(name, node): &(Spanned<String>, Node)| {
        let kind = reader.choice(node, &format!("the column `{}`", name.value), &COLUMNS)?;
        Some((name.clone(), kind))
    };
    entries.unwrap_or_default().iter().filter_map(read).collect()
}
