//! Functions over objects, and what is common to objects, arrays and strings.

use bumpalo::collections::Vec as ArenaVec;

use crate::expression::binding::{Arguments, Body, Function, Plain, Type};
use crate::expression::eval::equal;
use crate::expression::{Error, Scope};
use crate::value::{Entry, Object, Value};

pub static FUNCTIONS: &[Function] = &[
    function("contains", &[Type::StringOrArray, Type::Any], contains),
    function("index_by", &[Type::MaybeArray, Type::Expression], index_by),
    function("keys", &[Type::Object], keys),
    function("length", &[Type::StringOrArrayOrObject], length),
    Function {
        name: "merge",
        parameters: &[],
        optional: 0,
        rest: Some(Type::Object),
        body: Body::Plain(merge),
    },
    function("values", &[Type::Object], values),
];

const fn function(name: &'static str, parameters: &'static [Type], body: Plain) -> Function {
    Function { name, parameters, optional: 0, rest: None, body: Body::Plain(body) }
}

fn entries<'a>(value: Value<'a>) -> &'a [Entry<'a>] {
    match value {
        Value::Object(object) => object.entries(),
        _ => &[],
    }
}

fn contains<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let sought = arguments.value(1);
    if let Some(elements) = arguments.array(0) {
        for element in elements {
            if equal(*element, sought, scope)? {
                return Ok(Value::Bool(true));
            }
        }
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(match (arguments.text(0, scope)?, arguments.text(1, scope)?) {
        (Some(text), Some(part)) => {
            scope.pay(text.len())?;
            text.contains(part)
        }
        _ => false,
    }))
}

/// `index_by(array, &key)`: an object of the elements by their keys. A key that comes twice, or is no string, is an
/// error: an element would be lost.
fn index_by<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let (Some(elements), Some(key)) = (arguments.array(0), arguments.expression(1)) else {
        return Ok(Value::Null);
    };
    let mut entries = ArenaVec::with_capacity_in(elements.len(), scope.arena);
    for element in elements {
        let Value::String(key) = key.eval(*element, scope)? else {
            return Err(arguments.value_error("the key of an element is not a string"));
        };
        entries.push(Entry { key, value: *element });
    }
    let object = Object::build(scope.arena, &entries);
    if object.entries().len() < entries.len() {
        return Err(arguments.value_error("two elements have the same key"));
    }
    Ok(Value::Object(object))
}

fn keys<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    scope.pay(entries(arguments.value(0)).len())?;
    let mut keys = scope.list();
    keys.extend(entries(arguments.value(0)).iter().map(|entry| Value::String(entry.key)));
    Ok(Value::Array(keys.into_bump_slice()))
}

fn values<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    scope.pay(entries(arguments.value(0)).len())?;
    let mut values = scope.list();
    values.extend(entries(arguments.value(0)).iter().map(|entry| entry.value));
    Ok(Value::Array(values.into_bump_slice()))
}

/// Characters of a string, elements of an array, members of an object.
fn length<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let length = match arguments.value(0) {
        Value::String(text) => {
            scope.pay(text.size())?;
            text.char_count()
        }
        Value::Array(elements) => elements.len(),
        other => entries(other).len(),
    };
    Ok(Value::integer(scope.arena, i64::try_from(length).unwrap_or(i64::MAX)))
}

/// The members of all objects; of members with one name the last.
fn merge<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let mut merged = ArenaVec::new_in(scope.arena);
    for object in arguments.values(0) {
        scope.pay(entries(object).len())?;
        merged.extend_from_slice(entries(object));
    }
    Ok(Value::Object(Object::build(scope.arena, &merged)))
}
