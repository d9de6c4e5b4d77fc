//! What proves of a message who has sent it. It is worked out before anything of the message is believed.

use bumpalo::collections::Vec as ArenaVec;
use jiff::Timestamp;

use super::{World, json_or_null, scope};
use crate::expression::{Expression, Inbound, Scope};
use crate::fault::{Fault, Kind};
use crate::plan::auth::Signature;
use crate::value::{Arena, Object, Value};

/// A message's signatures. They are to be compared in constant time: what they must be is as good as a secret.
pub struct Signed<'a> {
    /// What came with the message; nothing where nothing did.
    pub given: &'a [&'a str],
    /// One of them must be one of these.
    pub is: &'a [&'a str],
    /// When it was signed, where that has to be told.
    pub at: Option<Timestamp>,
}

impl Signature {
    /// The signatures of a message: of its text as it came, and of the JSON that was made of it.
    ///
    /// # Errors
    /// An expression could not be worked out over this message.
    pub fn of<'a>(
        &'a self,
        (text, json): (&'a [u8], &'a [u8]),
        inbound: &'a Inbound,
        world: World<'a>,
        arena: &'a Arena,
    ) -> Result<Signed<'a>, Fault> {
        // Whether it is a message is told to those who may send one. A list of nothing would be nothing.
        let node = match json_or_null(json, arena) {
            Value::Null => Value::Object(Object::EMPTY),
            node => node,
        };
        let scope = scope(node, inbound, world, arena);
        scope.context.body.set(text);
        let given = texts(&self.given, node, &scope)?;
        if given.is_empty() {
            return Ok(Signed { given, is: &[], at: None });
        }
        let at = self.at.as_ref().map(|at| time(at, node, &scope)).transpose()?;
        Ok(Signed { given, is: texts(&self.is, node, &scope)?, at })
    }
}

/// One text, or a list of them. An empty one is none: it would be the same as another that is missing.
fn texts<'a>(expression: &'a Expression, node: Value<'a>, scope: &Scope<'a>) -> Result<&'a [&'a str], Fault> {
    let value = expression.eval(node, scope).map_err(|error| fault(expression, error.to_string()))?;
    let mut texts = ArenaVec::new_in(scope.arena);
    for value in value.as_array().unwrap_or(&[value]) {
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => texts.push(text.decode_in(scope.arena)),
            other => return Err(fault(expression, format!("a signature is a text, not {}", other.kind()))),
        }
    }
    Ok(texts.into_bump_slice())
}

fn time<'a>(expression: &'a Expression, node: Value<'a>, scope: &Scope<'a>) -> Result<Timestamp, Fault> {
    let value = expression.eval(node, scope).map_err(|error| fault(expression, error.to_string()))?;
    let seconds = value.scalar_text(scope.arena).and_then(|text| text.parse().ok());
    seconds
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or_else(|| fault(expression, "it tells no time in seconds since 1970".to_owned()))
}

fn fault(expression: &Expression, detail: String) -> Fault {
    Fault { source: Some(expression.text().into_owned()), ..Fault::new(Kind::Rule, detail) }
}
