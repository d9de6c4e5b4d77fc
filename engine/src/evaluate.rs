//! One expression over one message, outside of any configuration: for a person who tries things.

use std::collections::BTreeMap;

use crate::engine::World;
use crate::expression::{
    Broken, Context, Error, Expression, Inbound, Names, Patterns, Problem, Scope, Sight, Used,
};
use crate::plan::mapping::MAX_OUTPUT;
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
        broken: &Broken::default(),
        used: &Used::default(),
        patterns: &Patterns::default(),
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
    match result.write_json_within(MAX_OUTPUT, Limits::MAX_DEPTH, &mut json) {
        Ok(()) => Ok(json),
        Err(_) => Err(EvaluateError::Evaluation(Error::Limit { what: "the result is too large" })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::expression::{NilIds, NoRecords};

    fn run(expression: &str, message: &str) -> Result<String, EvaluateError> {
        let world = World { now: jiff::Timestamp::UNIX_EPOCH, ids: &NilIds, records: &NoRecords };
        evaluate(expression, message.as_bytes(), world)
            .map(|json| String::from_utf8_lossy(&json).into_owned())
    }

    #[test]
    fn the_result_is_compact_json() {
        let result = run("{sum: add(a, '0.10'), at: now(), id: uuid()}", r#"{"a": 1.10}"#);
        let expected =
            r#"{"sum":1.20,"at":"1970-01-01T00:00:00Z","id":"00000000-0000-0000-0000-000000000000"}"#;
        assert!(matches!(&result, Ok(json) if json == expected), "{result:?}");
    }

    #[test]
    fn each_way_to_fail_is_told_apart() {
        let unknown = run("theirs('product', a) || uper(b)", "{}");
        assert!(
            matches!(&unknown, Err(EvaluateError::Expression(problems)) if problems.len() == 2),
            "{unknown:?}"
        );
        let early = run("answer()", "{}");
        assert!(
            matches!(&early, Err(EvaluateError::Expression(problems)) if problems[0].code == Code::FunctionNotHere),
            "{early:?}"
        );
        assert!(matches!(run("a", "{"), Err(EvaluateError::Message(_))));
        assert!(matches!(run("sum(@)", "{}"), Err(EvaluateError::Evaluation(Error::Type(_)))));
    }

    #[test]
    fn the_deepest_expression_runs() {
        let deep = format!("{}a{}", "not_null(".repeat(64), ")".repeat(64));
        assert!(matches!(run(&deep, r#"{"a": 1}"#), Ok(json) if json == "1"));
    }

    /// `[@,@]` forty times over is a thousand bytes of memory and a terabyte of text.
    #[test]
    fn a_small_expression_cannot_make_a_large_result() {
        let grown = ["[@,@]"; 40].join(" | ");
        for expression in [grown.clone(), format!("to_string({grown})"), format!("({grown}) == ({grown})")] {
            let result = run(&expression, "1");
            assert!(matches!(&result, Err(EvaluateError::Evaluation(Error::Limit { .. }))), "{result:?}");
        }
    }
}
