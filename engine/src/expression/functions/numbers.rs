//! JMESPath's number functions. They compute in decimals: no sum of money goes through a float.

use rust_decimal::{Decimal, RoundingStrategy};

use super::decimals::{decimal, exact_sum, number};
use crate::expression::binding::{Arguments, Body, Function, Type};
use crate::expression::{Error, Scope};
use crate::value::{Number, Value};

pub static FUNCTIONS: &[Function] = &[
    Function { name: "abs", parameters: &[Type::Number], optional: 0, rest: None, body: Body::Plain(abs) },
    Function {
        name: "avg",
        parameters: &[Type::ArrayOfNumbers],
        optional: 0,
        rest: None,
        body: Body::Plain(avg),
    },
    Function { name: "ceil", parameters: &[Type::Number], optional: 0, rest: None, body: Body::Plain(ceil) },
    Function {
        name: "floor",
        parameters: &[Type::Number],
        optional: 0,
        rest: None,
        body: Body::Plain(floor),
    },
    Function {
        name: "sum",
        parameters: &[Type::ArrayOfNumbers],
        optional: 0,
        rest: None,
        body: Body::Plain(sum),
    },
    Function {
        name: "to_number",
        parameters: &[Type::Any],
        optional: 0,
        rest: None,
        body: Body::Plain(to_number),
    },
];

/// The absolute value, with the digits it came with.
fn abs<'a>(arguments: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
    let positive = arguments.number(0).and_then(|number| {
        let lexeme = number.as_str();
        Number::from_lexeme(lexeme.strip_prefix('-').unwrap_or(lexeme))
    });
    Ok(positive.map_or(Value::Null, Value::Number))
}

fn avg<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let count = arguments.array(0).map_or(0, <[Value<'_>]>::len);
    if count == 0 {
        return Ok(Value::Null);
    }
    let average =
        total(arguments, scope)?.checked_div(Decimal::from(count)).map(|average| average.normalize());
    number(arguments, average, scope)
}

fn sum<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let total = total(arguments, scope)?;
    number(arguments, Some(total), scope)
}

fn total<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Decimal, Error> {
    let mut total = Decimal::ZERO;
    for element in arguments.array(0).unwrap_or_default() {
        let term = decimal(arguments, *element, scope)?.unwrap_or_default();
        total = exact_sum(total, term).ok_or_else(|| arguments.value_error("the sum has too many digits"))?;
    }
    Ok(total)
}

fn ceil<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    whole(arguments, scope, RoundingStrategy::ToPositiveInfinity)
}

fn floor<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    whole(arguments, scope, RoundingStrategy::ToNegativeInfinity)
}

fn whole<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    strategy: RoundingStrategy,
) -> Result<Value<'a>, Error> {
    let rounded =
        decimal(arguments, arguments.value(0), scope)?.map(|value| value.round_dp_with_strategy(0, strategy));
    number(arguments, rounded, scope)
}

/// A number is itself, a numeric string becomes one with the same digits, anything else is null (JMESPath).
fn to_number<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    Ok(match arguments.value(0) {
        number @ Value::Number(_) => number,
        Value::String(text) => Number::from_lexeme(scope.decode(text)?).map_or(Value::Null, Value::Number),
        _ => Value::Null,
    })
}
