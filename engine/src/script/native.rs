//! Functions of the language that are not here, or not as the library has them.

use rhai::{Dynamic, Engine, EvalAltResult, INT, ImmutableString, Position};
use rust_decimal::Decimal;

use super::limits::MAX_STRING;

type Failed = Box<EvalAltResult>;

/// What could do more than compute, or does it badly: `curry` doubles what a pointer holds, the functions of angles
/// panic beyond their range, `sleep` passes every limit.
pub const DENIED: [&str; 8] = ["cos", "curry", "eval", "exit", "get_fn_metadata_list", "sin", "sleep", "tan"];

pub fn register(engine: &mut Engine) {
    engine
        .disable_symbol("eval")
        .register_fn("cos", |_: Decimal| denied())
        .register_fn("sin", |_: Decimal| denied())
        .register_fn("tan", |_: Decimal| denied())
        .register_fn("exit", denied)
        .register_fn("exit", |_: Dynamic| denied())
        .register_fn("sleep", |_: INT| denied())
        .register_fn("/", divide)
        .register_fn("/=", divide_in_place)
        .register_fn("replace", |text: &mut ImmutableString, find: &str, by: &str| replace(text, find, by))
        .register_fn("replace", |text: &mut ImmutableString, find: char, by: &str| {
            replace(text, find.encode_utf8(&mut [0; 4]), by)
        });
}

/// Only a name that was computed leads here; one that is written is a mistake at load.
fn denied() -> Result<Dynamic, Failed> {
    Err(EvalAltResult::ErrorFunctionNotFound(String::new(), Position::NONE).into())
}

/// `7 / 2` is `3.5`, and `6 / 2` stays a whole number: what a division gives must not depend on how its operands were
/// written in the message.
fn divide(number: INT, by: INT) -> Result<Dynamic, Failed> {
    if number.checked_rem(by).ok_or_else(out_of_range)? == 0 {
        return Ok((number / by).into());
    }
    Ok(Decimal::from(number).checked_div(by.into()).ok_or_else(out_of_range)?.normalize().into())
}

fn divide_in_place(number: &mut Dynamic, by: INT) -> Result<(), Failed> {
    if let Ok(whole) = number.as_int() {
        *number = divide(whole, by)?;
        return Ok(());
    }
    let wrong =
        |found: &str| EvalAltResult::ErrorMismatchDataType("number".into(), found.into(), Position::NONE);
    let decimal = number.as_decimal().map_err(wrong)?;
    *number = decimal.checked_div(by.into()).ok_or_else(out_of_range)?.into();
    Ok(())
}

fn out_of_range() -> Failed {
    EvalAltResult::ErrorArithmetic(String::new(), Position::NONE).into()
}

/// The library would make the whole text before it looks at its size.
fn replace(text: &mut ImmutableString, find: &str, by: &str) -> Result<(), Failed> {
    if text.matches(find).count().saturating_mul(by.len()) > MAX_STRING {
        return Err(EvalAltResult::ErrorDataTooLarge(String::new(), Position::NONE).into());
    }
    *text = text.replace(find, by).into();
    Ok(())
}
