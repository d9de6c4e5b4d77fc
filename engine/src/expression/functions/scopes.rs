//! What is in scope beside the current node.

use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Body, Bound, Function, Plain, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::{Entry, Object, Text, Value};

pub static FUNCTIONS: &[Function] = &[
    none("answer", |_, scope| Ok(scope.context.answer)),
    none("body", body),
    none("current", |_, scope| Ok(scope.current)),
    part("header", header),
    none("index", index),
    none("message", |_, scope| {
        let message = scope.context.message.get(scope.arena);
        message.ok_or(Error::Rule { detail: "the message cannot be read as JSON" })
    }),
    Function {
        name: "parent",
        parameters: &[Type::Number],
        optional: 1,
        rest: None,
        body: Body::Plain(parent),
    },
    part("path_param", |arguments, scope| {
        Ok(first(&scope.context.inbound.path_params, arguments.text(0, scope)?))
    }),
    Function {
        name: "query",
        parameters: &[Type::String],
        optional: 1,
        rest: None,
        body: Body::Plain(query),
    },
    none("request", |_, scope| Ok(scope.context.request.get(scope.arena).unwrap_or(Value::Null))),
    none("root", |_, scope| Ok(scope.root)),
    Function {
        name: "setting",
        parameters: &[Type::String],
        optional: 0,
        rest: None,
        body: Body::Bound(setting),
    },
    none("status", |_, scope| {
        Ok(scope.context.status.map_or(Value::Null, |status| Value::integer(scope.arena, status.into())))
    }),
];

const fn none(name: &'static str, body: Plain) -> Function {
    Function { name, parameters: &[], optional: 0, rest: None, body: Body::Plain(body) }
}

const fn part(name: &'static str, body: Plain) -> Function {
    Function { name, parameters: &[Type::String], optional: 0, rest: None, body: Body::Plain(body) }
}

fn first<'a>(pairs: &'a [(String, String)], name: Option<&str>) -> Value<'a> {
    let found = pairs.iter().find(|(key, _)| Some(key.as_str()) == name);
    found.map_or(Value::Null, |(_, value)| Value::string(value))
}

/// The text, to the byte, of what came or goes out.
fn body<'a>(_: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let text = str::from_utf8(scope.context.body.get());
    text.map(Value::string).map_err(|_| Error::Rule { detail: "the body is not text in UTF-8" })
}

/// One parameter of the request's URL, or an object of all; of two with one name the first.
fn query<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let query = &scope.context.inbound.query;
    if let Some(name) = arguments.text(0, scope)? {
        return Ok(first(query, Some(name)));
    }
    scope.pay(query.len())?;
    let member =
        |(name, value): &'a (String, String)| Entry { key: Text::plain(name), value: Value::string(value) };
    let in_arena = |members: &mut dyn Iterator<Item = Entry<'a>>| {
        bumpalo::collections::Vec::from_iter_in(members, scope.arena).into_bump_slice()
    };
    // Of two with one name an object keeps the later value: it is built from the end, and turned round.
    let last_first = Object::build(scope.arena, in_arena(&mut query.iter().rev().map(member)));
    let members = in_arena(&mut last_first.entries().iter().rev().copied());
    Ok(Value::Object(Object::build(scope.arena, members)))
}

/// A request header; its name in any case.
fn header<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let name = arguments.text(0, scope)?.unwrap_or_default();
    let mut headers = scope.context.inbound.headers.iter();
    let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
    Ok(found.map_or(Value::Null, |(_, value)| Value::string(value)))
}

/// The position in the nearest `each`, from 0; null outside of one.
fn index<'a>(_: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let index = scope.frame.and_then(|frame| frame.index).and_then(|index| i64::try_from(index).ok());
    Ok(index.map_or(Value::Null, |index| Value::integer(scope.arena, index)))
}

/// The node outside the nearest `with` or `each`; `parent(2)` is one further out.
fn parent<'a>(arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let levels = arguments.size(0)?.unwrap_or(1);
    let mut frame = scope.frame;
    for _ in 1..levels.max(1) {
        frame = frame.and_then(|frame| frame.parent);
    }
    Ok(frame.map_or(Value::Null, |frame| frame.node))
}

struct Setting(Box<str>);

/// It may be a secret.
impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setting")
    }
}

impl Bound for Setting {
    fn call<'a>(&'a self, _: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
        Ok(Value::string(&self.0))
    }
}

fn setting(binding: &Binding<'_>) -> Result<Box<dyn Bound>, Problem> {
    let name = binding.name(0, "a setting")?;
    let names = binding.names;
    match names.setting(&name) {
        Some(setting) if setting.secret && !binding.sealed => {
            let message = format!("`{name}` is a secret; it may be sent or signed, not mapped");
            Err(Problem::new(binding.span(0), Code::SecretExposed, message)
                .help("use it in `auth`, or within hmac() or sha256(), where it does not end in a message"))
        }
        Some(setting) => Ok(Box::new(Setting(setting.value.clone()))),
        None => binding.unknown(Code::UnknownSetting, "setting", &name, names.settings),
    }
}
