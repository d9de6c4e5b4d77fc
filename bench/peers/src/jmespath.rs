//! The `jmespath` crate: its own evaluator, with functions for what the language lacks.

use std::sync::LazyLock;

use bench::Failure;
use bench::case::{Case, currency, document_type, minor_units, status};
use jmespath::functions::{ArgumentType, CustomFunction, Signature};
use jmespath::{Context, Expression, JmespathError, Rcvar, Runtime, Variable};
use serde_json::Number;

/// A compiled expression borrows from its runtime.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(runtime);

pub struct Jmespath {
    expression: Expression<'static>,
    out: Vec<u8>,
}

impl Jmespath {
    pub fn new() -> Result<Self, Failure> {
        Ok(Self { expression: RUNTIME.compile(include_str!("../programs/job.jmespath"))?, out: Vec::new() })
    }
}

impl Case for Jmespath {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let message: Variable = serde_json::from_slice(message)?;
        let mapped = self.expression.search(Rcvar::new(message))?;
        self.out = serde_json::to_vec(&mapped)?;
        Ok(&self.out)
    }
}

fn runtime() -> Runtime {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    let mut register = |name, arguments, function: fn(&[Rcvar]) -> Result<Rcvar, JmespathError>| {
        let signature = Signature::new(arguments, None);
        let function = move |arguments: &[Rcvar], _: &mut Context<'_>| function(arguments);
        runtime.register_function(name, Box::new(CustomFunction::new(signature, Box::new(function))));
    };
    register("code", vec![ArgumentType::String; 2], code);
    register("day", vec![ArgumentType::String], |arguments| {
        Ok(text(crate::day(string(arguments, 0)).unwrap_or_default()))
    });
    register("upper", vec![ArgumentType::String], |arguments| Ok(text(string(arguments, 0).to_uppercase())));
    register("minor_units", vec![ArgumentType::Number], |arguments| {
        let amount = arguments.first().and_then(|value| value.as_number()).unwrap_or_default();
        Ok(Rcvar::new(Variable::Number(Number::from(minor_units(amount)))))
    });
    runtime
}

fn code(arguments: &[Rcvar]) -> Result<Rcvar, JmespathError> {
    let code = string(arguments, 1);
    Ok(text(match string(arguments, 0) {
        "status" => status(code).to_owned(),
        "currency" => currency(code).to_owned(),
        _ => document_type(code).to_owned(),
    }))
}

/// The signatures have seen to it that it is a string.
fn string(arguments: &[Rcvar], at: usize) -> &str {
    arguments.get(at).and_then(|value| value.as_string()).map_or("", String::as_str)
}

fn text(text: String) -> Rcvar {
    Rcvar::new(Variable::String(text))
}
