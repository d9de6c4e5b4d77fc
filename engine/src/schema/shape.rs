//! What a schema tells about paths, for checks before any message comes.

use serde_json::{Map, Value};

use super::document::Documents;

/// A shape looks at no more subschemas than this.
const BREADTH: usize = 512;

/// What is known about one value: all the subschemas that speak of it, through `$ref`, `allOf`,
/// `anyOf`, `oneOf`, `if`, `then` and `else`.
#[derive(Clone, Debug)]
pub struct Shape<'s> {
    documents: &'s Documents,
    nodes: Vec<Node<'s>>,
}

#[derive(Clone, Copy, Debug)]
struct Node<'s> {
    /// The file the subschema stands in.
    file: &'s str,
    schema: &'s Value,
    /// Whether the subschema holds whatever the value is: it is not one of alternatives.
    certain: bool,
}

/// The answer to "is there a member of this name?".
#[derive(Clone, Debug)]
pub enum Lookup<'s> {
    /// Yes, of this shape.
    Known(Shape<'s>),
    /// No: these are the names that are declared.
    Unknown {
        /// The declared names.
        known_names: Vec<&'s str>,
    },
    /// Perhaps: the schema allows any name here.
    Open,
}

impl<'s> Shape<'s> {
    /// The shape of a file, or of a part of it: `name#/$defs/x`.
    pub(super) fn root(documents: &'s Documents, name: &str) -> Option<Self> {
        let (file, fragment) = name.split_once('#').unwrap_or((name, ""));
        let (file, schema) = documents.resolve(file, &format!("#{fragment}")).ok()?;
        Some(Self::over(documents, vec![Node { file, schema, certain: true }]))
    }

    /// Looks through references and combinators. What was seen is not entered again, so cycles end.
    fn over(documents: &'s Documents, roots: Vec<Node<'s>>) -> Self {
        let mut nodes: Vec<Node<'s>> = Vec::new();
        let mut open = roots;
        open.reverse();
        while let Some(node) = open.pop().filter(|_| nodes.len() < BREADTH) {
            if nodes.iter().any(|seen| std::ptr::eq(seen.schema, node.schema)) {
                continue;
            }
            nodes.push(node);
            let mut next = node.alternatives(documents);
            next.reverse();
            open.extend(next);
        }
        Self { documents, nodes }
    }

    /// The member `name` of an object.
    #[must_use]
    pub fn field(&self, name: &str) -> Lookup<'s> {
        let declared = |node: Node<'s>| node.child(node.object("properties")?.get(name)?);
        let found: Vec<_> = self.nodes.iter().filter_map(|node| declared(*node)).collect();
        if !found.is_empty() {
            return Lookup::Known(self.to(found));
        }
        if !self.is_open() {
            return Lookup::Unknown { known_names: self.names() };
        }
        let mut members = self.children("additionalProperties");
        let patterns = self.nodes.iter().any(|node| node.schema.get("patternProperties").is_some());
        members.iter_mut().for_each(|node| node.certain &= !patterns);
        if members.is_empty() { Lookup::Open } else { Lookup::Known(self.to(members)) }
    }

    /// The elements of an array, all of them together; open when the schema says nothing.
    #[must_use]
    pub fn element(&self) -> Self {
        let mut elements = self.children("items");
        let mut tuples = false;
        for node in &self.nodes {
            for keyword in ["prefixItems", "items"] {
                let listed = node.schema.get(keyword).and_then(Value::as_array);
                tuples |= listed.is_some();
                elements.extend(listed.into_iter().flatten().filter_map(|item| node.child(item)));
            }
        }
        // Each of them is about one place only.
        elements.iter_mut().for_each(|node| node.certain &= !tuples);
        self.to(elements)
    }

    /// The values of an object that is a map; open when the schema says nothing.
    #[must_use]
    pub fn members(&self) -> Self {
        let mut members = self.children("additionalProperties");
        for node in &self.nodes {
            let patterns = node.object("patternProperties").into_iter().flat_map(Map::values);
            members.extend(patterns.filter_map(|schema| node.child(schema)));
        }
        // Each of them may be about some names only, and `properties` about others.
        members.iter_mut().for_each(|node| node.certain = false);
        self.to(members)
    }

    /// All that may speak of the member `name`: what is declared of it, else what is said of others, and what is said of names
    /// by a pattern, whatever the pattern.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        let declared = |node: &Node<'s>| node.child(node.object("properties")?.get(name)?);
        let mut nodes: Vec<_> = self.nodes.iter().filter_map(declared).collect();
        if nodes.is_empty() {
            nodes = self.children("additionalProperties");
            nodes.extend(self.children("unevaluatedProperties"));
        }
        for node in &self.nodes {
            let patterns = node.object("patternProperties").into_iter().flat_map(Map::values);
            nodes.extend(patterns.filter_map(|schema| node.child(schema)));
        }
        self.to(nodes)
    }

    /// Whether anything that speaks of the value marks it with `x-sensitive`.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.nodes.iter().any(|node| node.schema.get("x-sensitive") == Some(&Value::Bool(true)))
    }

    /// The declared names of members.
    #[must_use]
    pub fn names(&self) -> Vec<&'s str> {
        let properties = self.nodes.iter().filter_map(|node| node.object("properties"));
        distinct(properties.flat_map(Map::keys).map(String::as_str))
    }

    /// The names of members that every valid value has.
    #[must_use]
    pub fn required(&self) -> Vec<&'s str> {
        let certain = self.nodes.iter().filter(|node| node.certain);
        let lists = certain.filter_map(|node| node.schema.get("required")?.as_array());
        distinct(lists.flatten().filter_map(Value::as_str))
    }

    /// Whether members beyond the declared ones are foreseen: by `additionalProperties`,
    /// `unevaluatedProperties` or `patternProperties`, or because nothing at all is declared.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let opens = |node: &Node<'s>| {
            let allows = |keyword| node.schema.get(keyword).is_some_and(|value| *value != false);
            allows("additionalProperties")
                || allows("unevaluatedProperties")
                || node.object("patternProperties").is_some_and(|patterns| !patterns.is_empty())
        };
        if self.nodes.iter().any(opens) {
            return true;
        }
        let declares = self.nodes.iter().any(|node| node.object("properties").is_some());
        !declares && self.may_be("object")
    }

    /// Whether a value of this JSON type can be valid, as far as `type` keywords tell.
    #[must_use]
    pub fn may_be(&self, kind: &str) -> bool {
        let mut types = self.nodes.iter().filter_map(|node| node.schema.get("type")).peekable();
        types.peek().is_none()
            || types.any(|types| match types {
                Value::Array(types) => types.iter().any(|name| name == kind),
                name => name == kind,
            })
    }

    /// Whether no valid value has this JSON type; `number` stands for whole numbers too.
    #[must_use]
    pub fn excludes(&self, kind: &str) -> bool {
        let is = |name: &Value| name == kind || (kind == "number" && name == "integer");
        let allows = |node: &Node<'s>| match node.schema.get("type") {
            None => true,
            Some(Value::Array(types)) => types.iter().any(is),
            Some(name) => is(name),
        };
        let listed = |value: &&Value| match value {
            Value::Null => kind == "null",
            Value::Bool(_) => kind == "boolean",
            Value::Number(_) => kind == "number",
            Value::String(_) => kind == "string",
            Value::Array(_) => kind == "array",
            Value::Object(_) => kind == "object",
        };
        let lists = |node: &Node<'s>| node.values().is_none_or(|values| values.iter().any(listed));
        self.nodes.iter().filter(|node| node.certain).any(|node| !allows(node) || !lists(node))
    }

    /// All the values there can be, when the schema lists them.
    #[must_use]
    pub fn enum_values(&self) -> Option<Vec<&'s Value>> {
        let certain = self.nodes.iter().find(|node| node.certain && node.values().is_some());
        if let Some(node) = certain {
            return node.values();
        }
        let mut values = Vec::new();
        let alternatives = self.nodes.iter().filter(|node| !node.certain && !node.only_combines());
        for node in alternatives {
            values.extend(node.values()?);
        }
        Some(values).filter(|values| !values.is_empty())
    }

    fn children(&self, keyword: &str) -> Vec<Node<'s>> {
        let child = |node: &Node<'s>| node.child(node.schema.get(keyword).filter(|v| v.is_object())?);
        self.nodes.iter().filter_map(child).collect()
    }

    fn to(&self, nodes: Vec<Node<'s>>) -> Self {
        Self::over(self.documents, nodes)
    }
}

impl<'s> Node<'s> {
    fn object(&self, keyword: &str) -> Option<&'s Map<String, Value>> {
        self.schema.get(keyword)?.as_object()
    }

    /// A subschema about another value, which holds as far as this one does.
    #[allow(clippy::unnecessary_wraps, reason = "reads well in chains of options")]
    fn child(&self, schema: &'s Value) -> Option<Node<'s>> {
        Some(Node { schema, ..*self })
    }

    /// The subschemas that speak of the same value.
    fn alternatives(&self, documents: &'s Documents) -> Vec<Node<'s>> {
        let reference = self.schema.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|reference| documents.resolve(self.file, reference).ok());
        let mut found: Vec<_> =
            target.map(|(file, schema)| Node { file, schema, ..*self }).into_iter().collect();
        for (keyword, certain) in [("allOf", self.certain), ("anyOf", false), ("oneOf", false)] {
            let list = self.schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
            found.extend(list.map(|schema| Node { schema, certain, ..*self }));
        }
        let conditional = ["if", "then", "else"].into_iter().filter_map(|key| self.schema.get(key));
        found.extend(conditional.map(|schema| Node { schema, certain: false, ..*self }));
        found
    }

    /// Whether the subschema says nothing itself.
    fn only_combines(&self) -> bool {
        const SILENT: [&str; 7] = ["$ref", "allOf", "anyOf", "oneOf", "title", "description", "$comment"];
        let members = self.schema.as_object();
        members.is_some_and(|members| members.keys().all(|key| SILENT.contains(&key.as_str())))
    }

    fn values(&self) -> Option<Vec<&'s Value>> {
        if let Some(values) = self.schema.get("enum").and_then(Value::as_array) {
            return Some(values.iter().collect());
        }
        if let Some(value) = self.schema.get("const") {
            return Some(vec![value]);
        }
        (self.schema.get("type")? == "null").then(|| vec![&Value::Null])
    }
}

fn distinct<'s>(names: impl Iterator<Item = &'s str>) -> Vec<&'s str> {
    let mut distinct = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}
