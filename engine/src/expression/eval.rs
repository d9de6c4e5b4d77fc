//! The compiled expression and how it runs: JMESPath's semantics over the borrowed tree.

use std::cmp::Ordering;

use super::binding::{Argument, Arguments, Body, Call, Operand};
use super::path::Path;
use super::{Error, Scope};
use crate::value::{Constant, Entry, Object, Text, Value};

/// The plan of one expression.
#[derive(Debug)]
pub enum Expr {
    Current,
    Literal(Box<Constant>),
    Path(Path),
    Slice {
        start: Option<i32>,
        stop: Option<i32>,
        step: i32,
    },
    /// The right side over the result of the left: `.` and `|` alike, once parsed.
    Pipe(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Flatten(Box<Expr>),
    Values(Box<Expr>),
    /// The right side over every element of the left; nulls are dropped.
    Project(Box<Expr>, Box<Expr>),
    /// The second over the current node if the first is true of it (a filter's body).
    Keep(Box<Expr>, Box<Expr>),
    List(Box<[Expr]>),
    Object(Box<[(Box<str>, Expr)]>),
    Call(Box<Call>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Most calls have no more arguments than this.
const FEW: usize = 4;

const TOO_LARGE: Error = Error::Limit { what: "the computation is larger than one message may cause" };

impl Expr {
    pub fn eval<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        scope.pay(1)?;
        match self {
            Self::Current => Ok(node),
            Self::Literal(constant) => Ok(constant.value(scope.arena)),
            Self::Path(path) => Ok(path.follow(node)),
            Self::Slice { start, stop, step } => slice(node, *start, *stop, *step, scope),
            Self::Pipe(left, right) => right.eval(left.eval(node, scope)?, scope),
            Self::Not(inner) => Ok(Value::Bool(!is_true(inner.eval(node, scope)?))),
            Self::And(left, right) => {
                let value = left.eval(node, scope)?;
                if is_true(value) { right.eval(node, scope) } else { Ok(value) }
            }
            Self::Or(left, right) => {
                let value = left.eval(node, scope)?;
                if is_true(value) { Ok(value) } else { right.eval(node, scope) }
            }
            Self::Compare(comparison, left, right) => {
                comparison.apply(left.eval(node, scope)?, right.eval(node, scope)?, scope)
            }
            Self::Flatten(inner) => flatten(inner.eval(node, scope)?, scope),
            Self::Values(inner) => values(inner.eval(node, scope)?, scope),
            Self::Project(left, right) => project(left.eval(node, scope)?, right, scope),
            Self::Keep(predicate, then) => {
                if is_true(predicate.eval(node, scope)?) {
                    then.eval(node, scope)
                } else {
                    Ok(Value::Null)
                }
            }
            Self::List(elements) => list(elements, node, scope),
            Self::Object(members) => object(members, node, scope),
            Self::Call(call) => invoke(call, node, scope),
        }
    }
}

/// JMESPath's truth: null, false, "", [] and {} are false; numbers are true.
#[must_use]
pub fn is_true(value: Value<'_>) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => truth,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(object) => !object.entries().is_empty(),
    }
}

#[inline(never)]
fn slice<'a>(
    node: Value<'a>,
    start: Option<i32>,
    stop: Option<i32>,
    step: i32,
    scope: &Scope<'a>,
) -> Result<Value<'a>, Error> {
    let Value::Array(elements) = node else { return Ok(Value::Null) };
    let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
    let (low, high) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let bound = |given: Option<i32>, default: i64| match given.map(i64::from) {
        None => default,
        Some(at) if at < 0 => (at + length).clamp(low, high),
        Some(at) => at.clamp(low, high),
    };
    let (mut at, stop) = if step < 0 {
        (bound(start, high), bound(stop, low))
    } else {
        (bound(start, low), bound(stop, high))
    };
    let mut picked = scope.list();
    while if step < 0 { at > stop } else { at < stop } {
        picked.extend(usize::try_from(at).ok().and_then(|at| elements.get(at)).copied());
        at += i64::from(step);
    }
    scope.pay(picked.len())?;
    Ok(Value::Array(picked.into_bump_slice()))
}

#[inline(never)]
fn flatten<'a>(node: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Value::Array(elements) = node else { return Ok(Value::Null) };
    let mut flat = scope.list();
    for element in elements {
        match element {
            Value::Array(inner) => flat.extend_from_slice(inner),
            other => flat.push(*other),
        }
    }
    scope.pay(flat.len())?;
    Ok(Value::Array(flat.into_bump_slice()))
}

#[inline(never)]
fn values<'a>(node: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Value::Object(object) = node else { return Ok(Value::Null) };
    scope.pay(object.entries().len())?;
    let mut members = scope.list();
    members.extend(object.entries().iter().map(|entry| entry.value));
    Ok(Value::Array(members.into_bump_slice()))
}

#[inline(never)]
fn project<'a>(node: Value<'a>, each: &'a Expr, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    let Value::Array(elements) = node else { return Ok(Value::Null) };
    let mut collected = scope.list();
    for element in elements {
        match each.eval(*element, scope)? {
            Value::Null => {}
            value => collected.push(value),
        }
    }
    Ok(Value::Array(collected.into_bump_slice()))
}

#[inline(never)]
fn list<'a>(elements: &'a [Expr], node: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    if node.is_null() {
        return Ok(Value::Null);
    }
    let mut collected = bumpalo::collections::Vec::with_capacity_in(elements.len(), scope.arena);
    for element in elements {
        collected.push(element.eval(node, scope)?);
    }
    Ok(Value::Array(collected.into_bump_slice()))
}

#[inline(never)]
fn object<'a>(
    members: &'a [(Box<str>, Expr)],
    node: Value<'a>,
    scope: &Scope<'a>,
) -> Result<Value<'a>, Error> {
    if node.is_null() {
        return Ok(Value::Null);
    }
    let mut entries = bumpalo::collections::Vec::with_capacity_in(members.len(), scope.arena);
    for (name, member) in members {
        entries.push(Entry { key: Text::plain(name), value: member.eval(node, scope)? });
    }
    Ok(Value::Object(Object::build(scope.arena, &entries)))
}

#[inline(never)]
fn invoke<'a>(call: &'a Call, node: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
    if let Body::Lazy(lazy) = call.function.body {
        return lazy(&call.arguments, node, scope);
    }
    let mut few = [Argument::Value(Value::Null); FEW];
    let mut many = bumpalo::collections::Vec::new_in(scope.arena);
    let arguments = match few.get_mut(..call.arguments.len()) {
        Some(few) => few,
        None => {
            many.resize(call.arguments.len(), Argument::Value(Value::Null));
            &mut *many
        }
    };
    for (argument, operand) in arguments.iter_mut().zip(&call.arguments) {
        *argument = match operand {
            Operand::Value(expr) => Argument::Value(expr.eval(node, scope)?),
            Operand::Expression(expr) => Argument::Expression(expr),
        };
    }
    call.run(&Arguments::new(call.function.name, node, arguments), scope)
}

/// Deep equality, paid for by what it looks at.
pub(super) fn equal<'a>(left: Value<'a>, right: Value<'a>, scope: &Scope<'a>) -> Result<bool, Error> {
    let all = scope.context.budget();
    let mut left_over = all;
    let equal = left.equals_within(&right, &mut left_over);
    scope.pay((all - left_over) as usize)?;
    equal.ok_or(TOO_LARGE)
}

impl Comparison {
    /// Order is defined between numbers only; everything else compares to null (JMESPath, "comparison operators").
    fn apply<'a>(self, left: Value<'a>, right: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        match self {
            Self::Equal => equal(left, right, scope).map(Value::Bool),
            Self::NotEqual => equal(left, right, scope).map(|equal| Value::Bool(!equal)),
            _ => Ok(self.order(left, right)),
        }
    }

    fn order<'a>(self, left: Value<'a>, right: Value<'a>) -> Value<'a> {
        let (Value::Number(left), Value::Number(right)) = (left, right) else { return Value::Null };
        let order = left.compare(&right);
        Value::Bool(match self {
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            _ => order != Ordering::Less,
        })
    }
}

impl<'a> Scope<'a> {
    /// Pays from the message's budget for `nodes` visited or made, or bytes of strings.
    pub(crate) fn pay(&self, nodes: usize) -> Result<(), Error> {
        if self.context.spend(nodes) { Ok(()) } else { Err(TOO_LARGE) }
    }

    /// The content of a string; decoding an escaped one into the arena is paid for.
    pub(super) fn decode(&self, text: Text<'a>) -> Result<&'a str, Error> {
        if text.as_clean().is_none() {
            self.pay(text.size())?;
        }
        Ok(text.decode_in(self.arena))
    }

    /// The text of a scalar, by which codes and keys are compared: 10 and "10" are the same. `None` for null, arrays
    /// and objects.
    pub(super) fn scalar(&self, value: Value<'a>) -> Result<Option<&'a str>, Error> {
        if let Value::String(text) = value {
            return self.decode(text).map(Some);
        }
        Ok(value.scalar_text(self.arena))
    }

    /// A growing list of values in the arena.
    pub(super) fn list(&self) -> bumpalo::collections::Vec<'a, Value<'a>> {
        bumpalo::collections::Vec::new_in(self.arena)
    }
}
