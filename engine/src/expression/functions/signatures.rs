//! Canonical strings: what two partners make of one message in the same way, to hash or to sign it.

use crate::expression::binding::{Arguments, Function, Type};
use crate::expression::{Error, Scope};
use crate::value::Value;

use super::strings::{MAX_LENGTH, Made, TOO_LONG, made};

pub static FUNCTIONS: &[Function] =
    &[Function::plain("concat_sorted", &[Type::MaybeObject, Type::String, Type::String], 2, concat_sorted)];

/// `concat_sorted(object, after_name, after_value)`: its scalars in the order of their names, byte by byte. Without
/// `after_name` the values alone. Arrays, objects and nulls are left out: no two writers agree on their text.
fn concat_sorted<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Value::Object(object) = arguments.value(0) else { return Ok(Value::Null) };
    let after_name = arguments.text(1, scope)?;
    let after_value = arguments.text(2, scope)?.unwrap_or_default();
    let mut members = bumpalo::collections::Vec::new_in(scope.arena);
    for entry in object.entries() {
        scope.pay(entry.key.size().saturating_add(1))?;
        if let Some(text) = scope.scalar(entry.value)? {
            members.push((scope.decode(entry.key)?, text));
        }
    }
    members.sort_unstable_by_key(|(name, _)| *name);
    let mut joined = Made::new_in(scope.arena);
    for (name, text) in members {
        scope.pay(text.len())?;
        if let Some(after_name) = after_name {
            joined.push_str(name);
            joined.push_str(after_name);
        }
        joined.push_str(text);
        joined.push_str(after_value);
        if joined.len() > MAX_LENGTH {
            return Err(TOO_LONG);
        }
    }
    made(joined, scope)
}
