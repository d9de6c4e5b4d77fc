//! Exact decimals and money. The operands are numbers or numeric strings; a null operand gives null, so that the
//! rule says what a missing amount means.

use rust_decimal::{Decimal, RoundingStrategy};

use super::rounding::{self, HALF_UP};
use super::strings::Made;

use crate::expression::binding::{Arguments, Binding, Bound, Function, Plain, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::{Arena, Number, Value};

pub static FUNCTIONS: &[Function] = &[
    two("add", add),
    Function::plain("decimal", &[Type::MaybeNumber], 0, to_decimal),
    Function::bound(
        "div",
        &[Type::MaybeNumber, Type::MaybeNumber, Type::Number, Type::String],
        1,
        |binding| rounding(binding, 3, div),
    ),
    Function::bound("fixed", ROUNDED, 1, |binding| rounding(binding, 2, fixed)),
    Function::plain("major_units", &[Type::MaybeNumber, Type::Number], 1, major_units),
    Function::bound("minor_units", ROUNDED, 2, |binding| rounding(binding, 2, minor_units)),
    two("mul", mul),
    Function::bound("round", ROUNDED, 2, |binding| rounding(binding, 2, round)),
    two("sub", sub),
];

const ROUNDED: &[Type] = &[Type::MaybeNumber, Type::Number, Type::String];

const fn two(name: &'static str, body: Plain) -> Function {
    Function::plain(name, &[Type::MaybeNumber, Type::MaybeNumber], 0, body)
}

type Rounds =
    for<'x, 'a> fn(&Arguments<'x, 'a>, &Scope<'a>, Option<RoundingStrategy>) -> Result<Value<'a>, Error>;

/// A function whose last argument says how it rounds.
#[derive(Debug)]
struct Rounding {
    rounding: Option<RoundingStrategy>,
    body: Rounds,
}

fn rounding(binding: &Binding<'_>, position: usize, body: Rounds) -> Result<Box<dyn Bound>, Problem> {
    Ok(Box::new(Rounding { rounding: rounding::written(binding, position)?, body }))
}

impl Bound for Rounding {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        (self.body)(arguments, scope, self.rounding)
    }
}

/// The value as a decimal, from its own digits; `None` for null.
pub fn decimal<'a>(
    arguments: &Arguments<'_, 'a>,
    value: Value<'a>,
    scope: &Scope<'a>,
) -> Result<Option<Decimal>, Error> {
    let parsed = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => exact(number.as_str()),
        Value::String(text) => exact(scope.decode(text)?),
        other => return Err(arguments.type_error(0, "a number or a numeric string", other)),
    };
    match parsed {
        Some(decimal) => Ok(Some(decimal)),
        None => Err(arguments.value_error("the amount is not a number of at most 28 digits")),
    }
}

/// The digits as they are, or nothing: a decimal that had to be rounded is not the number that came.
fn exact(text: &str) -> Option<Decimal> {
    Number::from_lexeme(text)?;
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::from_str_exact(text).ok();
    };
    let mut decimal = Decimal::from_str_exact(mantissa).ok()?.normalize();
    if decimal.is_zero() {
        return Some(decimal);
    }
    let scale = i64::from(decimal.scale()) - exponent.parse::<i64>().ok()?;
    decimal.set_scale(u32::try_from(scale.max(0)).ok()?).ok()?;
    let shift = u32::try_from(scale.min(0).abs()).ok().filter(|shift| *shift <= Decimal::MAX_SCALE)?;
    decimal.checked_mul(power_of_ten(shift))
}

/// The sum with all its digits, or nothing: the crate drops the last ones where they do not fit.
pub fn exact_sum(left: Decimal, right: Decimal) -> Option<Decimal> {
    let needed = left.normalize().scale().max(right.normalize().scale());
    left.checked_add(right).filter(|sum| sum.scale() >= needed)
}

/// A computed number as a value; `None` is null where an operand was null, an overflow otherwise.
pub fn number<'a>(
    arguments: &Arguments<'_, 'a>,
    decimal: Option<Decimal>,
    scope: &Scope<'a>,
) -> Result<Value<'a>, Error> {
    let Some(decimal) = decimal else {
        return Err(arguments.value_error("the result has too many digits"));
    };
    // -0 is a number of floats, not of accounts.
    let decimal = if decimal.is_zero() { decimal.abs() } else { decimal };
    let lexeme = bumpalo::format!(in scope.arena, "{}", decimal).into_bump_str();
    Ok(Number::from_lexeme(lexeme).map_or(Value::Null, Value::Number))
}

type Operation = fn(Decimal, Decimal) -> Option<Decimal>;

fn binary<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    apply: Operation,
) -> Result<Value<'a>, Error> {
    let left = decimal(arguments, arguments.value(0), scope)?;
    let right = decimal(arguments, arguments.value(1), scope)?;
    match (left, right) {
        (Some(left), Some(right)) => number(arguments, apply(left, right), scope),
        _ => Ok(Value::Null),
    }
}

fn add<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    binary(arguments, scope, exact_sum)
}

fn sub<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    binary(arguments, scope, |left, right| exact_sum(left, -right))
}

/// Exact: a product that does not fit 28 digits is an error, not an approximation.
fn mul<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    binary(arguments, scope, |left, right| {
        let (left, right) = (left.normalize(), right.normalize());
        let product = left.checked_mul(right)?;
        let exact = product.scale() == left.scale() + right.scale() || left.is_zero() || right.is_zero();
        exact.then_some(product)
    })
}

/// `div(a, b, digits, rounding)`: with at most that many digits after the point.
fn div<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    rounding: Option<RoundingStrategy>,
) -> Result<Value<'a>, Error> {
    let digits = digits(arguments, 2, 0)?;
    let left = decimal(arguments, arguments.value(0), scope)?;
    let right = decimal(arguments, arguments.value(1), scope)?;
    let (Some(left), Some(right)) = (left, right) else { return Ok(Value::Null) };
    if right.is_zero() {
        return Err(arguments.value_error("division by zero"));
    }
    let quotient = rounding::divide(left, right, digits, rounding.unwrap_or(HALF_UP));
    number(arguments, quotient.map(|quotient| quotient.normalize()), scope)
}

/// `round(x)` to a whole number, `round(x, digits, rounding)`.
fn round<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    rounding: Option<RoundingStrategy>,
) -> Result<Value<'a>, Error> {
    let digits = digits(arguments, 1, 0)?;
    let Some(value) = decimal(arguments, arguments.value(0), scope)? else { return Ok(Value::Null) };
    let rounded = value.round_dp_with_strategy(digits, rounding.unwrap_or(HALF_UP));
    number(arguments, Some(rounded), scope)
}

/// `fixed(x, digits, rounding)`: with exactly that many digits after the point.
fn fixed<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    rounding: Option<RoundingStrategy>,
) -> Result<Value<'a>, Error> {
    let digits = digits(arguments, 1, 0)?;
    let Some(value) = decimal(arguments, arguments.value(0), scope)? else { return Ok(Value::Null) };
    number(arguments, with_digits(arguments, value, digits, rounding)?, scope)
}

/// The value with exactly so many digits after the point; `None` where it gets too many in all.
///
/// # Errors
/// A digit would be lost, and no rounding was asked for.
pub(super) fn with_digits(
    arguments: &Arguments<'_, '_>,
    value: Decimal,
    digits: u32,
    rounding: Option<RoundingStrategy>,
) -> Result<Option<Decimal>, Error> {
    let rounded = value.round_dp_with_strategy(digits, rounding.unwrap_or(HALF_UP));
    if rounding.is_none() && rounded != value {
        return Err(
            arguments.value_error(format!("the amount has more than {digits} digits after the point"))
        );
    }
    let mut fixed = rounded;
    fixed.rescale(digits);
    Ok((fixed.scale() == digits && fixed == rounded).then_some(fixed))
}

/// A number or numeric string as a number with the same digits.
fn to_decimal<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    match decimal(arguments, arguments.value(0), scope)? {
        Some(value) => number(arguments, Some(value), scope),
        None => Ok(Value::Null),
    }
}

/// Roubles to kopecks: `minor_units('12.30')` is 1230. A fraction of a minor unit is an error unless a rounding is named.
fn minor_units<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    rounding: Option<RoundingStrategy>,
) -> Result<Value<'a>, Error> {
    let digits = digits(arguments, 1, 2)?;
    if let Value::Number(amount) = arguments.value(0)
        && let Some(minor) = shifted(amount.as_str(), digits as usize, scope.arena)
    {
        return Ok(Value::Number(minor));
    }
    let Some(amount) = decimal(arguments, arguments.value(0), scope)? else { return Ok(Value::Null) };
    let amount = with_digits(arguments, amount.normalize(), digits, rounding)?;
    let minor = amount.and_then(|amount| amount.checked_mul(power_of_ten(digits)));
    number(arguments, minor.map(|minor| minor.normalize()), scope)
}

/// The number with its point so many places further to the right, where that takes no arithmetic: `12.5` and two places are
/// `1250`. `None` where there is more to it: an exponent, too many digits, a sign or a zero that would have to go.
fn shifted<'t>(lexeme: &'t str, places: usize, arena: &'t Arena) -> Option<Number<'t>> {
    let point = lexeme.bytes().position(|byte| byte == b'.').unwrap_or(lexeme.len());
    let (whole, fraction) = (lexeme.get(..point)?, lexeme.get(point + 1..).unwrap_or_default());
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.starts_with('0') || fraction.len() > places || whole.len() + places > 20 {
        return None;
    }
    if !(plain(whole) && plain(fraction)) {
        return None;
    }
    let mut shifted = Made::with_capacity_in(whole.len() + places, arena);
    shifted.push_str(whole);
    shifted.push_str(fraction);
    shifted.extend(std::iter::repeat_n('0', places - fraction.len()));
    Number::from_lexeme(shifted.into_bump_str())
}

/// Kopecks to roubles: `major_units(1230)` is 12.30.
fn major_units<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let digits = digits(arguments, 1, 2)?;
    let Some(minor) = decimal(arguments, arguments.value(0), scope)? else { return Ok(Value::Null) };
    let minor = minor.normalize();
    if minor.scale() > 0 {
        return Err(arguments.value_error("minor units are a whole number"));
    }
    let mut amount = minor;
    if amount.set_scale(digits).is_err() {
        return Err(arguments.value_error("the result has too many digits"));
    }
    number(arguments, Some(amount), scope)
}

pub(super) fn digits(arguments: &Arguments<'_, '_>, position: usize, default: u32) -> Result<u32, Error> {
    match arguments.size(position)? {
        None => Ok(default),
        Some(digits) => u32::try_from(digits)
            .ok()
            .filter(|digits| *digits <= Decimal::MAX_SCALE)
            .ok_or_else(|| arguments.value_error("at most 28 digits after the point")),
    }
}

fn power_of_ten(exponent: u32) -> Decimal {
    (0..exponent).fold(Decimal::ONE, |power, _| power * Decimal::TEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        exact(text).unwrap_or_else(|| panic!("{text} is exact"))
    }

    #[test]
    fn what_does_not_fit_is_not_rounded() {
        let large = decimal("1234567890123456789012345678");
        assert_eq!(exact_sum(large, decimal("0.12")), None);
        assert_eq!(
            exact_sum(large, decimal("0.5")).map(|sum| sum.to_string()).as_deref(),
            Some("1234567890123456789012345678.5")
        );
        assert_eq!(exact("1.23456789012345678901234567894e1"), None);
        assert_eq!(exact("0.00000000000000000000000000001"), None);
    }

    #[test]
    fn a_point_moves_without_arithmetic_where_it_can() {
        let arena = Arena::new();
        for (amount, minor) in [
            ("12.5", "1250"),
            ("7", "700"),
            ("12.34", "1234"),
            ("123456789012345678", "12345678901234567800"),
        ] {
            assert_eq!(shifted(amount, 2, &arena).map(|number| number.as_str()), Some(minor));
        }
        for amount in ["0.5", "0", "-1", "1e2", "1.5E1", "1.234", "1234567890123456789"] {
            assert!(shifted(amount, 2, &arena).is_none(), "{amount}");
        }
    }

    #[test]
    fn exponents_move_the_point() {
        for (text, plain) in [("1.5e3", "1500"), ("1.5E-3", "0.0015"), ("0e999", "0"), ("-2e0", "-2")] {
            assert_eq!(decimal(text).to_string(), plain);
        }
        assert_eq!(exact("1e40"), None);
        assert_eq!(exact("1e-40"), None);
    }
}
