//! Choosing between values.

use crate::expression::binding::{Arguments, Binding, Body, Bound, Function, Operand, Type};
use crate::expression::eval::is_true;
use crate::expression::{Error, Problem, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "coalesce",
        parameters: &[Type::Any],
        optional: 0,
        rest: Some(Type::Any),
        body: Body::Lazy(first_present),
    },
    Function::bound("fail", &[Type::String], 0, failure),
    Function {
        name: "if",
        parameters: &[Type::Any, Type::Any, Type::Any],
        optional: 1,
        rest: None,
        body: Body::Lazy(choose),
    },
    Function {
        name: "not_null",
        parameters: &[Type::Any],
        optional: 0,
        rest: Some(Type::Any),
        body: Body::Lazy(first_present),
    },
    Function::plain("to_boolean", &[Type::Any], 0, to_boolean),
    Function { name: "type", parameters: &[Type::Any], optional: 0, rest: None, body: Body::Plain(kind) },
];

/// The first argument that is not null; those after it are not looked at.
fn first_present<'a>(
    operands: &'a [Operand],
    node: Value<'a>,
    scope: &Scope<'a>,
) -> Result<Value<'a>, Error> {
    for operand in operands {
        let value = operand.eval(node, scope)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

/// `if(condition, then, else)`; without `else` it is null. What is not chosen is not evaluated: it could fail.
fn choose<'a>(operands: &'a [Operand], node: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let [condition, then, otherwise @ ..] = operands else { return Ok(Value::Null) };
    if is_true(condition.eval(node, scope)?) {
        return then.eval(node, scope);
    }
    otherwise.first().map_or(Ok(Value::Null), |otherwise| otherwise.eval(node, scope))
}

/// `fail(text)`: a fault of the author's own, in words that are written in the file.
#[derive(Debug)]
struct Fail(Box<str>);

fn failure(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    let text = binding.written(0, "a text")?.unwrap_or_default();
    Ok(Box::new(Fail(text.into())))
}

impl Bound for Fail {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
        Err(arguments.value_error(&*self.0))
    }
}

/// A boolean, or what the string `true` or `false` says; null is null.
fn to_boolean<'a>(arguments: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
    match arguments.value(0) {
        value @ (Value::Null | Value::Bool(_)) => Ok(value),
        Value::String(text) if text.is("true") => Ok(Value::Bool(true)),
        Value::String(text) if text.is("false") => Ok(Value::Bool(false)),
        Value::String(_) => Err(arguments.value_error("the text is neither `true` nor `false`")),
        other => Err(arguments.type_error(0, "a boolean, `true` or `false`", other)),
    }
}

fn kind<'a>(arguments: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
    Ok(Value::string(arguments.value(0).kind()))
}
