//! A code table as written.

use super::{Named, Unread, named, text};
use crate::document::{Key, Node, Reader, Scalar};

/// A code table.
#[derive(Debug)]
pub struct Codes {
    pub covers: Option<Scalar>,
    pub rows: Named<Node>,
    pub unknown: Option<Node>,
}

const CODES: &[Key] = &[
    Key::new("covers", "an enumeration of which every value needs a row: schemas/x.json#/$defs/Y"),
    Key::required("rows", "theirs: ours, or theirs: {ours, inbound_only, more columns}"),
    Key::new("unknown", "a code without a row: park, reject, keep, or {ours: CODE} or {theirs: CODE}"),
];

impl Codes {
    /// Also the shape of the entries of `codes.yaml`.
    pub fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "a code table", CODES)?;
        let rows = fields.get("rows").and_then(|node| reader.mapping(node, "`rows`"))?;
        Some(Self {
            covers: text(reader, &fields, "covers"),
            rows: rows.to_vec(),
            unknown: fields.get("unknown").cloned(),
        })
    }

    /// All tables of a `codes.yaml`.
    pub fn read_file(reader: &mut Reader<'_>, node: &Node, unread: &mut Unread) -> Named<Self> {
        named(reader, Some(node), "a file of code tables", Self::read, unread)
    }
}
