//! From a document to a check. What it does not know is left to the library as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::members::{Members, Named};
use super::pattern::Pattern;
use super::{At, Check, Leaves, Node, Test, Types};
use crate::schema::document::Documents;

/// Keywords that assert something of one value, and look at nothing within it by another schema.
const LEAVES: [&str; 12] = [
    "dependentRequired",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxProperties",
    "maximum",
    "minItems",
    "minProperties",
    "minimum",
    "multipleOf",
    "uniqueItems",
];

/// Keywords that assert nothing here, or are read with another.
const SILENT: [&str; 19] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "additionalProperties",
    "default",
    "definitions",
    "deprecated",
    "description",
    "else",
    "example",
    "examples",
    "prefixItems",
    "readOnly",
    "required",
    "then",
    "title",
    "writeOnly",
];

/// So many are looked at for one that says the same.
const MAX_SIMPLE: usize = 64;
/// Schemas within each other, through references too.
const MAX_DEPTH: usize = 150;
/// Schemas that speak of one value, one through the other: each takes a frame of the stack.
const MAX_CHAIN: usize = 32;

/// The check of the file `name`; `None` where the library has to do it, or refuses something.
pub(in super::super) fn build(documents: &Documents, name: &str, leaves: &mut Leaves) -> Option<Check> {
    let (file, schema) = documents.resolve(name, "").ok()?;
    let (nodes, known, simple) = (Vec::new(), BTreeMap::new(), Vec::new());
    let mut building = Building { documents, leaves, nodes, known, simple, depth: 0 };
    building.node(file, schema)?;
    let check = Check { nodes: exact(building.nodes) };
    check.ends().then_some(check)
}

struct Building<'d, 'l> {
    documents: &'d Documents,
    leaves: &'l mut Leaves,
    nodes: Vec<Node>,
    /// By the address of the schema in its document.
    known: BTreeMap<usize, At>,
    /// Nodes that look at one value only: many say the same.
    simple: Vec<At>,
    depth: usize,
}

type Object = Map<String, Json>;

impl<'d> Building<'d, '_> {
    fn node(&mut self, file: &'d str, schema: &'d Json) -> Option<At> {
        let address = std::ptr::from_ref(schema).addr();
        if let Some(at) = self.known.get(&address) {
            return Some(*at);
        }
        if self.depth > MAX_DEPTH || !self.documents.is_plain(file) {
            return None;
        }
        let at = At::try_from(self.nodes.len()).ok()?;
        self.nodes.push(Node::default());
        self.known.insert(address, at);
        self.depth += 1;
        let tests = match schema {
            Json::Bool(true) => Vec::new(),
            Json::Bool(false) => vec![Test::Never],
            Json::Object(said) => self.tests(file, said)?,
            _ => return None,
        };
        self.depth -= 1;
        let known = self.known_by(at, &tests);
        match known {
            // Nothing within it, so that it is the last one.
            Some(_) if tests.iter().all(Test::is_simple) => drop(self.nodes.pop()),
            _ => *self.nodes.get_mut(at as usize)? = exact(tests),
        }
        self.known.insert(address, known.unwrap_or(at));
        Some(known.unwrap_or(at))
    }

    /// A node that is as good as this one: what it only refers to, or one that says the same.
    fn known_by(&mut self, at: At, tests: &[Test]) -> Option<At> {
        if let [Test::Also(other)] = tests {
            return Some(*other);
        }
        if at == 0 || !tests.iter().all(Test::is_simple) {
            return None;
        }
        let says = |known: &&At| self.nodes.get(**known as usize).is_some_and(|known| are_same(known, tests));
        let known = self.simple.iter().find(says).copied();
        if known.is_none() && self.simple.len() < MAX_SIMPLE {
            self.simple.push(at);
        }
        known
    }

    fn nodes(&mut self, file: &'d str, schemas: &'d Json) -> Option<Box<[At]>> {
        schemas.as_array()?.iter().map(|schema| self.node(file, schema)).collect()
    }

    fn tests(&mut self, file: &'d str, said: &'d Object) -> Option<Vec<Test>> {
        let (mut tests, mut within, mut leaf) = (Vec::new(), Vec::new(), Map::new());
        for (keyword, value) in said {
            match keyword.as_str() {
                "type" => tests.push(Test::Types(types(value)?)),
                "$ref" => {
                    let (file, target) = self.documents.resolve(file, value.as_str()?).ok()?;
                    within.push(Test::Also(self.node(file, target)?));
                }
                "allOf" => within.extend(self.nodes(file, value)?.into_iter().map(Test::Also)),
                "anyOf" => within.push(Test::Any(self.nodes(file, value)?)),
                "oneOf" => within.push(Test::One(self.nodes(file, value)?)),
                "not" => within.push(Test::Not(self.node(file, value)?)),
                "if" => within.push(self.conditional(file, said, value)?),
                "items" => within.push(self.elements(file, said, Some(value))?),
                "prefixItems" if !said.contains_key("items") => within.push(self.elements(file, said, None)?),
                "properties" => within.push(self.members(file, said)?),
                "required" | "additionalProperties" if !said.contains_key("properties") => {
                    // One of the two stands for both.
                    if keyword == "required" || !said.contains_key("required") {
                        within.push(self.members(file, said)?);
                    }
                }
                "minLength" | "maxLength" => {
                    if keyword == "minLength" || !said.contains_key("minLength") {
                        tests.push(length(said)?);
                    }
                }
                "enum" | "const" => match texts(listed(keyword, value)) {
                    Some(texts) => tests.push(Test::Listed(texts)),
                    None => drop(leaf.insert(keyword.clone(), value.clone())),
                },
                "pattern" => match value.as_str().and_then(Pattern::of) {
                    Some(pattern) => tests.push(Test::Pattern(pattern)),
                    None => drop(leaf.insert(keyword.clone(), value.clone())),
                },
                leaves if LEAVES.contains(&leaves) => drop(leaf.insert(keyword.clone(), value.clone())),
                silent if SILENT.contains(&silent) || silent.starts_with("x-") => {}
                _ => return None,
            }
        }
        if !leaf.is_empty() {
            tests.push(Test::Leaf(self.leaves.get(leaf)?));
        }
        tests.extend(within);
        Some(tests)
    }

    fn conditional(&mut self, file: &'d str, said: &'d Object, condition: &'d Json) -> Option<Test> {
        Some(Test::If {
            condition: self.node(file, condition)?,
            then: self.optional(file, said.get("then"))?,
            otherwise: self.optional(file, said.get("else"))?,
        })
    }

    fn elements(&mut self, file: &'d str, said: &'d Object, rest: Option<&'d Json>) -> Option<Test> {
        let first = match said.get("prefixItems") {
            Some(schemas) => self.nodes(file, schemas)?,
            None => Box::default(),
        };
        Some(Test::Elements { first, rest: self.optional(file, rest)? })
    }

    fn members(&mut self, file: &'d str, said: &'d Object) -> Option<Test> {
        let properties = said.get("properties").and_then(Json::as_object);
        let mut named = Vec::with_capacity(properties.map_or(0, Map::len));
        for (name, schema) in properties.into_iter().flatten() {
            named.push(Named { name: name.as_str().into(), required: false, at: self.node(file, schema)? });
        }
        let others = self.node(file, said.get("additionalProperties").unwrap_or(&ANYTHING))?;
        for name in said.get("required").and_then(Json::as_array).into_iter().flatten() {
            let name = name.as_str()?;
            match named.iter_mut().find(|named| *named.name == *name) {
                Some(named) => named.required = true,
                // That it is required does not make it one of the properties.
                None => named.push(Named { name: name.into(), required: true, at: others }),
            }
        }
        Some(Test::Members(Box::new(Members::new(named, others)?)))
    }

    fn optional(&mut self, file: &'d str, schema: Option<&'d Json>) -> Option<Option<At>> {
        schema.map_or(Some(None), |schema| self.node(file, schema).map(Some))
    }
}

/// Allocators leave what has become shorter where it is, up to half of it unused.
fn exact<T>(items: Vec<T>) -> Box<[T]> {
    let mut exact = Vec::with_capacity(items.len());
    exact.extend(items);
    exact.into()
}

static ANYTHING: Json = Json::Bool(true);

fn are_same(left: &[Test], right: &[Test]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.is_same(right))
}

fn types(value: &Json) -> Option<Types> {
    match value {
        Json::Array(names) => names.iter().try_fold(Types::NONE, |types, name| types.with(name.as_str()?)),
        name => Types::NONE.with(name.as_str()?),
    }
}

/// The values that are allowed by an `enum` or a `const`.
fn listed<'v>(keyword: &str, value: &'v Json) -> &'v [Json] {
    match value {
        Json::Array(values) if keyword == "enum" => values,
        value => std::slice::from_ref(value),
    }
}

/// The values of an `enum` or a `const`, where all are strings.
fn texts(values: &[Json]) -> Option<Box<[Box<str>]>> {
    values.iter().map(|value| value.as_str().map(Into::into)).collect()
}

fn length(said: &Object) -> Option<Test> {
    let of = |keyword: &str, default| match said.get(keyword) {
        Some(length) => u32::try_from(length.as_u64()?).ok(),
        None => Some(default),
    };
    Some(Test::Length { least: of("minLength", 0)?, most: of("maxLength", u32::MAX)? })
}

impl Check {
    /// Whether what speaks of one value comes to an end, and soon: a schema may be true if it is true.
    fn ends(&self) -> bool {
        let mut heights = vec![Height::Unknown; self.nodes.len()];
        (0..self.nodes.len()).all(|at| self.height(at, 0, &mut heights).is_some())
    }

    /// `depth` is how far it is from where we began.
    fn height(&self, at: usize, depth: usize, heights: &mut [Height]) -> Option<usize> {
        match heights.get(at)? {
            Height::Is(height) => return Some(*height),
            Height::Unknown if depth <= MAX_CHAIN => {}
            Height::Open | Height::Unknown => return None,
        }
        *heights.get_mut(at)? = Height::Open;
        let mut height = 0;
        for next in self.nodes.get(at)?.iter().flat_map(Test::of_the_same_value) {
            height = height.max(1 + self.height(next as usize, depth + 1, heights)?);
        }
        *heights.get_mut(at)? = Height::Is(height);
        Some(height).filter(|height| *height <= MAX_CHAIN)
    }
}

#[derive(Clone, Copy)]
enum Height {
    Unknown,
    /// It is being worked out.
    Open,
    Is(usize),
}

impl Test {
    /// Whether it looks at one value, and at nothing within it.
    fn is_simple(&self) -> bool {
        matches!(
            self,
            Self::Never
                | Self::Types(_)
                | Self::Listed(_)
                | Self::Length { .. }
                | Self::Pattern(_)
                | Self::Leaf(_)
        )
    }

    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Never, Self::Never) => true,
            (Self::Types(left), Self::Types(right)) => left == right,
            (Self::Listed(left), Self::Listed(right)) => left == right,
            (Self::Length { least, most }, Self::Length { least: other_least, most: other_most }) => {
                (least, most) == (other_least, other_most)
            }
            (Self::Pattern(left), Self::Pattern(right)) => left == right,
            (Self::Leaf(left), Self::Leaf(right)) => Arc::ptr_eq(left, right),
            _ => false,
        }
    }

    fn of_the_same_value(&self) -> Vec<At> {
        match self {
            Self::Also(at) | Self::Not(at) => vec![*at],
            Self::Any(nodes) | Self::One(nodes) => nodes.to_vec(),
            Self::If { condition, then, otherwise } => {
                [Some(*condition), *then, *otherwise].into_iter().flatten().collect()
            }
            Self::Never
            | Self::Types(_)
            | Self::Listed(_)
            | Self::Length { .. }
            | Self::Pattern(_)
            | Self::Leaf(_)
            | Self::Members(_)
            | Self::Elements { .. } => Vec::new(),
        }
    }
}
