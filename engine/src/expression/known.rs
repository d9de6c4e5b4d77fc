//! What is known at load of a value's shape, so that a wrong path is found before a message comes.

use std::sync::Arc;

use crate::diagnostic::Code;
use crate::schema::{Lookup, Shape};
use crate::value::{Number, Value};

/// What is known of one value.
#[derive(Clone, Debug)]
pub enum Known<'s> {
    /// Nothing: every path is allowed.
    Any,
    Shape(Shape<'s>),
    List(Box<Known<'s>>),
    Object(Vec<(String, Known<'s>)>),
    /// A row of a code table, or a record.
    Fields(Fields),
    /// A scalar of this JSON type, or null.
    Scalar(&'static str),
    /// One of these: a path is wrong if none of them has it.
    OneOf(Vec<Known<'s>>),
}

/// The names that a row of a code table or a record has; of what stands under them nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// `code table `bank.status``
    pub of: Arc<str>,
    pub names: Arc<[Box<str>]>,
    /// What one of them is called.
    pub noun: &'static str,
    pub code: Code,
}

impl<'s> Known<'s> {
    /// The JSON types beside null.
    pub(super) const TYPES: [&'static str; 5] = ["boolean", "number", "string", "array", "object"];

    #[must_use]
    pub fn shape(shape: Option<Shape<'s>>) -> Self {
        shape.map_or(Self::Any, Self::Shape)
    }

    /// The member `name`, or the names that do exist.
    pub fn field(&self, name: &str) -> Result<Self, Vec<String>> {
        match self {
            Self::Any | Self::List(_) | Self::Scalar(_) => Ok(Self::Any),
            Self::Fields(fields) if fields.names.iter().any(|known| **known == *name) => Ok(Self::Any),
            Self::Fields(fields) => Err(fields.names.iter().map(ToString::to_string).collect()),
            Self::Shape(shape) => match shape.field(name) {
                Lookup::Known(shape) => Ok(Self::Shape(shape)),
                Lookup::Open => Ok(Self::Any),
                Lookup::Unknown { known_names } => Err(known_names.into_iter().map(str::to_owned).collect()),
            },
            Self::Object(members) => members
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, known)| known.clone())
                .ok_or_else(|| members.iter().map(|(key, _)| key.clone()).collect()),
            Self::OneOf(shapes) => {
                let (mut found, mut known) = (Vec::new(), Vec::new());
                for shape in shapes {
                    match shape.field(name) {
                        Ok(shape) => found.push(shape),
                        Err(names) => known.extend(
                            names.into_iter().filter(|name| !known.contains(name)).collect::<Vec<_>>(),
                        ),
                    }
                }
                if found.is_empty() && !shapes.is_empty() { Err(known) } else { Ok(Self::OneOf(found)) }
            }
        }
    }

    /// What is wrong with a path that leads to `name`, which is not there.
    #[must_use]
    pub fn lacks(&self, name: &str) -> (Code, String) {
        match self {
            Self::Fields(Fields { of, noun, code, .. }) => {
                (*code, format!("the {of} has no {noun} `{name}`"))
            }
            Self::Object(members) if members.is_empty() => {
                (Code::PathNotInSchema, format!("there is no `{name}` here: nothing has members"))
            }
            _ => (Code::PathNotInSchema, format!("the schema has no `{name}` here")),
        }
    }

    /// The JSON types that the value can have; it may be null beside them.
    #[must_use]
    pub fn types(&self) -> Vec<&'static str> {
        let only = |name: &str| Self::TYPES.into_iter().filter(|known| *known == name).collect();
        match self {
            Self::Any => Self::TYPES.to_vec(),
            Self::Scalar(name) => only(name),
            Self::List(_) => only("array"),
            Self::Object(_) | Self::Fields(_) => only("object"),
            Self::Shape(shape) => Self::TYPES.into_iter().filter(|name| !shape.excludes(name)).collect(),
            Self::OneOf(shapes) => {
                let types: Vec<_> = shapes.iter().map(Self::types).collect();
                Self::TYPES
                    .into_iter()
                    .filter(|name| types.iter().any(|types| types.contains(name)))
                    .collect()
            }
        }
    }

    /// Whether null can be valid, as far as is known.
    #[must_use]
    pub fn may_be_null(&self) -> bool {
        match self {
            Self::Shape(shape) => !shape.excludes("null"),
            _ => true,
        }
    }

    #[must_use]
    pub fn element(&self) -> Self {
        match self {
            Self::List(element) => (**element).clone(),
            Self::Shape(shape) => Self::Shape(shape.element()),
            Self::OneOf(shapes) => Self::OneOf(shapes.iter().map(Self::element).collect()),
            Self::Any | Self::Object(_) | Self::Fields(_) | Self::Scalar(_) => Self::Any,
        }
    }

    /// The values of an object that is a map.
    #[must_use]
    pub fn values(&self) -> Self {
        match self {
            Self::Shape(shape) => Self::Shape(shape.members()),
            Self::OneOf(shapes) => Self::OneOf(shapes.iter().map(Self::values).collect()),
            Self::Any | Self::List(_) | Self::Object(_) | Self::Fields(_) | Self::Scalar(_) => Self::Any,
        }
    }

    /// The only values the schema allows, where it lists them.
    #[must_use]
    pub fn enum_values(&self) -> Option<Vec<&'s serde_json::Value>> {
        match self {
            Self::Shape(shape) => shape.enum_values(),
            _ => None,
        }
    }

    /// The values that are listed instead of `value`, if it is not among them.
    #[must_use]
    pub fn forbids(&self, value: Value<'_>) -> Option<Vec<String>> {
        let values = self.enum_values()?;
        let text =
            |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let allowed = values.iter().any(|allowed| is(value, allowed));
        (!allowed).then(|| values.into_iter().map(text).collect())
    }

    /// The members that every valid object has.
    #[must_use]
    pub fn required(&self) -> Vec<&'s str> {
        match self {
            Self::Shape(shape) => shape.required(),
            _ => Vec::new(),
        }
    }

    #[must_use]
    pub fn list_of(self) -> Self {
        Self::List(Box::new(self))
    }
}

/// Whether the two are one value; of arrays and objects nothing is claimed.
fn is(value: Value<'_>, allowed: &serde_json::Value) -> bool {
    match (allowed, value) {
        (serde_json::Value::String(text), Value::String(given)) => given.is(text),
        (serde_json::Value::Number(number), Value::Number(given)) => {
            Number::from_lexeme(&number.to_string()).is_some_and(|allowed| allowed.compare(&given).is_eq())
        }
        (serde_json::Value::Bool(truth), Value::Bool(given)) => *truth == given,
        (serde_json::Value::Array(_), Value::Array(_)) | (serde_json::Value::Object(_), Value::Object(_)) => {
            true
        }
        _ => false,
    }
}

/// `a string or a number`
pub(crate) fn one_of(types: &[&str]) -> String {
    let article = |name: &&str| format!("{} {name}", if name.starts_with(['a', 'o']) { "an" } else { "a" });
    types.iter().map(article).collect::<Vec<_>>().join(" or ")
}

/// When an expression is evaluated: not everything is at hand then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A message has come in, and who has sent it is not known.
    Shown,
    /// A message has come in.
    Received,
    /// A delivery gets its URL, its headers and its order key.
    Addressed {
        /// What was mapped goes out as it is.
        as_it_is: bool,
    },
    /// A response is judged by the `outcome` of its endpoint.
    Judged,
    /// What follows a delivery is worked out.
    Followed,
    /// The caller of a `call` is answered, while its request is still at hand.
    Called,
    /// A route runs because it is time, not because a message came.
    Unprompted,
}

impl Stage {
    /// Why `function` has nothing to give at this stage, if so, and what to do instead.
    #[must_use]
    pub fn forbids(self, function: &str) -> Option<(&'static str, &'static str)> {
        match (function, self) {
            ("header" | "query" | "path_param", Self::Shown | Self::Received | Self::Called)
            | ("body", Self::Shown | Self::Addressed { as_it_is: true })
            | (
                "message",
                Self::Shown | Self::Received | Self::Addressed { .. } | Self::Called | Self::Followed,
            )
            | ("answer" | "request" | "status", Self::Judged | Self::Followed | Self::Called) => None,
            ("header" | "query" | "path_param" | "message", Self::Unprompted) => Some((
                "no message came in",
                "a route with `on` or `every` knows settings, code tables and records",
            )),
            ("header" | "query" | "path_param", _) => Some((
                "the request that brought the message is gone",
                "write it into what is sent, which is request() later, or into a record",
            )),
            ("body", Self::Addressed { as_it_is: false }) => {
                Some(("what goes out is made of what was mapped, and not this text", "it is for JSON"))
            }
            ("body", _) => Some((
                "what came in was read, and what goes out is not written yet",
                "it is for the `signature` of a caller, and for the headers of an endpoint",
            )),
            ("message", Self::Judged) => Some((
                "an outcome is judged by the response and by what was sent",
                "what was sent is request()",
            )),
            ("answer" | "request" | "status", _) => {
                Some(("nothing has been sent yet", "it is for `then`, and for the `outcome` of an endpoint"))
            }
            _ => None,
        }
    }
}

/// What is known of the values an expression can see.
#[derive(Clone, Debug)]
pub struct Sight<'s> {
    pub stage: Stage,
    pub current: Known<'s>,
    pub root: Known<'s>,
    pub message: Known<'s>,
    pub request: Known<'s>,
    pub answer: Known<'s>,
    /// The outer nodes, nearest last.
    pub parents: Vec<Known<'s>>,
    pub in_each: bool,
}

impl<'s> Sight<'s> {
    /// Nothing is known.
    #[must_use]
    pub fn blind() -> Self {
        Self::over(Known::Any)
    }

    /// What proves who has sent a message of this shape.
    #[must_use]
    pub fn of_proof(message: Known<'s>) -> Self {
        Self { message: message.clone(), ..Self::at(Stage::Shown, message) }
    }

    /// A mapping over a message of this shape.
    #[must_use]
    pub fn over(message: Known<'s>) -> Self {
        Self { message: message.clone(), ..Self::at(Stage::Received, message) }
    }

    /// The URL, the headers and the key of a delivery of this shape.
    #[must_use]
    pub fn of_delivery(request: Known<'s>, as_it_is: bool) -> Self {
        Self::at(Stage::Addressed { as_it_is }, request)
    }

    /// The outcome of a request and its response.
    #[must_use]
    pub fn of_outcome(request: Known<'s>, answer: Known<'s>) -> Self {
        Self { request, answer: answer.clone(), ..Self::at(Stage::Judged, answer) }
    }

    /// What follows a delivery that this message caused.
    #[must_use]
    pub fn of_follow_up(message: Known<'s>, request: Known<'s>, answer: Known<'s>) -> Self {
        Self { message, request, answer: answer.clone(), ..Self::at(Stage::Followed, answer) }
    }

    /// The answer to a caller, once the endpoint that it waits for has responded.
    #[must_use]
    pub fn of_call(message: Known<'s>, request: Known<'s>, answer: Known<'s>) -> Self {
        Self { stage: Stage::Called, ..Self::of_follow_up(message, request, answer) }
    }

    /// A route that no message sets in motion: there is nothing to read.
    #[must_use]
    pub fn unprompted() -> Self {
        Self::at(Stage::Unprompted, Known::Object(Vec::new()))
    }

    fn at(stage: Stage, root: Known<'s>) -> Self {
        Self {
            stage,
            current: root.clone(),
            root,
            message: Known::Any,
            request: Known::Any,
            answer: Known::Any,
            parents: Vec::new(),
            in_each: false,
        }
    }

    /// Inside a `with` over `current`.
    #[must_use]
    pub fn inside(&self, current: Known<'s>) -> Self {
        let mut inner = self.clone();
        inner.parents.push(std::mem::replace(&mut inner.current, current));
        inner
    }

    /// Inside an `each` whose elements are `current`.
    #[must_use]
    pub fn inside_each(&self, current: Known<'s>) -> Self {
        Self { in_each: true, ..self.inside(current) }
    }
}
