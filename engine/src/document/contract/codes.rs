//! A code table as written.

use super::{Named, Unread, named};
use crate::document::{Fields, Key, Keys, Kind, Law, Node, Reader, Scalar, Shape};
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

/// Code tables by name: the whole of a `codes.yaml`.
pub const TABLES: Shape = Shape::Named(&Shape::Keys(&KEYS));

pub static KEYS: Keys = Keys {
    what: "a code table",
    laws: &[],
    keys: &[
        Key::required(
            "rows",
            "theirs: ours, or theirs: {ours, inbound_only, more columns}; or the name of a file",
        )
        .of(Shape::Either(&[Shape::Text, Shape::Named(&ROW_SHAPE)])),
        Key::new("columns", "what the columns hold: {name: text, number or boolean}")
            .of(Shape::Named(&Shape::Choice(&COLUMNS))),
        Key::new("covers", "an enumeration of which every value needs a row: schemas/x.json#/$defs/Y")
            .of(Shape::Either(&[Shape::Text, Shape::Keys(&COVERS)])),
        Key::new("inbound_only", "true: no row translates back").of(Shape::Boolean).or("false"),
        Key::new("unknown", "a code without a row: park, reject, keep, or {ours: CODE} or {theirs: CODE}")
            .of(Shape::Either(&[Shape::Choice(&POLICIES), Shape::Keys(&SUBSTITUTES)]))
            .or("reject"),
    ],
};

/// A code of ours, or a mapping with it and columns of the author's own.
const ROW_SHAPE: Shape = Shape::Either(&[Shape::Code, Shape::Open(&ROW, &Shape::Constant)]);

/// The keys of a row; the others are columns, and only where the row is compiled is a value looked at.
static ROW: Keys = Keys {
    what: "a row of a code table",
    laws: &[],
    keys: &[
        Key::new("ours", "our code; without one the code means nothing to us").of(Shape::Code),
        Key::new("inbound_only", "true: our code is not translated back to this row")
            .of(Shape::Boolean)
            .or("false"),
    ],
};

/// What becomes of a code without a row.
#[derive(Debug, Clone, Copy)]
pub enum Policy {
    Park,
    Reject,
    Keep,
}

pub const POLICIES: [(&str, Policy); 3] =
    [("park", Policy::Park), ("reject", Policy::Reject), ("keep", Policy::Keep)];

/// Codes that stand for those without a row.
pub static SUBSTITUTES: Keys = Keys {
    what: "`unknown`",
    laws: &[Law::Some(&["ours", "theirs", "use"]), Law::Excludes { key: "use", others: &["ours", "theirs"] }],
    keys: &[
        Key::new("ours", "our code that stands for all unknown codes of theirs").of(Shape::Value),
        Key::new("theirs", "their code that stands for all unknown codes of ours").of(Shape::Value),
        Key::new("use", "one code for both").of(Shape::Value),
    ],
};

static COVERS: Keys = Keys {
    what: "`covers`",
    laws: &[],
    keys: &[
        Key::new("ours", "our enumeration: schemas/x.json#/$defs/Y"),
        Key::new("theirs", "the partner's enumeration: schemas/x.json#/$defs/Y"),
    ],
};

const COLUMNS: [(&str, Column); 3] =
    [("text", Column::Text), ("number", Column::Number), ("boolean", Column::Boolean)];

impl Codes {
    /// Also the shape of the entries of `codes.yaml`.
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
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
            let Some(fields) = reader.fields(node, &COVERS) else { return Self::default() };
            return Self { ours: reader.scalar(&fields, "ours"), theirs: reader.scalar(&fields, "theirs") };
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
