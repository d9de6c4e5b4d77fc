//! Elements by a key of theirs: grouped, indexed, summed, without repeats; and arrays in parts.

use bumpalo::collections::Vec as ArenaVec;

use super::decimals::{decimal, exact_sum, number};
use crate::expression::binding::{Arguments, Function, Type};
use crate::expression::{Error, Scope};
use crate::value::{Entry, Object, Text, Value};

pub static FUNCTIONS: &[Function] = &[
    Function::plain("chunk", &[Type::MaybeArray, Type::Number], 0, chunk),
    Function::plain("group_by", &[Type::MaybeArray, Type::Expression], 0, group_by),
    Function::plain("index_by", &[Type::MaybeArray, Type::Expression], 0, index_by),
    Function::plain("sum_of", &[Type::MaybeArray, Type::Expression], 0, sum_of),
    Function::plain("unique_by", &[Type::MaybeArray, Type::Expression], 0, unique_by),
];

/// Every element with its key, which is a scalar: 10 and "10" are the same, as in codes.
fn keyed<'a>(
    arguments: &Arguments<'_, 'a>,
    elements: &'a [Value<'a>],
    scope: &Scope<'a>,
) -> Result<ArenaVec<'a, (&'a str, Value<'a>)>, Error> {
    let mut keyed = ArenaVec::with_capacity_in(elements.len(), scope.arena);
    let Some(key) = arguments.expression(1) else { return Ok(keyed) };
    for element in elements {
        let key = scope.scalar(key.eval(*element, scope)?)?.ok_or_else(|| {
            arguments.value_error("the key of an element is not a string, a number or a boolean")
        })?;
        scope.pay(key.len())?;
        keyed.push((key, *element));
    }
    Ok(keyed)
}

/// The elements of one key: the place of the first of them, the key, and they themselves in their order.
type Group<'a> = (usize, &'a str, &'a [Value<'a>]);

/// The elements of each key together, the keys in the order in which they first come.
fn grouped<'a>(
    arguments: &Arguments<'_, 'a>,
    elements: &'a [Value<'a>],
    scope: &Scope<'a>,
) -> Result<ArenaVec<'a, Group<'a>>, Error> {
    let keyed = keyed(arguments, elements, scope)?;
    let placed = keyed.into_iter().enumerate().map(|(place, (key, element))| (key, place, element));
    let mut placed = ArenaVec::from_iter_in(placed, scope.arena);
    placed.sort_unstable_by_key(|(key, place, _)| (*key, *place));
    let mut groups = ArenaVec::new_in(scope.arena);
    for run in placed.chunk_by(|left, right| left.0 == right.0) {
        let Some((key, first, _)) = run.first() else { continue };
        let group = scope.arena.alloc_slice_fill_iter(run.iter().map(|(_, _, element)| *element));
        groups.push((*first, *key, &*group));
    }
    groups.sort_unstable_by_key(|(first, ..)| *first);
    Ok(groups)
}

/// `index_by(array, &key)`: an object of the elements by their keys. A key that comes twice is an error: an element
/// would be lost.
fn index_by<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(elements) = arguments.array(0) else { return Ok(Value::Null) };
    let keyed = keyed(arguments, elements, scope)?;
    let mut entries = ArenaVec::with_capacity_in(keyed.len(), scope.arena);
    entries.extend(keyed.iter().map(|(key, element)| Entry { key: Text::plain(key), value: *element }));
    let object = Object::build(scope.arena, &entries);
    if object.len() < entries.len() {
        return Err(arguments.value_error("two elements have the same key"));
    }
    Ok(Value::Object(object))
}

/// `group_by(array, &key)`: an object of arrays, the keys in the order in which they first come.
fn group_by<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(elements) = arguments.array(0) else { return Ok(Value::Null) };
    let groups = grouped(arguments, elements, scope)?;
    let entry = |(_, key, group)| Entry { key: Text::plain(key), value: Value::Array(group) };
    let entries = ArenaVec::from_iter_in(groups.into_iter().map(entry), scope.arena);
    Ok(Value::object(scope.arena, &entries))
}

/// The first element of each key.
fn unique_by<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(elements) = arguments.array(0) else { return Ok(Value::Null) };
    let mut kept = scope.list();
    kept.extend(grouped(arguments, elements, scope)?.iter().filter_map(|(_, _, group)| group.first()));
    Ok(Value::Array(kept.into_bump_slice()))
}

/// `sum_of(array, &amount)`. An element without its amount is an error: a sum that leaves one out is wrong.
fn sum_of<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let (Some(elements), Some(amount)) = (arguments.array(0), arguments.expression(1)) else {
        return Ok(Value::Null);
    };
    let mut total = rust_decimal::Decimal::ZERO;
    for element in elements {
        let amount = amount.eval(*element, scope)?;
        if !matches!(amount, Value::Number(_) | Value::String(_)) {
            return Err(arguments.type_error(1, "an expression that gives amounts", amount));
        }
        let term = decimal(arguments, amount, scope)?.unwrap_or_default();
        total = exact_sum(total, term).ok_or_else(|| arguments.value_error("the sum has too many digits"))?;
    }
    number(arguments, Some(total), scope)
}

/// `chunk(array, size)`: arrays of that many elements, the last one of what is left.
fn chunk<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(elements) = arguments.array(0) else { return Ok(Value::Null) };
    let Some(size) = arguments.size(1)?.filter(|size| *size > 0) else {
        return Err(arguments.value_error("the size of a chunk is 1 or more"));
    };
    scope.pay(elements.len())?;
    let mut chunks = scope.list();
    chunks.extend(elements.chunks(size).map(Value::Array));
    Ok(Value::Array(chunks.into_bump_slice()))
}
