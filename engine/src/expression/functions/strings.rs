//! Functions over strings. Lengths and positions count characters, never bytes.

use crate::expression::binding::{Arguments, Body, Function, Plain, Type};
use crate::expression::{Error, Scope};
use crate::value::{Arena, Value};

/// A text that is made in the message's arena.
pub(super) type Made<'a> = bumpalo::collections::String<'a>;

/// No string a mapping makes is longer.
pub(super) const MAX_LENGTH: usize = 1 << 20;

pub(super) const TOO_LONG: Error = Error::Limit { what: "a computed string is too long" };

pub static FUNCTIONS: &[Function] = &[
    function("capitalize", &[Type::MaybeString], 0, |given, scope| on_text(given, scope, capitalized)),
    function("ends_with", &[Type::String, Type::String], 0, ends_with),
    function("find_first", &[Type::MaybeString, Type::String], 0, |given, scope| {
        found(given, scope, |text, part| text.find(part))
    }),
    function("find_last", &[Type::MaybeString, Type::String], 0, |given, scope| {
        found(given, scope, |text, part| text.rfind(part))
    }),
    function("join", &[Type::String, Type::ArrayOfStrings], 0, join),
    function("lower", &[Type::MaybeString], 0, lower),
    function("replace", &[Type::MaybeString, Type::String, Type::String, Type::Number], 1, replace),
    function("slice", &[Type::MaybeString, Type::Number, Type::Number], 1, slice),
    function("split", &[Type::MaybeString, Type::String, Type::Number], 1, split),
    function("starts_with", &[Type::String, Type::String], 0, starts_with),
    function("upper", &[Type::MaybeString], 0, upper),
];

const fn function(name: &'static str, parameters: &'static [Type], optional: usize, body: Plain) -> Function {
    Function { name, parameters, optional, rest: None, body: Body::Plain(body) }
}

/// A computed string as a value, within the limit.
pub(super) fn made<'a>(text: Made<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    within(text.into_bump_str(), scope)
}

/// The same of a text that is in the arena already.
pub(super) fn within<'a>(text: &'a str, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    if text.len() > MAX_LENGTH {
        return Err(TOO_LONG);
    }
    scope.pay(text.len())?;
    Ok(Value::string(text))
}

fn starts_with<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let (text, part) =
        (arguments.text(0, scope)?.unwrap_or_default(), arguments.text(1, scope)?.unwrap_or_default());
    Ok(Value::Bool(text.starts_with(part)))
}

fn ends_with<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let (text, part) =
        (arguments.text(0, scope)?.unwrap_or_default(), arguments.text(1, scope)?.unwrap_or_default());
    Ok(Value::Bool(text.ends_with(part)))
}

fn join<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let glue = arguments.text(0, scope)?.unwrap_or_default();
    let mut joined = Made::new_in(scope.arena);
    for (at, element) in arguments.array(1).unwrap_or_default().iter().enumerate() {
        if at > 0 {
            joined.push_str(glue);
        }
        if let Value::String(text) = element {
            scope.pay(glue.len() + text.size())?;
            joined.push_str(text.decode_in(scope.arena));
        }
        if joined.len() > MAX_LENGTH {
            return Err(TOO_LONG);
        }
    }
    Ok(Value::string(joined.into_bump_str()))
}

fn upper<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    on_text(arguments, scope, uppercase)
}

fn lower<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    on_text(arguments, scope, lowercase)
}

fn on_text<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    change: for<'t> fn(&str, &'t Arena) -> Made<'t>,
) -> Result<Value<'a>, Error> {
    match arguments.text(0, scope)? {
        Some(text) => made(change(text, scope.arena), scope),
        None => Ok(Value::Null),
    }
}

fn uppercase<'t>(text: &str, arena: &'t Arena) -> Made<'t> {
    let mut upper = Made::with_capacity_in(text.len(), arena);
    for char in text.chars() {
        match char {
            '\0'..='\x7f' => upper.push(char.to_ascii_uppercase()),
            // Most of what is not ASCII here, and one addition away.
            'а'..='я' => upper.push(char::from_u32(u32::from(char) - 0x20).unwrap_or(char)),
            'А'..='Я' | '«' | '»' => upper.push(char),
            _ => upper.extend(char.to_uppercase()),
        }
    }
    upper
}

fn lowercase<'t>(text: &str, arena: &'t Arena) -> Made<'t> {
    // A sigma's small form depends on where it stands: that is left to the library.
    if text.contains('Σ') {
        return Made::from_str_in(&text.to_lowercase(), arena);
    }
    let mut lower = Made::with_capacity_in(text.len(), arena);
    for char in text.chars() {
        match char {
            '\0'..='\x7f' => lower.push(char.to_ascii_lowercase()),
            'А'..='Я' => lower.push(char::from_u32(u32::from(char) + 0x20).unwrap_or(char)),
            'а'..='я' => lower.push(char),
            _ => lower.extend(char.to_lowercase()),
        }
    }
    lower
}

/// Each word with a large first letter, the others small.
fn capitalized<'t>(text: &str, arena: &'t Arena) -> Made<'t> {
    let mut capitalized = Made::with_capacity_in(text.len(), arena);
    let mut inside = false;
    for char in text.chars() {
        match inside {
            true => capitalized.extend(char.to_lowercase()),
            false => capitalized.extend(char.to_uppercase()),
        }
        inside = char.is_alphanumeric() || (inside && matches!(char, '\'' | '’'));
    }
    capitalized
}

/// The position of a part, in characters; null where it is not there.
fn found<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    find: fn(&str, &str) -> Option<usize>,
) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    let part = arguments.text(1, scope)?.unwrap_or_default();
    if part.is_empty() {
        return Err(arguments.value_error("the part to find is empty"));
    }
    scope.pay(text.len())?;
    let before = find(text, part).and_then(|at| text.get(..at));
    let position = before.and_then(|before| i64::try_from(before.chars().count()).ok());
    Ok(position.map_or(Value::Null, |position| Value::integer(scope.arena, position)))
}

fn replace<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    let (from, to) =
        (arguments.text(1, scope)?.unwrap_or_default(), arguments.text(2, scope)?.unwrap_or_default());
    if from.is_empty() {
        return Err(arguments.value_error("the part to replace is empty"));
    }
    let count = arguments.size(3)?.unwrap_or(usize::MAX);
    scope.pay(text.len())?;
    let growth = text.matches(from).count().min(count).saturating_mul(to.len());
    if text.len().saturating_add(growth) > MAX_LENGTH {
        return Err(TOO_LONG);
    }
    let mut replaced = Made::with_capacity_in(text.len(), scope.arena);
    for (at, part) in text.splitn(count.saturating_add(1), from).enumerate() {
        if at > 0 {
            replaced.push_str(to);
        }
        replaced.push_str(part);
    }
    made(replaced, scope)
}

/// `split(text, separator, count)`: at most at that many separators.
fn split<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    let separator = arguments.text(1, scope)?.unwrap_or_default();
    if separator.is_empty() {
        return Err(arguments.value_error("the separator is empty"));
    }
    let parts = arguments.size(2)?.map_or(usize::MAX, |count| count.saturating_add(1));
    scope.pay(text.len())?;
    let mut split = scope.list();
    split.extend(text.splitn(parts, separator).map(Value::string));
    Ok(Value::Array(split.into_bump_slice()))
}

/// `slice(text, from, to)`: the characters from `from` up to, not including, `to`; negative counts from the end.
fn slice<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    scope.pay(text.len())?;
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let bound = |position: usize, default: i64| {
        let given = arguments.number(position).map_or(Some(default), |number| number.as_i64());
        let at = given.ok_or_else(|| arguments.value_error("a position is a whole number"))?;
        Ok((if at < 0 { at.saturating_add(length) } else { at }).clamp(0, length))
    };
    let (from, to) = (bound(1, 0)?, bound(2, length)?);
    let byte = |position: i64| {
        let position = usize::try_from(position).unwrap_or_default();
        text.char_indices().nth(position).map_or(text.len(), |(at, _)| at)
    };
    Ok(Value::string(text.get(byte(from)..byte(to)).unwrap_or_default()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn letters_change_as_the_library_changes_them(text in "[ -~а-яёА-ЯЁßŉİΣσςǅ]*|.*") {
            let arena = Arena::new();
            prop_assert_eq!(&*uppercase(&text, &arena), text.to_uppercase());
            prop_assert_eq!(&*lowercase(&text, &arena), text.to_lowercase());
        }
    }
}
