//! Numbers as people write them: `1 234,56`.

use super::decimals::{decimal, digits, number, with_digits};
use super::moment::written;
use super::strings::Made;
use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Bound, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::{Arena, Value};

pub static FUNCTIONS: &[Function] = &[
    Function::bound(
        "format_number",
        &[Type::MaybeNumber, Type::Number, Type::String, Type::String],
        2,
        |binding| bind(binding, 2, format_number),
    ),
    Function::bound("parse_number", &[Type::MaybeString, Type::String, Type::String], 2, |binding| {
        bind(binding, 1, parse_number)
    }),
];

/// What stands before the fraction, and between thousands.
#[derive(Debug, Clone, Copy)]
struct Signs {
    decimal: char,
    group: Option<char>,
}

type Body = for<'x, 'a> fn(&Arguments<'x, 'a>, &Scope<'a>, Signs) -> Result<Value<'a>, Error>;

#[derive(Debug)]
struct Figures {
    signs: Signs,
    body: Body,
}

fn bind(binding: &Binding<'_>, position: usize, body: Body) -> Result<Box<dyn Bound>, Problem> {
    let decimal = sign(binding, position, "the decimal sign")?.unwrap_or('.');
    let group = sign(binding, position + 1, "the group sign")?;
    if group == Some(decimal) {
        let message = "the decimal sign and the group sign are the same";
        return Err(Problem::new(binding.span(position + 1), Code::BadValue, message));
    }
    Ok(Box::new(Figures { signs: Signs { decimal, group }, body }))
}

/// One character that is no part of a number; none where it is left out or empty.
fn sign(binding: &Binding<'_>, position: usize, what: &str) -> Result<Option<char>, Problem> {
    let Some(text) = binding.written(position, what)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(sign), None) if !sign.is_alphanumeric() && !matches!(sign, '-' | '+') => Ok(Some(sign)),
        _ => {
            let message = format!("{what} is one character, no letter, digit, plus or minus");
            Err(Problem::new(binding.span(position), Code::BadValue, message))
        }
    }
}

impl Bound for Figures {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        (self.body)(arguments, scope, self.signs)
    }
}

fn format_number<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    signs: Signs,
) -> Result<Value<'a>, Error> {
    let digits = digits(arguments, 1, 0)?;
    let Some(value) = decimal(arguments, arguments.value(0), scope)? else { return Ok(Value::Null) };
    let fixed = with_digits(arguments, value, digits, None)?
        .ok_or_else(|| arguments.value_error("the result has too many digits"))?;
    let plain = written(&fixed.abs(), scope.arena);
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let mut text = Made::new_in(scope.arena);
    if fixed.is_sign_negative() && !fixed.is_zero() {
        text.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if let Some(group) = signs.group.filter(|_| at > 0 && (whole.len() - at).is_multiple_of(3)) {
            text.push(group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(signs.decimal);
        text.push_str(fraction);
    }
    Ok(Value::string(text.into_bump_str()))
}

/// A number of the text's own digits. A blank between groups may be any blank: typesetters use narrow ones that do not
/// break.
fn parse_number<'a>(
    arguments: &Arguments<'_, 'a>,
    scope: &Scope<'a>,
    signs: Signs,
) -> Result<Value<'a>, Error> {
    let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
    scope.pay(text.len())?;
    let wrong = || arguments.value_error("the text is not a number that is written so");
    let plain = plain(text.trim(), signs, scope.arena).ok_or_else(wrong)?;
    let value = decimal(arguments, Value::string(plain), scope)?;
    number(arguments, value, scope)
}

/// The number as JSON writes it, or nothing when a group is not of three digits.
fn plain<'t>(text: &str, signs: Signs, arena: &'t Arena) -> Option<&'t str> {
    let (sign, unsigned) = match text.strip_prefix(['-', '−']) {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = match unsigned.split_once(signs.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let is_group_sign = |c: char| match signs.group {
        Some(sign) if sign.is_whitespace() => c.is_whitespace(),
        Some(sign) => c == sign,
        None => false,
    };
    let groups = || whole.split(is_group_sign);
    let (first, grouped) = (groups().next()?, groups().count() > 1);
    let fits = !grouped || (first.len() <= 3 && groups().skip(1).all(|group| group.len() == 3));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !fits || !groups().all(digits) || !fraction.is_none_or(digits) {
        return None;
    }
    let mut plain = Made::with_capacity_in(text.len() + 1, arena);
    plain.push_str(sign);
    plain.extend(groups().flat_map(str::chars).skip_while(|digit| *digit == '0'));
    if plain.len() == sign.len() {
        plain.push('0');
    }
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(fraction);
    }
    Some(plain.into_bump_str())
}
