//! Mappings that several rules use: the `mappings.yaml` of a partner. A use is as though the rows stood in its place.

use super::rule::{Map, RULE};
use super::{Fields, Node, Reader, Shape};
use crate::diagnostic::{Code, Diagnostic, suggestion};
use crate::source::Spanned;

/// The shape of the document.
pub static MAPPINGS: Shape = Shape::Named(&Shape::Named(&RULE));

/// The named mappings of one partner.
#[derive(Debug, Default)]
pub struct Shared {
    mappings: Vec<Definition>,
    /// Whether not all of them could be read.
    partial: bool,
}

#[derive(Debug)]
struct Definition {
    name: Spanned<String>,
    node: Node,
}

impl Shared {
    pub(super) const fn none() -> Self {
        Self { mappings: Vec::new(), partial: false }
    }

    /// The names of the document; `None` stands for one that could not be parsed.
    pub fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Self {
        let entries = node.and_then(|node| reader.mapping(node, "`mappings.yaml`"));
        let mut shared = Self { partial: entries.is_none(), ..Self::default() };
        for (name, node) in entries.unwrap_or_default() {
            reader.check_name(name);
            shared.mappings.push(Definition { name: name.clone(), node: node.clone() });
        }
        shared
    }

    /// Reads all of them, so that what is wrong with one is told where nothing uses it as well.
    pub fn check(&self, reader: &mut Reader<'_>) {
        for definition in &self.mappings {
            let _ = Map::read(reader, &definition.node);
        }
    }

    /// Those that nothing has used which the reader has read.
    pub fn unused<'s>(&'s self, reader: &'s Reader<'_>) -> impl Iterator<Item = &'s Spanned<String>> {
        let names = self.mappings.iter().map(|definition| &definition.name);
        names.filter(|name| !reader.used.contains(&name.span))
    }

    fn find(&self, name: &str) -> Option<&Definition> {
        self.mappings.iter().find(|definition| definition.name.value == name)
    }
}

impl Map {
    /// Whether rows are written among the keys, here or by the name of a shared mapping.
    pub fn is_written(fields: &Fields<'_>) -> bool {
        fields.has("map") || fields.has("use")
    }

    /// The rows of the shared mapping under `use`, and those of `map`: one with the same target replaces the shared one.
    pub fn read_from(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let shared = fields.has("use").then(|| Self::used(reader, fields));
        let own = fields.get("map").map(|node| Self::read(reader, node));
        match (shared, own) {
            (Some(shared), Some(own)) => Some(shared?.with(own?)),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => None,
        }
    }

    fn used(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let name = reader.scalar(fields, "use")?;
        let shared = reader.shared;
        let Some(definition) = shared.find(&name.text) else {
            if !shared.partial {
                let known = shared.mappings.iter().map(|definition| definition.name.value.as_str());
                let help = suggestion(&name.text, known);
                let help =
                    help.unwrap_or_else(|| "it is a name in the mappings.yaml of this partner".to_owned());
                let message = format!("there is no shared mapping `{}`", name.text);
                reader.report(Diagnostic::error(Code::UnknownMapping, message, name.span).help(help));
            }
            return None;
        };
        reader.used.insert(definition.name.span);
        if reader.using.contains(&definition.name.span) {
            let message = format!("the shared mapping `{}` uses itself", name.text);
            reader.report(Diagnostic::error(Code::TooDeep, message, name.span));
            return None;
        }
        reader.using.push(definition.name.span);
        let map = Self::read(reader, &definition.node);
        reader.using.pop();
        map
    }

    fn with(mut self, own: Self) -> Self {
        self.whole &= own.whole;
        for (target, rule) in own.rows {
            match self.rows.iter_mut().find(|(known, _)| known.value == target.value) {
                Some(row) => *row = (target, rule),
                None => self.rows.push((target, rule)),
            }
        }
        self
    }
}
