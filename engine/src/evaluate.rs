//! One expression over one message, outside of any configuration: for a person who tries things.

use std::collections::BTreeMap;

use crate::engine::World;
use crate::expression::{Context, Error, Expression, Inbound, Names, Problem, Scope, Sight};
use crate::value::{Arena, Limits, read};

/// Why there is no result.
#[derive(Debug)]
pub enum EvaluateError {
    /// The expression is not valid.
    Expression(Vec<Problem>),
    /// The message is not JSON.
    Message(read::Error),
    /// The expression fails on this message.
    Evaluation(Error),
}

/// Evaluates `expression` over the JSON text `message`; the result is compact JSON.
///
/// # Errors
/// The expression or the message is not valid, or they do not go together.
pub fn evaluate(expression: &str, message: &[u8], world: World<'_>) -> Result<Vec<u8>, EvaluateError> {
    let names = Names {
        partner: "",
        tables: &BTreeMap::new(),
        records: &BTreeMap::new(),
        settings: &BTreeMap::new(),
    };
    let (expression, _) =
        Expression::compile(expression, &names, &Sight::blind()).map_err(EvaluateError::Expression)?;
    let arena = Arena::new();
    let value = read(message, &arena, &Limits::default()).map_err(EvaluateError::Message)?;
    let inbound = Inbound::default();
    let context = Context::new(world.now, world.ids, world.records, &inbound, value);
    let scope = Scope::new(&arena, &context, value);
    let result = expression.eval(value, &scope).map_err(EvaluateError::Evaluation)?;
    let mut json = Vec::new();
    result.write_json(&mut json);
    Ok(json)
}
