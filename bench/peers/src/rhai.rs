//! Rhai, with native functions for dates and minor units.

use bench::Failure;
use bench::case::Case;
use rhai::{AST, CallFnOptions, Dynamic, Engine, INT, Scope};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

pub struct Rhai {
    engine: Engine,
    program: AST,
    out: Vec<u8>,
}

impl Rhai {
    pub fn new() -> Result<Self, Failure> {
        let mut engine = Engine::new();
        engine.register_fn("day", |text: &str| crate::day(text).unwrap_or_default());
        engine.register_fn("minor_units", |amount: Decimal| -> INT {
            (amount * Decimal::ONE_HUNDRED).round().to_i64().unwrap_or_default()
        });
        engine.register_fn("minor_units", |amount: INT| amount * 100);
        let program = engine.compile(include_str!("../programs/job.rhai"))?;
        Ok(Self { engine, program, out: Vec::new() })
    }
}

impl Case for Rhai {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let message: Dynamic = serde_json::from_slice(message)?;
        let options = CallFnOptions::new().eval_ast(false);
        let mapped: Dynamic =
            self.engine.call_fn_with_options(options, &mut Scope::new(), &self.program, "job", (message,))?;
        self.out = serde_json::to_vec(&mapped)?;
        Ok(&self.out)
    }
}
