//! A compiled mapping: what it is. How it writes the outgoing message is in `write`.

mod label;
mod write;

pub(crate) use write::{MAX_OUTPUT, Writer};

use label::Label;

use crate::expression::Expression;
use crate::fault::Place;
use crate::script::Script;
use crate::value::Constant;

/// An object: its members in the order they are written.
#[derive(Debug, Default)]
pub struct Mapping {
    pub(crate) members: Box<[Member]>,
}

#[derive(Debug)]
pub(crate) struct Member {
    label: Label,
    pub rule: Rule,
}

impl Member {
    pub fn new(name: &str, rule: Rule) -> Self {
        Self { label: Label::of(name), rule }
    }

    pub fn name(&self) -> &str {
        self.label.name()
    }
}

/// One row of the mapping sheet, compiled. There are many of them: what only some have is boxed, and the path that one
/// writes is that of what it lies in.
#[derive(Debug)]
pub(crate) struct Rule {
    pub place: Place,
    pub when: Option<Box<Expression>>,
    pub source: Source,
    pub missing: Missing,
    /// A remark for the sheet; few have one, so it is a thin pointer.
    pub note: Option<Box<Box<str>>>,
}

impl Rule {
    /// Whether no rule behind it in a `first` is ever reached: it has a value whatever the message is, or a fault.
    pub fn is_final(&self) -> bool {
        self.when.is_none() && (!matches!(self.missing, Missing::Omit) || self.source.always())
    }
}

impl Source {
    /// Whether there is a value whatever the message is.
    fn always(&self) -> bool {
        match self {
            Self::Constant(_) | Self::List(_) => true,
            Self::Expression(expression) => {
                expression.as_literal().is_some_and(|literal| literal.as_json() != "null")
            }
            Self::Object { with: None, mapping } => {
                let always = |member: &Member| {
                    let writes = !matches!(member.rule.missing, Missing::Omit | Missing::Required);
                    member.rule.when.is_none() && (writes || member.rule.source.always())
                };
                mapping.members.iter().any(always)
            }
            Self::First(rules) => rules.last().is_some_and(Rule::is_final),
            Self::Script { .. } | Self::Copy(_) | Self::Object { .. } | Self::Each(_) => false,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Source {
    Expression(Expression),
    Constant(Box<Constant>),
    Script { script: Box<Script>, args: Box<[Expression]> },
    Copy(Box<Copied>),
    Object { with: Option<Box<Expression>>, mapping: Mapping },
    Each(Box<Each>),
    List(Box<[Rule]>),
    First(Box<[Rule]>),
}

/// A subtree without some of its members, and with others.
#[derive(Debug)]
pub(crate) struct Copied {
    pub from: Expression,
    pub except: Box<[Box<str>]>,
    pub with: Mapping,
    /// The names of its members.
    replaced: Box<[Box<str>]>,
}

impl Copied {
    pub fn new(from: Expression, except: Box<[Box<str>]>, with: Mapping) -> Self {
        let replaced = with.members.iter().map(|member| member.name().into()).collect();
        Self { from, except, with, replaced }
    }
}

/// An array, element by element.
#[derive(Debug)]
pub(crate) struct Each {
    pub items: Expression,
    pub element: Element,
}

#[derive(Debug)]
pub(crate) enum Element {
    Same,
    Expression(Expression),
    Mapping(Mapping),
}

/// What is written where there is no value.
#[derive(Debug)]
pub(crate) enum Missing {
    Omit,
    Null,
    Required,
    Default(Box<Constant>),
}
