//! What is known at load of a value's shape, so that a wrong path is found before a message comes.

use crate::schema::{Lookup, Shape};

/// What is known of one value.
#[derive(Clone, Debug)]
pub enum Known<'s> {
    /// Nothing: every path is allowed.
    Any,
    Shape(Shape<'s>),
    List(Box<Known<'s>>),
    Object(Vec<(String, Known<'s>)>),
}

impl<'s> Known<'s> {
    #[must_use]
    pub fn shape(shape: Option<Shape<'s>>) -> Self {
        shape.map_or(Self::Any, Self::Shape)
    }

    /// The member `name`, or the names that do exist.
    pub fn field(&self, name: &str) -> Result<Self, Vec<String>> {
        match self {
            Self::Any | Self::List(_) => Ok(Self::Any),
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
        }
    }

    #[must_use]
    pub fn element(&self) -> Self {
        match self {
            Self::List(element) => (**element).clone(),
            Self::Shape(shape) => Self::Shape(shape.element()),
            Self::Any | Self::Object(_) => Self::Any,
        }
    }

    /// The values of an object that is a map.
    #[must_use]
    pub fn values(&self) -> Self {
        match self {
            Self::Shape(shape) => Self::Shape(shape.members()),
            Self::Any | Self::List(_) | Self::Object(_) => Self::Any,
        }
    }

    /// The only values the schema allows, where it lists them.
    #[must_use]
    pub fn enum_values(&self) -> Option<Vec<&'s serde_json::Value>> {
        match self {
            Self::Shape(shape) => shape.enum_values(),
            Self::Any | Self::List(_) | Self::Object(_) => None,
        }
    }

    #[must_use]
    pub fn list_of(self) -> Self {
        Self::List(Box::new(self))
    }
}

/// What is known of the values an expression can see.
#[derive(Clone, Debug)]
pub struct Sight<'s> {
    pub current: Known<'s>,
    pub root: Known<'s>,
    pub message: Known<'s>,
    pub request: Known<'s>,
    pub answer: Known<'s>,
    /// The outer nodes, nearest last.
    pub parents: Vec<Known<'s>>,
}

impl<'s> Sight<'s> {
    /// Nothing is known.
    #[must_use]
    pub fn blind() -> Self {
        Self::over(Known::Any)
    }

    /// A mapping over a message of this shape.
    #[must_use]
    pub fn over(message: Known<'s>) -> Self {
        Self {
            current: message.clone(),
            root: message.clone(),
            message,
            request: Known::Any,
            answer: Known::Any,
            parents: Vec::new(),
        }
    }

    /// Inside a `with` or `each` over `current`.
    #[must_use]
    pub fn inside(&self, current: Known<'s>) -> Self {
        let mut inner = self.clone();
        inner.parents.push(std::mem::replace(&mut inner.current, current));
        inner
    }

    /// The same scope, another current node.
    #[must_use]
    pub fn at(&self, current: Known<'s>) -> Self {
        Self { current, ..self.clone() }
    }
}
