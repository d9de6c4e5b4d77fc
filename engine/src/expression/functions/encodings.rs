//! Text written otherwise: hex, base64, percent-encoding, queries.

use base64::Engine as _;
use base64::alphabet;
use base64::display::Base64Display;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use bumpalo::collections::Vec as ArenaVec;

use super::strings::{MAX_LENGTH, Made, TOO_LONG, made, within};
use crate::expression::binding::{Arguments, Binding, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::{Arena, Entry, Object, Text, Value};

pub static FUNCTIONS: &[Function] = &[
    Function::plain("base64", &[Type::MaybeString], 0, |given, scope| encode(given, scope, Encoding::Base64)),
    Function::plain("base64_decode", &[Type::MaybeString], 0, |given, scope| {
        decode(given, scope, Encoding::Base64)
    }),
    Function::plain("base64url", &[Type::MaybeString], 0, |given, scope| {
        encode(given, scope, Encoding::Base64Url)
    }),
    Function::plain("base64url_decode", &[Type::MaybeString], 0, |given, scope| {
        decode(given, scope, Encoding::Base64Url)
    }),
    Function::plain("hex", &[Type::MaybeString], 0, |given, scope| encode(given, scope, Encoding::Hex)),
    Function::plain("hex_decode", &[Type::MaybeString], 0, |given, scope| {
        decode(given, scope, Encoding::Hex)
    }),
    Function::plain("parse_query", &[Type::MaybeString], 0, parse_query),
    Function::plain("to_query", &[Type::MaybeObject], 0, to_query),
    Function::plain("url_decode", &[Type::MaybeString], 0, url_decode),
    Function::plain("url_encode", &[Type::MaybeString], 0, url_encode),
];

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Hex,
    Base64,
    Base64Url,
}

/// What is written by others may have its padding or not.
const READING: GeneralPurposeConfig =
    general_purpose::PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, READING);
const BASE64URL: GeneralPurpose =
    GeneralPurpose::new(&alphabet::URL_SAFE, READING.with_encode_padding(false));

impl Encoding {
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("hex", Self::Hex), ("base64", Self::Base64), ("base64url", Self::Base64Url)];

    /// The encoding that a call names; hex where it names none.
    pub(super) fn written(binding: &Binding<'_>, position: usize) -> Result<Self, Problem> {
        Ok(binding.choice(position, "an encoding", &Self::WORDS)?.unwrap_or(Self::Hex))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
        }
    }

    fn write<'t>(self, bytes: &[u8], arena: &'t Arena) -> Made<'t> {
        let base64 = |engine| bumpalo::format!(in arena, "{}", Base64Display::new(bytes, engine));
        match self {
            Self::Hex => {
                let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(hex_digit);
                Made::from_iter_in(digits, arena)
            }
            Self::Base64 => base64(&BASE64),
            Self::Base64Url => base64(&BASE64URL),
        }
    }

    pub(super) fn read<'t>(self, text: &str, arena: &'t Arena) -> Option<&'t [u8]> {
        let base64 = |engine: GeneralPurpose| {
            let bytes = arena.alloc_slice_fill_copy(base64::decoded_len_estimate(text.len()), 0);
            let length = engine.decode_slice(text, bytes).ok()?;
            bytes.get(..length)
        };
        match self {
            Self::Hex => {
                let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
                let mut bytes = ArenaVec::with_capacity_in(pairs.len(), arena);
                for [high, low] in pairs {
                    bytes.push(nibble(*high)? << 4 | nibble(*low)?);
                }
                Some(bytes.into_bump_slice())
            }
            Self::Base64 => base64(BASE64),
            Self::Base64Url => base64(BASE64URL),
        }
    }

    /// Bytes of a known, small number as a value.
    pub(super) fn value<'a>(self, bytes: &[u8], scope: &Scope<'a>) -> Value<'a> {
        Value::string(self.write(bytes, scope.arena).into_bump_str())
    }
}

fn hex_digit(nibble: u8) -> Option<char> {
    char::from_digit(nibble.into(), 16)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn encode<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    encoding: Encoding,
) -> Result<Value<'a>, Error> {
    match arguments.text(0, scope)? {
        Some(text) => {
            scope.pay(text.len())?;
            made(encoding.write(text.as_bytes(), scope.arena), scope)
        }
        None => Ok(Value::Null),
    }
}

/// JSON has no bytes: what is not text stays encoded.
fn decode<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    encoding: Encoding,
) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    scope.pay(text.len())?;
    let bytes = encoding
        .read(text, scope.arena)
        .ok_or_else(|| arguments.value_error(format!("the text is not {}", encoding.name())))?;
    let decoded =
        str::from_utf8(bytes).map_err(|_| arguments.value_error("what is encoded is not UTF-8 text"))?;
    within(decoded, scope)
}

/// Every character but RFC 3986's unreserved ones as `%XX`: it is safe in a path, a query and a form.
fn percent(text: &str, encoded: &mut Made<'_>) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digits = [byte >> 4, byte & 15].into_iter().filter_map(hex_digit);
            encoded.push('%');
            encoded.extend(digits.map(|digit| digit.to_ascii_uppercase()));
        }
    }
}

/// The text, or nothing where an escape is broken or the bytes are not UTF-8.
fn without_percent<'t>(text: &str, plus_is_blank: bool, arena: &'t Arena) -> Option<&'t str> {
    let mut decoded = ArenaVec::with_capacity_in(text.len(), arena);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => nibble(bytes.next()?)? << 4 | nibble(bytes.next()?)?,
            b'+' if plus_is_blank => b' ',
            other => other,
        });
    }
    str::from_utf8(decoded.into_bump_slice()).ok()
}

const BROKEN: &str = "the text has a broken escape, or is not UTF-8";

fn url_encode<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    scope.pay(text.len())?;
    let mut encoded = Made::with_capacity_in(text.len(), scope.arena);
    percent(text, &mut encoded);
    made(encoded, scope)
}

fn url_decode<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    scope.pay(text.len())?;
    let decoded = without_percent(text, false, scope.arena);
    within(decoded.ok_or_else(|| arguments.value_error(BROKEN))?, scope)
}

/// `a=1&b=2` as an object of strings. A name that comes twice is an error: one of its values would be lost.
fn parse_query<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    scope.pay(text.len().saturating_mul(2))?;
    let mut entries = ArenaVec::new_in(scope.arena);
    for field in text.split('&').filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let decoded =
            |text| without_percent(text, true, scope.arena).ok_or_else(|| arguments.value_error(BROKEN));
        entries.push(Entry { key: Text::plain(decoded(name)?), value: Value::string(decoded(value)?) });
    }
    let object = Object::build(scope.arena, &entries);
    if object.len() < entries.len() {
        return Err(arguments.value_error("a name comes twice"));
    }
    Ok(Value::Object(object))
}

/// The members as `a=1&b=2`, in their order; those that are null are left out.
fn to_query<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Value::Object(object) = arguments.value(0) else { return Ok(Value::Null) };
    let mut query = Made::new_in(scope.arena);
    for entry in object.entries().iter().filter(|entry| !entry.value.is_null()) {
        let value = scope.scalar(entry.value)?.ok_or_else(|| {
            arguments.value_error("a member is an array or an object, which a query cannot hold")
        })?;
        scope.pay(entry.key.size().saturating_add(value.len()).saturating_add(1))?;
        if !query.is_empty() {
            query.push('&');
        }
        percent(scope.decode(entry.key)?, &mut query);
        query.push('=');
        percent(value, &mut query);
        if query.len() > MAX_LENGTH {
            return Err(TOO_LONG);
        }
    }
    made(query, scope)
}
