//! References of the normalised form: `result` holds references, `fetchFields` the objects they mean.
//!
//! `deref('1', 'CurrencyTypeCatalog')` is a typed reference into a catalogue, `deref('Company:5d…')` an abstract one
//! that names its catalogue itself. A catalogue is an object of objects by id, or an array of objects with `id`.

use crate::expression::binding::{Arguments, Binding, Body, Bound, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "catalogue",
        parameters: &[Type::String],
        optional: 0,
        rest: None,
        body: Body::Plain(catalogue),
    },
    Function {
        name: "deref",
        parameters: &[Type::MaybeString, Type::String],
        optional: 1,
        rest: None,
        body: Body::Bound(bind),
    },
];

#[derive(Debug)]
struct Deref {
    /// The catalogue where the rule itself names it: one that the message names must not be told.
    constant: Option<Box<str>>,
}

fn bind(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    Ok(Box::new(Deref { constant: binding.constant_text(1).map(Into::into) }))
}

impl Bound for Deref {
    /// A null reference is null. A reference that leads nowhere is an error: the message is not whole.
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let Some(reference) = arguments.text(0, scope)? else { return Ok(Value::Null) };
        let (catalogue, id) = match arguments.text(1, scope)? {
            Some(catalogue) => (catalogue, strip_catalogue(reference, catalogue)),
            None => reference.split_once(':').ok_or_else(|| {
                arguments.value_error("the reference names no catalogue; name it as the second argument")
            })?,
        };
        let objects =
            fetched(scope).ok_or_else(|| arguments.value_error("the message has no `fetchFields`"))?;
        let object = match member(objects, catalogue) {
            Some(Value::Array(elements)) => by_id(elements, id, scope)?,
            Some(map) => member(map, id),
            None => None,
        };
        object.ok_or_else(|| {
            let place = self.constant.as_ref().map_or(String::new(), |catalogue| format!(".{catalogue}"));
            arguments
                .value_error(format!("`fetchFields{place}` does not hold the object that is referred to"))
        })
    }
}

/// All objects of a catalogue, in whichever form it came; none of one that is not there.
fn catalogue<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let objects = fetched(scope).ok_or_else(|| arguments.value_error("the message has no `fetchFields`"))?;
    let name = arguments.text(0, scope)?.unwrap_or_default();
    Ok(match member(objects, name) {
        Some(Value::Object(map)) => {
            scope.pay(map.entries().len())?;
            let mut objects = scope.list();
            objects.extend(map.entries().iter().map(|entry| entry.value));
            Value::Array(objects.into_bump_slice())
        }
        Some(list @ Value::Array(_)) => list,
        _ => Value::Array(&[]),
    })
}

/// An abstract reference is good where a typed one is expected, if it is of that type.
fn strip_catalogue<'r>(reference: &'r str, catalogue: &str) -> &'r str {
    reference.strip_prefix(catalogue).and_then(|rest| rest.strip_prefix(':')).unwrap_or(reference)
}

/// The `fetchFields` of the mapping's root or of the message: at the top, or up to two levels below it.
fn fetched<'a>(scope: &Scope<'a>) -> Option<Value<'a>> {
    search(scope.root, 2).or_else(|| search(scope.context.message.get(scope.arena)?, 2))
}

fn search(node: Value<'_>, depth: usize) -> Option<Value<'_>> {
    let Value::Object(object) = node else { return None };
    if let Some(found) = object.get("fetchFields") {
        return Some(found);
    }
    if depth == 0 {
        return None;
    }
    object.entries().iter().find_map(|entry| search(entry.value, depth - 1))
}

fn member<'a>(node: Value<'a>, name: &str) -> Option<Value<'a>> {
    match node {
        Value::Object(object) => object.get(name),
        _ => None,
    }
}

fn by_id<'a>(elements: &'a [Value<'a>], id: &str, scope: &Scope<'a>) -> Result<Option<Value<'a>>, Error> {
    scope.pay(elements.len())?;
    let found = elements
        .iter()
        .position(|element| matches!(member(*element, "id"), Some(Value::String(text)) if text.is(id)));
    Ok(found.and_then(|at| elements.get(at)).copied())
}
