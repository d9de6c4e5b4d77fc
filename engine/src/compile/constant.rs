//! YAML constants as JSON: numbers keep their digits, mappings their order.

use crate::document::{Kind, Node, Resolved};
use crate::value::{Arena, Constant, Entry, Number, Text, Value};

/// The constant that `node` writes.
pub fn constant(node: &Node) -> Constant {
    let arena = Arena::new();
    Constant::from_value(value(node, &arena))
}

fn value<'a>(node: &'a Node, arena: &'a Arena) -> Value<'a> {
    match &node.kind {
        Kind::Scalar(scalar) => match scalar.resolved {
            Resolved::Null => Value::Null,
            Resolved::Bool(truth) => Value::Bool(truth),
            Resolved::Number => Number::from_lexeme(&scalar.text).map_or(Value::Null, Value::Number),
            Resolved::String => Value::string(&scalar.text),
        },
        Kind::Sequence(items) => {
            let items: Vec<_> = items.iter().map(|item| value(item, arena)).collect();
            Value::array(arena, &items)
        }
        Kind::Mapping(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, node)| Entry { key: Text::plain(&key.value), value: value(node, arena) })
                .collect();
            Value::object(arena, &entries)
        }
    }
}
