//! Scripts: named Rhai functions for what a mapping cannot say, with every limit set.
//!
//! Numbers keep their digits: whole ones within 64 bits are integers, all others decimals; floats do not exist.
//! There is no `eval`, no module, no clock, no I/O.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::packages::{
    BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage, CorePackage, LogicPackage,
    MoreStringPackage, Package,
};
use rhai::{
    AST, CallFnOptions, Dynamic, EvalAltResult, INT, ImmutableString, LexError, ParseError, ParseErrorType,
    Position,
};
use rust_decimal::Decimal;

use crate::diagnostic::Code;
use crate::expression::{Error, Scope};
use crate::value::{Arena, Entry, Number, Text, Value};

const MAX_OPERATIONS: u64 = 50_000;
const MAX_STRING: usize = 16 * 1024;
const MAX_ARRAY: usize = 10_000;
/// What a call costs of the message's budget, whatever the script does: it may take ten times as many steps.
const CALL: usize = 5_000;
/// Values within the arguments of one call.
const MAX_VALUES: usize = 100_000;
const MAX_CALLS: usize = 32;
const MAX_DEPTH: usize = 32;

/// The scripts of a configuration: each file's functions by `partner.file.function`.
pub struct Scripts {
    engine: Arc<rhai::Engine>,
    files: BTreeMap<String, Arc<AST>>,
}

/// A mistake in a script's text; line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub code: Code,
    pub line: usize,
    pub column: usize,
    pub message: String,
    pub help: Option<&'static str>,
}

/// One function of a script, ready to be called.
pub struct Script {
    engine: Arc<rhai::Engine>,
    ast: Arc<AST>,
    name: Box<str>,
    function: Box<str>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Script").field(&self.name).finish()
    }
}

impl Default for Scripts {
    fn default() -> Self {
        Self { engine: Arc::new(limited_engine()), files: BTreeMap::new() }
    }
}

fn limited_engine() -> rhai::Engine {
    let mut engine = rhai::Engine::new_raw();
    CorePackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    engine
        .set_max_operations(MAX_OPERATIONS)
        .set_max_string_size(MAX_STRING)
        .set_max_array_size(MAX_ARRAY)
        .set_max_map_size(MAX_ARRAY)
        .set_max_call_levels(MAX_CALLS)
        .set_max_expr_depths(MAX_DEPTH, MAX_DEPTH)
        .set_max_variables(256)
        .set_max_functions(256)
        .set_strict_variables(true)
        .disable_symbol("eval")
        .on_print(|_| {})
        .on_debug(|_, _, _| {});
    // A native call that blocks would pass every limit above.
    engine.register_fn("sleep", |_: INT| -> Result<(), Box<EvalAltResult>> {
        Err("a script cannot sleep".into())
    });
    engine
}

impl Scripts {
    /// Compiles one file; `name` is `partner.file`.
    ///
    /// # Errors
    /// The text is not a script, or does something outside of its functions.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), Mistake> {
        let ast = self.engine.compile(text).map_err(|error| not_a_script(&error))?;
        statement_outside(&ast).map_or(Ok(()), Err)?;
        self.files.insert(name.to_owned(), Arc::new(ast));
        Ok(())
    }

    /// The function of the file `partner.file` that takes `arity` arguments.
    ///
    /// # Errors
    /// What there is instead: the functions of that file, or nothing.
    pub fn find(&self, file: &str, function: &str, arity: usize) -> Result<Script, NotFound> {
        let ast = self.files.get(file).ok_or(NotFound::File)?;
        let mut same_name = ast.iter_functions().filter(|known| known.name == function).peekable();
        if same_name.peek().is_none() {
            return Err(NotFound::Function {
                known: ast.iter_functions().map(|known| known.name.to_owned()).collect(),
            });
        }
        let arities: Vec<usize> = same_name.map(|known| known.params.len()).collect();
        if !arities.contains(&arity) {
            return Err(NotFound::Arity { takes: arities });
        }
        Ok(Script {
            engine: Arc::clone(&self.engine),
            ast: Arc::clone(ast),
            name: format!("{file}.{function}").into(),
            function: function.into(),
        })
    }

    /// The files, as `partner.file`.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

fn not_a_script(error: &ParseError) -> Mistake {
    let position = error.position();
    let (code, message) = match error.err_type() {
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _)) if symbol == "eval" => {
            (Code::ScriptForbidden, "a script cannot use `eval`".to_owned())
        }
        other => (Code::ScriptSyntax, lower_first(&other.to_string())),
    };
    Mistake {
        code,
        line: position.line().unwrap_or(1),
        column: position.position().unwrap_or(1),
        message,
        help: None,
    }
}

/// Found by an engine that stops at the first step: functions alone take none.
fn statement_outside(ast: &AST) -> Option<Mistake> {
    let mut engine = rhai::Engine::new_raw();
    engine.on_progress(|_| Some(Dynamic::UNIT));
    let position = engine.run_ast(ast).err()?.position();
    Some(Mistake {
        code: Code::ScriptTopLevel,
        line: position.line().unwrap_or(1),
        column: position.position().unwrap_or(1),
        message: "a statement stands outside of all functions".to_owned(),
        help: Some("only functions are called; move it into one"),
    })
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// Why a script function was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    File,
    Function { known: Vec<String> },
    Arity { takes: Vec<usize> },
}

impl Script {
    /// As it is written in a rule, with its partner: `itfinance.scoring.grade`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls the function.
    ///
    /// # Errors
    /// The script fails, reaches a limit or the end of the message's budget, or returns what JSON cannot hold.
    pub fn call<'a>(&self, arguments: &[Value<'a>], within: &Scope<'a>) -> Result<Value<'a>, Error> {
        within.pay(CALL)?;
        let mut copier = Copier { left: MAX_VALUES, scope: within };
        let arguments: Vec<Dynamic> =
            arguments.iter().map(|argument| copier.copy(*argument, 0)).collect::<Result<_, _>>()?;
        let mut scope = rhai::Scope::new();
        let options = CallFnOptions::new().eval_ast(false);
        let result: Dynamic = self
            .engine
            .call_fn_with_options(options, &mut scope, &self.ast, &self.function, arguments)
            .map_err(|error| self.error(&error))?;
        from_script(&result, within.arena, 0).ok_or_else(|| Error::Script {
            script: self.name.clone(),
            line: 0,
            detail: format!("it returned a {}, which JSON cannot hold", result.type_name()),
        })
    }

    /// A thrown text may hold values of the message; only what the engine says itself is told.
    fn error(&self, error: &EvalAltResult) -> Error {
        let inner = match error {
            EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => inner.unwrap_inner(),
            other => other,
        };
        let detail = match inner {
            EvalAltResult::ErrorRuntime(..) => "it threw an error".to_owned(),
            EvalAltResult::ErrorTooManyOperations(_) => format!("it took more than {MAX_OPERATIONS} steps"),
            EvalAltResult::ErrorDataTooLarge(..) => "a text or a list grew too large".to_owned(),
            EvalAltResult::ErrorStackOverflow(_) => "its calls nest too deeply".to_owned(),
            EvalAltResult::ErrorMismatchDataType(expected, found, _) => {
                format!("expected {expected}, found {found}")
            }
            EvalAltResult::ErrorFunctionNotFound(signature, _) => format!("there is no {signature}"),
            EvalAltResult::ErrorVariableNotFound(name, _) => format!("there is no variable {name}"),
            EvalAltResult::ErrorArrayBounds(..) => "an index is outside of the array".to_owned(),
            EvalAltResult::ErrorArithmetic(..) => "a number is out of range, or divided by zero".to_owned(),
            _ => "it failed".to_owned(),
        };
        let position: Position = inner.position();
        Error::Script { script: self.name.clone(), line: position.line().unwrap_or(0), detail }
    }
}

/// Copies values for a script, within its limits: a computed value shares its parts, and a copy does not.
struct Copier<'s, 'a> {
    /// How many values the script may still be given.
    left: usize,
    scope: &'s Scope<'a>,
}

impl Copier<'_, '_> {
    fn copy(&mut self, value: Value<'_>, depth: usize) -> Result<Dynamic, Error> {
        let left = self.left.checked_sub(1).filter(|_| depth <= MAX_DEPTH);
        self.left = left.ok_or(Error::Limit { what: "a script is given more than it may hold" })?;
        self.scope.pay(1)?;
        Ok(match value {
            Value::Null => Dynamic::UNIT,
            Value::Bool(truth) => truth.into(),
            Value::Number(number) => number_to_script(number),
            Value::String(text) => ImmutableString::from(self.text(text)?.as_ref()).into(),
            Value::Array(elements) => {
                let elements = elements.iter().map(|element| self.copy(*element, depth + 1));
                elements.collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Object(object) => {
                let mut map = rhai::Map::new();
                for entry in object.entries() {
                    map.insert(self.text(entry.key)?.as_ref().into(), self.copy(entry.value, depth + 1)?);
                }
                map.into()
            }
        })
    }

    fn text<'t>(&self, text: Text<'t>) -> Result<Cow<'t, str>, Error> {
        self.scope.pay(text.size())?;
        Ok(text.decode())
    }
}

/// A number too long for a decimal is handed over as text, with all its digits.
fn number_to_script(number: Number<'_>) -> Dynamic {
    if let Some(integer) = number.as_i64() {
        return integer.into();
    }
    match Decimal::from_str_exact(number.as_str()) {
        Ok(decimal) => decimal.into(),
        Err(_) => ImmutableString::from(number.as_str()).into(),
    }
}

fn from_script<'a>(value: &Dynamic, arena: &'a Arena, depth: usize) -> Option<Value<'a>> {
    if depth > MAX_DEPTH {
        return None;
    }
    if value.is_unit() {
        return Some(Value::Null);
    }
    if let Ok(truth) = value.as_bool() {
        return Some(Value::Bool(truth));
    }
    if let Ok(integer) = value.as_int() {
        return Some(Value::integer(arena, integer));
    }
    if let Some(decimal) = value.clone().try_cast::<Decimal>() {
        return Number::from_lexeme(arena.alloc_str(&decimal.to_string())).map(Value::Number);
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Some(Value::string(arena.alloc_str(&text)));
    }
    if let Ok(character) = value.as_char() {
        return Some(Value::string(arena.alloc_str(character.encode_utf8(&mut [0; 4]))));
    }
    if let Ok(elements) = value.as_array_ref() {
        let elements: Option<Vec<_>> =
            elements.iter().map(|item| from_script(item, arena, depth + 1)).collect();
        return elements.map(|elements| Value::array(arena, &elements));
    }
    let map = value.as_map_ref().ok()?;
    let entries: Option<Vec<_>> = map
        .iter()
        .map(|(key, item)| {
            let key = Text::plain(arena.alloc_str(key));
            Some(Entry { key, value: from_script(item, arena, depth + 1)? })
        })
        .collect();
    entries.map(|entries| Value::object(arena, &entries))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::expression::{Context, Inbound, Nothing};
    use crate::value::{Limits, read};

    fn run(text: &str, argument: &str) -> Result<String, Error> {
        let mut scripts = Scripts::default();
        scripts.add("p.s", text).map_err(|mistake| panic!("{mistake:?}")).unwrap();
        let arena = Arena::new();
        let value = read(argument.as_bytes(), &arena, &Limits::default()).unwrap();
        let inbound = Inbound::default();
        let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &Nothing, &Nothing, &inbound, value);
        let scope = Scope::new(&arena, &context, value);
        let script = scripts.find("p.s", "f", 1).unwrap();
        let mut json = Vec::new();
        script.call(&[value], &scope)?.write_json(&mut json);
        Ok(String::from_utf8(json).unwrap())
    }

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(run("fn f(x) { x.a }", r#"{"a":1.10}"#).unwrap(), "1.10");
        assert_eq!(run("fn f(x) { x + 0.2 }", "0.1").unwrap(), "0.3");
        assert_eq!(run("fn f(x) { x }", "12345678901234567890").unwrap(), "12345678901234567890");
    }

    #[test]
    fn every_limit_ends_in_a_clear_fault() {
        for (text, detail) in [
            (r#"fn f(x) { let s = "ab"; loop { s += s; } }"#, "a text or a list grew too large"),
            ("fn f(x) { loop { x += 1; } }", "it took more than 50000 steps"),
            ("fn f(x) { sleep(x) }", "it threw an error"),
            ("fn f(x) { f(x) }", "its calls nest too deeply"),
        ] {
            // The library does not always know the line.
            let error = run(text, "1").unwrap_err().to_string().replace(", line 1", "");
            assert_eq!(error, format!("script p.s.f: {detail}"));
        }
    }

    #[test]
    fn a_thrown_value_is_not_shown() {
        let error = run("fn f(x) { throw x }", r#""secret""#).unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn what_could_do_more_than_compute_is_refused() {
        let mut scripts = Scripts::default();
        let refused = |text: &str, scripts: &mut Scripts| scripts.add("p.s", text).unwrap_err();
        assert_eq!(refused(r#"fn f(x) { eval("1") }"#, &mut scripts).code, Code::ScriptForbidden);
        let statement = refused("fn f(x) { x }\n\n  let limit = 5;", &mut scripts);
        assert_eq!((statement.code, statement.line, statement.column), (Code::ScriptTopLevel, 3, 3));
    }
}
