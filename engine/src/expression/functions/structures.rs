//! JSON within a string: partners wrap one document into another.

use super::strings::{MAX_LENGTH, Made, TOO_LONG, made};
use crate::expression::binding::{Arguments, Function, Type};
use crate::expression::{Error, Scope};
use crate::value::{Limits, Value, read};

pub static FUNCTIONS: &[Function] = &[
    Function::plain("parse_json", &[Type::MaybeString], 0, parse_json),
    Function::plain("to_json", &[Type::Any], 0, to_json),
    Function::plain("to_string", &[Type::Any], 0, to_string),
];

/// The value that a text writes, with the digits it has there.
fn parse_json<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    scope.pay(text.len())?;
    read(text.as_bytes(), scope.arena, &Limits::default())
        .map_err(|error| arguments.value_error(format!("the text is not JSON: {error}")))
}

fn to_json<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    match arguments.value(0) {
        Value::Null => Ok(Value::Null),
        value => json(value, scope),
    }
}

/// A string is itself; anything else its JSON text.
fn to_string<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    match arguments.value(0) {
        text @ Value::String(_) => Ok(text),
        other => json(other, scope),
    }
}

fn json<'a>(value: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let mut json = bumpalo::collections::Vec::new_in(scope.arena);
    value.write_json_within(MAX_LENGTH, Limits::MAX_DEPTH, &mut json).map_err(|_| TOO_LONG)?;
    made(Made::from_utf8_lossy_in(&json, scope.arena), scope)
}
