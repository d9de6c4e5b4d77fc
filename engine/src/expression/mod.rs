//! JMESPath expressions, compiled to a plan of our own and evaluated over the borrowed tree.
//!
//! The `jmespath` crate parses; [`Expression::compile`] lowers its syntax tree, binds every function and every
//! constant argument, and checks the paths against the schemas that are known. What is left for run time is data.

mod binding;
mod certain;
mod error;
mod eval;
pub mod functions;
mod known;
mod late;
mod lower;
mod names;
mod parameter;
mod parse;
mod path;
mod scope;
mod selector;

use std::borrow::Cow;

pub use binding::{Arguments, Binding, Bound};
pub(crate) use error::counted;
pub use error::{Error, Mismatch, Problem, UnknownCode};
pub use eval::{Expr, is_true};
pub use functions::Patterns;
pub(crate) use known::one_of;
pub use known::{Fields, Known, Sight, Stage};
pub use late::Late;
pub use names::{Broken, Kind, Names, Record, Setting, Used};
pub use scope::{Context, Frame, Ids, Inbound, NilIds, NoRecords, Records, Scope, Unavailable};
pub use selector::Selector;

use crate::value::Value;

/// One compiled expression.
#[derive(Debug)]
pub struct Expression {
    /// Nothing where the path that it is reads the same: most are paths.
    text: Box<str>,
    plan: Expr,
}

impl Expression {
    /// Parses, binds and checks `text`; also tells what is known of the result's shape.
    ///
    /// # Errors
    /// All problems of the expression, each with its byte range in `text`.
    pub fn compile<'s>(
        text: &str,
        names: &Names<'_>,
        sight: &Sight<'s>,
    ) -> Result<(Self, Known<'s>), Vec<Problem>> {
        let ast = parse::parse(text).map_err(|problem| vec![problem])?;
        let (plan, known) = lower::lower(text, &ast, names, sight)?;
        let told = matches!(&plan, Expr::Path(path) if path.to_string() == text);
        Ok((Self { text: if told { "" } else { text }.into(), plan }, known))
    }

    /// Evaluates over `node`. A path that leads nowhere yields [`Value::Null`].
    ///
    /// # Errors
    /// A function refused its arguments, a code table does not know a code, or a limit was reached.
    pub fn eval<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        self.plan.eval(node, &Scope { current: node, ..*scope })
    }

    /// The value of an expression that is nothing but a path; `None` of any other, and where the message's budget is
    /// used up.
    #[inline(always)]
    pub(crate) fn at<'a>(&self, node: Value<'a>, scope: &Scope<'a>) -> Option<Value<'a>> {
        match &self.plan {
            Expr::Path(path) => scope.pay(1).ok().map(|()| path.follow(node)),
            _ => None,
        }
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.plan {
            Expr::Path(path) if self.text.is_empty() => path.to_string().into(),
            _ => (&*self.text).into(),
        }
    }

    /// Whether it is true of whatever message, as far as that is plain to see.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        self.plan.truth()
    }

    /// What it asks of a message first, if that is a text at a path.
    pub(crate) fn selector(&self) -> Option<Selector<'_>> {
        self.plan.selector()
    }

    /// The literal's value, if the expression is nothing but a literal.
    #[must_use]
    pub fn as_literal(&self) -> Option<&crate::value::Constant> {
        match &self.plan {
            Expr::Literal(constant) => Some(constant),
            _ => None,
        }
    }
}
