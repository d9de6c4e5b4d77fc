//! Choosing between values.

use crate::expression::binding::{Arguments, Body, Function, Type};
use crate::expression::eval::is_true;
use crate::expression::{Error, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "coalesce",
        parameters: &[Type::Any],
        optional: 0,
        rest: Some(Type::Any),
        body: Body::Plain(first_present),
    },
    Function {
        name: "if",
        parameters: &[Type::Any, Type::Any, Type::Any],
        optional: 1,
        rest: None,
        body: Body::Plain(choose),
    },
    Function {
        name: "not_null",
        parameters: &[Type::Any],
        optional: 0,
        rest: Some(Type::Any),
        body: Body::Plain(first_present),
    },
    Function { name: "type", parameters: &[Type::Any], optional: 0, rest: None, body: Body::Plain(kind) },
];

/// The first argument that is not null.
fn first_present<'a>(arguments: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
    Ok(arguments.values(0).find(|value| !value.is_null()).unwrap_or(Value::Null))
}

/// `if(condition, then, else)`; without `else` it is null.
fn choose<'a>(arguments: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
    Ok(arguments.value(if is_true(arguments.value(0)) { 1 } else { 2 }))
}

fn kind<'a>(arguments: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
    Ok(Value::string(arguments.value(0).kind()))
}
