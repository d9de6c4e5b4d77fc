//! Functions over objects, and what is common to objects, arrays and strings.

use bumpalo::collections::Vec as ArenaVec;

use crate::expression::binding::{Arguments, Body, Function, Plain, Type};
use crate::expression::eval::equal;
use crate::expression::{Error, Scope};
use crate::value::{Entry, Limits, Object, Value};

pub static FUNCTIONS: &[Function] = &[
    function("compact", &[Type::Any], compact),
    function("contains", &[Type::StringOrArray, Type::Any], contains),
    function("from_items", &[Type::MaybeArray], from_items),
    function("get", &[Type::MaybeObject, Type::Any], get),
    function("items", &[Type::MaybeObject], items),
    function("keys", &[Type::Object], keys),
    function("length", &[Type::StringOrArrayOrObject], length),
    Function {
        name: "merge",
        parameters: &[],
        optional: 0,
        rest: Some(Type::Object),
        body: Body::Plain(merge),
    },
    function("omit", &[Type::MaybeObject, Type::ArrayOfStrings], |given, scope| chosen(given, scope, false)),
    function("pick", &[Type::MaybeObject, Type::ArrayOfStrings], |given, scope| chosen(given, scope, true)),
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

/// `[[name, value], ...]`, in their order.
fn items<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Value::Object(object) = arguments.value(0) else { return Ok(Value::Null) };
    scope.pay(object.len().saturating_mul(2))?;
    let mut items = scope.list();
    items.extend(
        object
            .entries()
            .iter()
            .map(|entry| Value::array(scope.arena, &[Value::String(entry.key), entry.value])),
    );
    Ok(Value::Array(items.into_bump_slice()))
}

/// The object that `items` takes apart; of items with one name the last.
fn from_items<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(items) = arguments.array(0) else { return Ok(Value::Null) };
    scope.pay(items.len())?;
    let mut entries = ArenaVec::with_capacity_in(items.len(), scope.arena);
    for item in items {
        let Value::Array([Value::String(key), value]) = item else {
            return Err(arguments.value_error("an item is not an array of a name and a value"));
        };
        entries.push(Entry { key: *key, value: *value });
    }
    Ok(Value::object(scope.arena, &entries))
}

/// The member whose name is worked out; null where there is none.
fn get<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let name = match arguments.value(1) {
        Value::Null => return Ok(Value::Null),
        name => scope
            .scalar(name)?
            .ok_or_else(|| arguments.type_error(1, "a string, a number or a boolean", name))?,
    };
    Ok(arguments.value(0).get(name).unwrap_or(Value::Null))
}

/// The members with, or without, these names.
fn chosen<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>, named: bool) -> Result<Value<'a>, Error> {
    let Value::Object(object) = arguments.value(0) else { return Ok(Value::Null) };
    let names = arguments.array(1).unwrap_or_default().iter().filter_map(Value::as_text);
    let mut names = ArenaVec::from_iter_in(names, scope.arena);
    names.sort_unstable();
    scope.pay(object.len())?;
    let mut entries = ArenaVec::new_in(scope.arena);
    entries.extend(object.entries().iter().filter(|entry| names.binary_search(&entry.key).is_ok() == named));
    Ok(Value::object(scope.arena, &entries))
}

/// Without the members and elements that are null, at every depth.
fn compact<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    compacted(arguments.value(0), Limits::MAX_DEPTH, scope)
}

fn compacted<'a>(value: Value<'a>, depth: usize, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let inner = depth.checked_sub(1).ok_or(Error::Limit { what: "a value is nested too deeply" })?;
    match value {
        Value::Array(elements) => {
            scope.pay(elements.len())?;
            let mut kept = scope.list();
            for element in elements.iter().filter(|element| !element.is_null()) {
                kept.push(compacted(*element, inner, scope)?);
            }
            Ok(Value::Array(kept.into_bump_slice()))
        }
        Value::Object(object) => {
            scope.pay(object.len())?;
            let mut kept: ArenaVec<'a, Entry<'a>> = ArenaVec::new_in(scope.arena);
            for entry in object.entries().iter().filter(|entry| !entry.value.is_null()) {
                kept.push(Entry { key: entry.key, value: compacted(entry.value, inner, scope)? });
            }
            Ok(Value::object(scope.arena, &kept))
        }
        scalar => Ok(scalar),
    }
}
