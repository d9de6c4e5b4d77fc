//! Functions over arrays: JMESPath's, and those that turn tables of values round.

use std::cmp::Ordering;

use bumpalo::collections::Vec as ArenaVec;

use crate::expression::binding::{Arguments, Body, Function, Plain, Type};
use crate::expression::eval::equal;
use crate::expression::{Error, Expr, Scope};
use crate::value::{Entry, Text, Value};

pub static FUNCTIONS: &[Function] = &[
    function("map", &[Type::Expression, Type::Array], map),
    function("max", &[Type::ArrayOfComparable], max),
    function("max_by", &[Type::Array, Type::Expression], max_by),
    function("min", &[Type::ArrayOfComparable], min),
    function("min_by", &[Type::Array, Type::Expression], min_by),
    function("pivot", &[Type::MaybeArray, Type::MaybeArray, Type::MaybeArray], pivot),
    function("reverse", &[Type::StringOrArray], reverse),
    function("sort", &[Type::ArrayOfComparable], sort),
    function("sort_by", &[Type::Array, Type::Expression], sort_by),
    function("to_array", &[Type::Any], to_array),
    function("unique", &[Type::MaybeArray], unique),
    Function {
        name: "zip",
        parameters: &[Type::MaybeArray, Type::MaybeArray],
        optional: 0,
        rest: Some(Type::MaybeArray),
        body: Body::Plain(zip),
    },
];

const fn function(name: &'static str, parameters: &'static [Type], body: Plain) -> Function {
    Function { name, parameters, optional: 0, rest: None, body: Body::Plain(body) }
}

fn elements<'a>(arguments: &Arguments<'_, 'a>, position: usize) -> &'a [Value<'a>] {
    arguments.array(position).unwrap_or_default()
}

/// `map(&expression, array)`: unlike a projection it keeps nulls.
fn map<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(expression) = arguments.expression(0) else { return Ok(Value::Null) };
    let mut mapped = scope.list();
    for element in elements(arguments, 1) {
        mapped.push(expression.eval(*element, scope)?);
    }
    Ok(Value::Array(mapped.into_bump_slice()))
}

/// Numbers by value, strings by code points; the caller has checked that all are of one kind.
fn order(left: &Value<'_>, right: &Value<'_>) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.compare(right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        _ => Ordering::Equal,
    }
}

/// Pays for comparing the values with each other: of strings the bytes are looked at.
fn pay_for_order<'a>(values: impl Iterator<Item = Value<'a>>, scope: &Scope<'a>) -> Result<(), Error> {
    let sizes = values.map(|value| value.as_text().map_or(1, |text| text.size() + 1));
    scope.pay(sizes.fold(0, usize::saturating_add))
}

fn max<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    pay_for_order(elements(arguments, 0).iter().copied(), scope)?;
    Ok(elements(arguments, 0).iter().copied().max_by(order).unwrap_or(Value::Null))
}

fn min<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    pay_for_order(elements(arguments, 0).iter().copied(), scope)?;
    Ok(elements(arguments, 0).iter().copied().min_by(order).unwrap_or(Value::Null))
}

/// Every element with its key; the keys must be all numbers or all strings.
fn keyed<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
) -> Result<ArenaVec<'a, (Value<'a>, Value<'a>)>, Error> {
    let mut keyed = ArenaVec::new_in(scope.arena);
    let Some(expression): Option<&'a Expr> = arguments.expression(1) else { return Ok(keyed) };
    let mut kind = None;
    for element in elements(arguments, 0) {
        let key = expression.eval(*element, scope)?;
        let fits = matches!(key, Value::Number(_) | Value::String(_))
            && *kind.get_or_insert(key.kind()) == key.kind();
        if !fits {
            return Err(arguments.type_error(1, "an expression that gives all numbers or all strings", key));
        }
        keyed.push((key, *element));
    }
    pay_for_order(keyed.iter().map(|(key, _)| *key), scope)?;
    Ok(keyed)
}

fn max_by<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let keyed = keyed(arguments, scope)?;
    Ok(keyed
        .iter()
        .max_by(|left, right| order(&left.0, &right.0))
        .map_or(Value::Null, |(_, element)| *element))
}

fn min_by<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let keyed = keyed(arguments, scope)?;
    Ok(keyed
        .iter()
        .min_by(|left, right| order(&left.0, &right.0))
        .map_or(Value::Null, |(_, element)| *element))
}

fn reverse<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    if let Some(text) = arguments.text(0, scope)? {
        scope.pay(text.len())?;
        let mut reversed = bumpalo::collections::String::with_capacity_in(text.len(), scope.arena);
        reversed.extend(text.chars().rev());
        return Ok(Value::string(reversed.into_bump_str()));
    }
    scope.pay(elements(arguments, 0).len())?;
    let mut reversed = scope.list();
    reversed.extend(elements(arguments, 0).iter().rev().copied());
    Ok(Value::Array(reversed.into_bump_slice()))
}

fn sort<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    pay_for_order(elements(arguments, 0).iter().copied(), scope)?;
    Ok(sorted(elements(arguments, 0).iter().map(|element| (*element, *element)), scope))
}

fn sort_by<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    Ok(sorted(keyed(arguments, scope)?.into_iter(), scope))
}

/// The elements in the order of their keys; those of equal keys stay as they stood.
fn sorted<'a>(keyed: impl Iterator<Item = (Value<'a>, Value<'a>)>, scope: &Scope<'a>) -> Value<'a> {
    // The library's stable sort takes memory from the heap.
    let mut placed = ArenaVec::from_iter_in(keyed.enumerate(), scope.arena);
    placed.sort_unstable_by(|(place, (left, _)), (other, (right, _))| {
        order(left, right).then(place.cmp(other))
    });
    let mut sorted = ArenaVec::with_capacity_in(placed.len(), scope.arena);
    sorted.extend(placed.into_iter().map(|(_, (_, element))| element));
    Value::Array(sorted.into_bump_slice())
}

fn to_array<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    Ok(match arguments.value(0) {
        array @ Value::Array(_) => array,
        other => Value::Array(scope.arena.alloc_slice_copy(&[other])),
    })
}

/// The elements without repeats, each where it came first.
fn unique<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(elements) = arguments.array(0) else { return Ok(Value::Null) };
    let mut kept = scope.list();
    'elements: for element in elements {
        for earlier in &kept {
            if equal(*earlier, *element, scope)? {
                continue 'elements;
            }
        }
        kept.push(*element);
    }
    Ok(Value::Array(kept.into_bump_slice()))
}

/// `pivot(rows, columns, matrix)`: every cell of a matrix as `{row, column, value}`. A matrix that has not the size its
/// headings say is an error: its cells would get wrong names.
fn pivot<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(matrix) = arguments.array(2) else { return Ok(Value::Null) };
    let (rows, columns) = (elements(arguments, 0), elements(arguments, 1));
    let fits = |row: &Value<'_>| row.as_array().is_some_and(|row| row.len() == columns.len());
    if matrix.len() != rows.len() || !matrix.iter().all(fits) {
        return Err(arguments.value_error("the matrix has not the size of its rows and columns"));
    }
    scope.pay(rows.len().saturating_mul(columns.len()))?;
    let mut cells = scope.list();
    for (row, values) in rows.iter().zip(matrix) {
        let values = values.as_array().unwrap_or_default();
        for (column, value) in columns.iter().zip(values) {
            let entry = |key, value| Entry { key: Text::plain(key), value };
            let cell = [entry("row", *row), entry("column", *column), entry("value", *value)];
            cells.push(Value::object(scope.arena, &cell));
        }
    }
    Ok(Value::Array(cells.into_bump_slice()))
}

/// `zip(a, b, ...)`: the first elements together, the second, ...; as long as the longest, with null for what is
/// missing: a matrix loses no cell.
fn zip<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let length = (0..arguments.count()).map(|at| elements(arguments, at).len()).max().unwrap_or(0);
    scope.pay(length.saturating_mul(arguments.count()))?;
    let mut rows = scope.list();
    for row in 0..length {
        let mut cells = scope.list();
        for at in 0..arguments.count() {
            cells.push(elements(arguments, at).get(row).copied().unwrap_or(Value::Null));
        }
        rows.push(Value::Array(cells.into_bump_slice()));
    }
    Ok(Value::Array(rows.into_bump_slice()))
}
