//! What stands at the ends of a string: blanks, fillings, prefixes.

use bumpalo::collections::Vec as ArenaVec;

use super::strings::{MAX_LENGTH, Made, TOO_LONG, made};
use crate::expression::binding::{Arguments, Function, Type};
use crate::expression::{Error, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    Function::plain("pad", WIDENED, 1, |given, scope| pad(given, scope, "0", Side::Left)),
    Function::plain("pad_left", WIDENED, 1, |given, scope| pad(given, scope, " ", Side::Left)),
    Function::plain("pad_right", WIDENED, 1, |given, scope| pad(given, scope, " ", Side::Right)),
    Function::plain("trim", CUT, 1, |given, scope| {
        trim(given, scope, str::trim, |text, cut| text.trim_matches(cut))
    }),
    Function::plain("trim_left", CUT, 1, |given, scope| {
        trim(given, scope, str::trim_start, |text, cut| text.trim_start_matches(cut))
    }),
    Function::plain("trim_prefix", &[Type::MaybeString, Type::String], 0, |given, scope| {
        without(given, scope, |text, part| text.strip_prefix(part))
    }),
    Function::plain("trim_right", CUT, 1, |given, scope| {
        trim(given, scope, str::trim_end, |text, cut| text.trim_end_matches(cut))
    }),
    Function::plain("trim_suffix", &[Type::MaybeString, Type::String], 0, |given, scope| {
        without(given, scope, |text, part| text.strip_suffix(part))
    }),
];

const WIDENED: &[Type] = &[Type::MaybeString, Type::Number, Type::String];
const CUT: &[Type] = &[Type::MaybeString, Type::String];

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// `pad(text, width, fill)`: filled to `width` characters; a longer text stays.
fn pad<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    default: &str,
    side: Side,
) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    let width = arguments.size(1)?.unwrap_or_default();
    let mut fill = arguments.text(2, scope)?.unwrap_or(default).chars();
    let (Some(fill), None) = (fill.next(), fill.next()) else {
        return Err(arguments.value_error("the filling is one character"));
    };
    if width > MAX_LENGTH {
        return Err(TOO_LONG);
    }
    scope.pay(text.len())?;
    let missing = width.saturating_sub(text.chars().count());
    let filling = std::iter::repeat_n(fill, missing);
    let mut padded = Made::with_capacity_in(text.len() + missing * fill.len_utf8(), scope.arena);
    match side {
        Side::Left => {
            padded.extend(filling);
            padded.push_str(text);
        }
        Side::Right => {
            padded.push_str(text);
            padded.extend(filling);
        }
    }
    made(padded, scope)
}

/// Without blanks at an end, or without the characters that are named.
fn trim<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    blanks: fn(&str) -> &str,
    named: for<'t> fn(&'t str, &[char]) -> &'t str,
) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    let Some(cut) = arguments.text(1, scope)? else {
        scope.pay(text.len())?;
        return Ok(Value::string(blanks(text)));
    };
    let cut = ArenaVec::from_iter_in(cut.chars(), scope.arena);
    scope.pay(text.len().saturating_mul(cut.len()))?;
    Ok(Value::string(named(text, &cut)))
}

/// Without a part that stands at an end; a text that does not have it there stays.
fn without<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    strip: for<'t> fn(&'t str, &str) -> Option<&'t str>,
) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    let part = arguments.text(1, scope)?.unwrap_or_default();
    scope.pay(part.len())?;
    Ok(Value::string(strip(text, part).unwrap_or(text)))
}
