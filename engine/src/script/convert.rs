//! Values into a script and out of it, with their digits.

use std::borrow::Cow;

use rhai::{Dynamic, ImmutableString};
use rust_decimal::Decimal;

use super::limits::{MAX_DEPTH, MAX_ELEMENTS, MAX_STRING};
use crate::expression::{Error, Scope};
use crate::value::{Entry, Number, Text, Value};

const TOO_MUCH: Error = Error::Limit { what: "a script is given more than it may hold" };

/// Copies values for a script, within its limits: a computed value shares its parts, and a copy does not.
pub struct Copier<'s, 'a> {
    /// How many values and bytes of text the script may still be given.
    values: usize,
    bytes: usize,
    scope: &'s Scope<'a>,
}

impl<'s, 'a> Copier<'s, 'a> {
    pub fn new(scope: &'s Scope<'a>) -> Self {
        Self { values: MAX_ELEMENTS, bytes: MAX_STRING, scope }
    }

    pub fn copy(&mut self, value: Value<'_>, depth: usize) -> Result<Dynamic, Error> {
        let left = self.values.checked_sub(1).filter(|_| depth <= MAX_DEPTH);
        self.values = left.ok_or(TOO_MUCH)?;
        self.scope.pay(1)?;
        Ok(match value {
            Value::Null => Dynamic::UNIT,
            Value::Bool(truth) => truth.into(),
            Value::Number(number) => self.number(number)?,
            Value::String(text) => ImmutableString::from(self.text(text)?.as_ref()).into(),
            Value::Array(elements) => {
                let elements = elements.iter().map(|element| self.copy(*element, depth + 1));
                elements.collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Object(object) => {
                let mut map = rhai::Map::new();
                for entry in object.entries() {
                    map.insert(self.text(entry.key)?.as_ref().into(), self.copy(entry.value, depth + 1)?);
                }
                map.into()
            }
        })
    }

    fn text<'t>(&mut self, text: Text<'t>) -> Result<Cow<'t, str>, Error> {
        self.take(text.size())?;
        Ok(text.decode())
    }

    /// A number too long for a decimal is handed over as text, with all its digits.
    fn number(&mut self, number: Number<'_>) -> Result<Dynamic, Error> {
        let lexeme = number.as_str();
        self.take(lexeme.len())?;
        Ok(match lexeme.parse::<i64>() {
            Ok(whole) => whole.into(),
            Err(_) => match decimal(number) {
                Some(decimal) => decimal.into(),
                None => ImmutableString::from(lexeme).into(),
            },
        })
    }

    fn take(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(TOO_MUCH)?;
        self.scope.pay(bytes)
    }
}

/// All digits as they are, or nothing.
fn decimal(number: Number<'_>) -> Option<Decimal> {
    let lexeme = number.as_str();
    if let Ok(decimal) = Decimal::from_str_exact(lexeme) {
        return Some(decimal);
    }
    // `1.5e3`: the library rounds without a word.
    let decimal = Decimal::from_scientific(lexeme).ok()?;
    (Number::from_lexeme(&decimal.to_string())? == number).then_some(decimal)
}

/// What a script returned; the inner error says why JSON cannot hold it.
pub fn from_script<'a>(
    value: &Dynamic,
    scope: &Scope<'a>,
    depth: usize,
) -> Result<Result<Value<'a>, String>, Error> {
    let arena = scope.arena;
    scope.pay(1)?;
    if depth > MAX_DEPTH {
        return Ok(Err(format!("what it returned nests deeper than {MAX_DEPTH} levels")));
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        scope.pay(text.len())?;
        return Ok(Ok(Value::string(arena.alloc_str(&text))));
    }
    if let Ok(elements) = value.as_array_ref() {
        let mut copied = Vec::with_capacity(elements.len());
        for element in elements.iter() {
            match from_script(element, scope, depth + 1)? {
                Ok(element) => copied.push(element),
                wrong => return Ok(wrong),
            }
        }
        return Ok(Ok(Value::array(arena, &copied)));
    }
    if let Ok(map) = value.as_map_ref() {
        let mut entries = Vec::with_capacity(map.len());
        for (key, member) in map.iter() {
            scope.pay(key.len())?;
            match from_script(member, scope, depth + 1)? {
                Ok(value) => entries.push(Entry { key: Text::plain(arena.alloc_str(key)), value }),
                wrong => return Ok(wrong),
            }
        }
        return Ok(Ok(Value::object(arena, &entries)));
    }
    let json = || format!("it returned {}, which JSON cannot hold", kind(value));
    Ok(scalar(value, scope).ok_or_else(json))
}

fn scalar<'a>(value: &Dynamic, scope: &Scope<'a>) -> Option<Value<'a>> {
    let arena = scope.arena;
    if value.is_unit() {
        return Some(Value::Null);
    }
    if let Ok(truth) = value.as_bool() {
        return Some(Value::Bool(truth));
    }
    if let Ok(integer) = value.as_int() {
        return Some(Value::integer(arena, integer));
    }
    if let Ok(decimal) = value.as_decimal() {
        return Number::from_lexeme(arena.alloc_str(&decimal.to_string())).map(Value::Number);
    }
    let character = value.as_char().ok()?;
    Some(Value::string(arena.alloc_str(character.encode_utf8(&mut [0; 4]))))
}

fn kind(value: &Dynamic) -> &'static str {
    match value.is_fnptr() {
        true => "a function",
        false => "a range or another value of the language's own",
    }
}
