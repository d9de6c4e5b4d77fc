//! Ids: fresh ones from the source of ids the caller gives, derived ones that are the same every time.

use uuid::Uuid;

use crate::expression::binding::{Arguments, Body, Function, Type};
use crate::expression::{Error, Scope};
use crate::value::Value;

pub static FUNCTIONS: &[Function] = &[
    Function { name: "uuid", parameters: &[Type::String], optional: 1, rest: None, body: Body::Plain(fresh) },
    Function {
        name: "uuid5",
        parameters: &[Type::String, Type::MaybeString],
        optional: 0,
        rest: None,
        body: Body::Plain(derived),
    },
    Function::plain("uuid7", &[], 0, ordered),
];

/// With a name it is the same one wherever the work on this message asks for it.
fn fresh<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let uuid = match arguments.text(0, scope)? {
        Some(name) => scope.context.named_id(name, scope.arena),
        None => scope.context.ids.uuid(),
    };
    Ok(text(uuid, scope))
}

/// An id that begins with the time of this message, so that ids sort as they were made (RFC 9562, 5.7). Its other bits
/// are those of a fresh id.
fn ordered<'a>(_: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let millis = u64::try_from(scope.context.now.as_millisecond()).unwrap_or_default();
    let fresh = scope.context.ids.uuid().into_bytes();
    let [_, _, _, _, _, _, random @ ..] = fresh;
    Ok(text(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid(), scope))
}

/// `uuid5(namespace, name)`: the namespace is a UUID, or one of `dns`, `url`, `oid`, `x500` (RFC 9562, 5.5).
fn derived<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Some(name) = arguments.text(1, scope)? else { return Ok(Value::Null) };
    let namespace = match arguments.text(0, scope)?.unwrap_or_default() {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other)
            .map_err(|_| arguments.value_error("the namespace is a UUID, or dns, url, oid or x500"))?,
    };
    Ok(text(Uuid::new_v5(&namespace, name.as_bytes()), scope))
}

fn text<'a>(uuid: Uuid, scope: &Scope<'a>) -> Value<'a> {
    Value::string(bumpalo::format!(in scope.arena, "{}", uuid).into_bump_str())
}
