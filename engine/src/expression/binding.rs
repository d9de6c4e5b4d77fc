//! Functions and how they are bound: what a function declares, what it may resolve at load, what it is given.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Range;

use super::error::Mismatch;
pub use super::parameter::Type;
use super::{Error, Expr, Known, Names, Problem, Scope};
use crate::diagnostic::Code;
use crate::value::{Constant, Number, Value};

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    pub name: &'static str,
    pub parameters: &'static [Type],
    /// How many of the last parameters may be left out.
    pub optional: usize,
    /// The type of any further arguments.
    pub rest: Option<Type>,
    pub body: Body,
}

/// How a function is carried out.
#[derive(Debug)]
pub enum Body {
    Plain(Plain),
    /// Evaluates only those of its arguments that it needs.
    Lazy(Lazy),
    /// Resolves names and formats at load.
    Bound(Bind),
}

/// A function without anything to resolve.
pub type Plain = for<'x, 'a> fn(&Arguments<'x, 'a>, &Scope<'a>) -> Result<Value<'a>, Error>;

/// A function over its arguments as they are written, and the node they stand at.
pub type Lazy = for<'a> fn(&'a [Operand], Value<'a>, &Scope<'a>) -> Result<Value<'a>, Error>;

/// Resolves what is constant in a call.
pub type Bind = fn(&Binding<'_>) -> Result<Box<dyn Bound>, Problem>;

/// A function whose names were resolved.
pub trait Bound: Debug + Send + Sync {
    /// What is known of the results, where the names that were resolved tell more than the function's own.
    fn known(&self) -> Option<Known<'static>> {
        None
    }

    /// # Errors
    /// As the function documents.
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error>;
}

/// One call in a plan.
#[derive(Debug)]
pub struct Call {
    pub function: &'static Function,
    pub arguments: Box<[Operand]>,
    pub bound: Option<Box<dyn Bound>>,
}

#[derive(Debug)]
pub enum Operand {
    Value(Expr),
    /// Few: boxed, it makes the others no larger.
    Expression(Box<Expr>),
}

impl Call {
    pub fn run<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        for (at, given) in arguments.given.iter().enumerate() {
            let expected = self.function.parameter(at);
            scope.pay(expected.visits(given))?;
            if !expected.takes(given) {
                return Err(self.mismatch(at, given));
            }
        }
        match (&self.function.body, &self.bound) {
            (Body::Plain(plain), _) => plain(arguments, scope),
            (Body::Bound(_), Some(bound)) => bound.call(arguments, scope),
            (Body::Bound(_) | Body::Lazy(_), _) => Ok(Value::Null),
        }
    }

    #[cold]
    fn mismatch(&self, argument: usize, given: &Argument<'_>) -> Error {
        let expected = self.function.parameter(argument);
        Error::Type(Box::new(Mismatch {
            function: self.function.name,
            argument,
            expected: expected.to_string(),
            found: expected.found(given),
        }))
    }
}

impl Operand {
    /// An argument's value; an &expression is none.
    pub fn eval<'a>(&'a self, node: Value<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        match self {
            Self::Value(expr) => expr.eval(node, scope),
            Self::Expression(_) => Ok(Value::Null),
        }
    }
}

impl Function {
    /// A function of whose parameters the last `optional` may be left out.
    #[must_use]
    pub const fn plain(
        name: &'static str,
        parameters: &'static [Type],
        optional: usize,
        body: Plain,
    ) -> Self {
        Self { name, parameters, optional, rest: None, body: Body::Plain(body) }
    }

    /// One that resolves at load what is constant.
    #[must_use]
    pub const fn bound(name: &'static str, parameters: &'static [Type], optional: usize, bind: Bind) -> Self {
        Self { name, parameters, optional, rest: None, body: Body::Bound(bind) }
    }

    /// The type of the argument at `position`.
    #[must_use]
    pub fn parameter(&self, position: usize) -> Type {
        self.parameters.get(position).copied().or(self.rest).unwrap_or(Type::Any)
    }

    /// How many arguments it takes: at least, at most.
    #[must_use]
    pub fn arity(&self) -> (usize, Option<usize>) {
        let most = if self.rest.is_some() { None } else { Some(self.parameters.len()) };
        (self.parameters.len() - self.optional, most)
    }
}

/// One evaluated argument.
#[derive(Debug, Clone, Copy)]
pub enum Argument<'a> {
    Value(Value<'a>),
    Expression(&'a Expr),
}

impl Argument<'_> {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Value(value) => value.kind(),
            Self::Expression(_) => "expression",
        }
    }
}

/// What a function is called with.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'x, 'a> {
    function: &'static str,
    /// The node the call stands at.
    pub node: Value<'a>,
    given: &'x [Argument<'a>],
}

impl<'x, 'a> Arguments<'x, 'a> {
    pub(super) fn new(function: &'static str, node: Value<'a>, given: &'x [Argument<'a>]) -> Self {
        Self { function, node, given }
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.given.len()
    }

    /// The argument at `position`; null when it was left out.
    #[must_use]
    pub fn value(&self, position: usize) -> Value<'a> {
        match self.given.get(position) {
            Some(Argument::Value(value)) => *value,
            Some(Argument::Expression(_)) | None => Value::Null,
        }
    }

    /// All values from `position` on.
    pub fn values(&self, position: usize) -> impl Iterator<Item = Value<'a>> + '_ {
        (position..self.given.len()).map(|at| self.value(at))
    }

    /// A string argument, decoded; `None` when it is not a string.
    ///
    /// # Errors
    /// Decoding it is more than is left of the message's budget.
    pub fn text(&self, position: usize, scope: &Scope<'a>) -> Result<Option<&'a str>, Error> {
        match self.value(position) {
            Value::String(text) => scope.decode(text).map(Some),
            _ => Ok(None),
        }
    }

    /// A number argument.
    #[must_use]
    pub fn number(&self, position: usize) -> Option<Number<'a>> {
        match self.value(position) {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A whole-number argument within `usize`.
    ///
    /// # Errors
    /// When it is negative, has a fraction or is too large.
    pub fn size(&self, position: usize) -> Result<Option<usize>, Error> {
        let Some(number) = self.number(position) else { return Ok(None) };
        let size = number.as_i64().and_then(|number| usize::try_from(number).ok());
        size.map(Some).ok_or_else(|| {
            Error::value(
                self.function,
                format!("argument {} must be a whole number, 0 or more", position + 1),
            )
        })
    }

    #[must_use]
    pub fn array(&self, position: usize) -> Option<&'a [Value<'a>]> {
        match self.value(position) {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    #[must_use]
    pub fn expression(&self, position: usize) -> Option<&'a Expr> {
        match self.given.get(position) {
            Some(Argument::Expression(expr)) => Some(expr),
            Some(Argument::Value(_)) | None => None,
        }
    }

    /// An error of this call about an argument's type.
    #[must_use]
    pub fn type_error(&self, argument: usize, expected: &str, found: Value<'_>) -> Error {
        let (function, expected, found) = (self.function, expected.into(), found.kind());
        Error::Type(Box::new(Mismatch { function, argument, expected, found }))
    }

    /// An error of this call about a value.
    #[must_use]
    pub fn value_error(&self, detail: impl Into<String>) -> Error {
        Error::value(self.function, detail)
    }
}

/// A call at load: its arguments as compiled, the names it may resolve.
pub struct Binding<'b> {
    pub function: &'static str,
    pub arguments: &'b [Operand],
    /// Byte range of the call's name and of each argument.
    pub at: Range<usize>,
    pub spans: &'b [Range<usize>],
    pub names: &'b Names<'b>,
    /// Nothing of its result can be seen but by a hash: a secret may stand here.
    pub sealed: bool,
}

/// Stands for a name whose definition could not be read. That is an error, so nothing will ever call it.
#[derive(Debug)]
struct Unread;

impl Bound for Unread {
    fn call<'a>(&'a self, _: &Arguments<'_, 'a>, _: &Scope<'a>) -> Result<Value<'a>, Error> {
        Ok(Value::Null)
    }
}

impl Binding<'_> {
    /// What a call is bound to whose first argument names nothing: a problem, unless it only follows from another.
    ///
    /// # Errors
    /// Unless the name is there and could not be read.
    pub fn unknown<T>(
        &self,
        code: Code,
        what: &str,
        name: &str,
        known: &BTreeMap<String, T>,
    ) -> Result<Box<dyn Bound>, Problem> {
        if self.names.explains(&self.names.qualify(name)) {
            return Ok(Box::new(Unread));
        }
        let problem = Problem::new(self.span(0), code, format!("there is no {what} `{name}`"));
        Err(problem.suggest(name, self.names.known(known)))
    }

    /// Where the argument stands; the call itself when it was left out.
    #[must_use]
    pub fn span(&self, position: usize) -> Range<usize> {
        self.spans.get(position).unwrap_or(&self.at).clone()
    }

    /// The argument as a constant, if it is one.
    #[must_use]
    pub fn constant(&self, position: usize) -> Option<&Constant> {
        match self.arguments.get(position) {
            Some(Operand::Value(Expr::Literal(constant))) => Some(constant),
            _ => None,
        }
    }

    /// The argument as a constant string.
    #[must_use]
    pub fn constant_text(&self, position: usize) -> Option<String> {
        self.constant(position).and_then(Constant::as_text).map(str::to_owned)
    }

    /// The argument as a constant string that names something.
    ///
    /// # Errors
    /// When it is computed: names are resolved at load.
    pub fn name(&self, position: usize, what: &str) -> Result<String, Problem> {
        self.constant_text(position).ok_or_else(|| {
            let message = format!("{}() takes the name of {what} as a constant", self.function);
            Problem::new(self.span(position), Code::ConstantArgument, message)
                .help("write it in single quotes; it is resolved when the file is loaded")
        })
    }

    /// The argument as a constant string; `None` when it was left out.
    ///
    /// # Errors
    /// When it is computed: it is checked at load.
    pub fn written(&self, position: usize, what: &str) -> Result<Option<String>, Problem> {
        if position >= self.arguments.len() {
            return Ok(None);
        }
        self.constant_text(position).map(Some).ok_or_else(|| {
            let message = format!("{}() takes {what} as a constant string", self.function);
            Problem::new(self.span(position), Code::ConstantArgument, message)
                .help("write it in single quotes: it is checked when the file is loaded")
        })
    }

    /// The argument as one of a few words; `None` when it was left out.
    ///
    /// # Errors
    /// When it is computed, or another word.
    pub fn choice<T: Copy>(
        &self,
        position: usize,
        what: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(written) = self.written(position, what)? else { return Ok(None) };
        if let Some((_, chosen)) = words.iter().find(|(word, _)| *word == written) {
            return Ok(Some(*chosen));
        }
        let message = format!(
            "{}() knows no {} `{written}`",
            self.function,
            what.split_once(' ').map_or(what, |(_, noun)| noun)
        );
        let problem = Problem::new(self.span(position), Code::BadValue, message);
        Err(problem.suggest(&written, words.iter().map(|(word, _)| *word)))
    }
}
