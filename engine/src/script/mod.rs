//! Scripts: named Rhai functions for what a mapping cannot say, with every limit set.
//!
//! Numbers keep their digits: whole ones within 64 bits are integers, all others decimals; floats do not exist.
//! There is no `eval`, no module, no clock, no I/O.

mod check;
mod convert;
mod failure;
mod interpreter;
mod limits;
mod native;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use rhai::{AST, CallFnOptions, Dynamic, EvalAltResult};

use crate::diagnostic::Code;
use crate::expression::{Error, Scope};
use crate::fault::Place;
use crate::value::Value;
use convert::{Copier, from_script};
use failure::{UNKNOWN, broken};
use interpreter::{Interpreter, Pool};
use limits::{MAX_STEPS, MAX_TEXT, Stop, message_pays, steps_for};

/// The scripts of a configuration: each file's functions by `partner.file.function`. A copy shares the interpreters.
#[derive(Clone)]
pub struct Scripts {
    pool: Arc<Pool>,
    files: BTreeMap<String, Arc<File>>,
}

/// One file that was compiled.
pub struct File {
    /// As faults name it: `mappings/bank/scoring.rhai`.
    path: Arc<str>,
    ast: AST,
    /// The texts it throws as they are written; such a text holds nothing of a message.
    thrown: BTreeSet<Box<str>>,
}

/// A mistake in a script's text; line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub code: Code,
    pub line: usize,
    pub column: usize,
    /// How many characters are wrong.
    pub width: usize,
    pub message: String,
    pub help: Option<String>,
}

/// Why a script function was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    File,
    Function { known: Vec<String> },
    Arity { takes: Vec<usize> },
}

/// One function of a script, ready to be called.
pub struct Script {
    pool: Arc<Pool>,
    file: Arc<File>,
    name: Box<str>,
    function: Box<str>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Script").field(&self.name).finish()
    }
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("File").field(&self.path).finish()
    }
}

impl std::fmt::Debug for Scripts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}

impl Default for Scripts {
    fn default() -> Self {
        Self::new(|| Duration::ZERO)
    }
}

impl Scripts {
    /// `stopwatch` is the time since some moment; it bounds how long a call may take.
    #[must_use]
    pub fn new(stopwatch: fn() -> Duration) -> Self {
        Self { pool: Arc::new(Pool::new(stopwatch)), files: BTreeMap::new() }
    }

    /// Compiles the file at `path`.
    ///
    /// # Errors
    /// All that is wrong with it: it is not a script, calls what is not there, or does something outside of its
    /// functions.
    pub fn compile(&self, path: &str, text: &str) -> Result<Arc<File>, Vec<Mistake>> {
        if text.len() > MAX_TEXT {
            return Err(vec![Mistake {
                code: Code::ScriptTooLarge,
                line: 1,
                column: 1,
                width: 1,
                message: format!("the script has more than {} KB", MAX_TEXT / 1024),
                help: Some(
                    "split it into several files; what is as large as this is data: a code table".into(),
                ),
            }]);
        }
        let ast = self
            .pool
            .with(|interpreter| interpreter.engine.compile(text))
            .map_err(|error| vec![broken(&error)])?;
        let mistakes = check::mistakes(&ast, &self.pool.natives);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let thrown = check::thrown(&ast);
        Ok(Arc::new(File { path: path.into(), ast, thrown }))
    }

    /// Adds a file; `name` is `partner.file`.
    pub fn insert(&mut self, name: &str, file: Arc<File>) {
        self.files.insert(name.to_owned(), file);
    }

    /// The function of the file `partner.file` that takes `arity` arguments.
    ///
    /// # Errors
    /// What there is instead: the functions of that file, or nothing.
    pub fn find(&self, name: &str, function: &str, arity: usize) -> Result<Script, NotFound> {
        let file = self.files.get(name).ok_or(NotFound::File)?;
        let named = || file.ast.iter_functions().filter(|known| !known.name.starts_with(check::ANONYMOUS));
        let takes: Vec<usize> =
            named().filter(|known| known.name == function).map(|known| known.params.len()).collect();
        if takes.is_empty() {
            let known: BTreeSet<String> = named().map(|known| known.name.to_owned()).collect();
            return Err(NotFound::Function { known: known.into_iter().collect() });
        }
        if !takes.contains(&arity) {
            return Err(NotFound::Arity { takes });
        }
        Ok(Script {
            pool: Arc::clone(&self.pool),
            file: Arc::clone(file),
            name: format!("{name}.{function}").into(),
            function: function.into(),
        })
    }

    /// The files, as `partner.file`.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
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
        let mut copier = Copier::new(within);
        let arguments: Vec<Dynamic> =
            arguments.iter().map(|argument| copier.copy(*argument, 0)).collect::<Result<_, _>>()?;
        let affordable = steps_for(within.context.budget());
        self.pool.with(|interpreter| {
            interpreter.meter.start(affordable.min(MAX_STEPS));
            let result = self.run(interpreter, arguments);
            let (steps, time) = interpreter.meter.used();
            let stop = interpreter.meter.stopped();
            within.pay(message_pays(steps, time))?;
            if stop == Some(Stop::Steps) && affordable < MAX_STEPS {
                within.pay(usize::MAX)?;
            }
            let result = result.map_err(|error| self.error(error.as_deref(), stop))?;
            // A callback's end is not always its caller's: sorting goes on without it.
            if let Some(stop) = stop {
                return Err(self.fault((self.start(), failure::stopped(stop))));
            }
            from_script(&result, within, 0)?.map_err(|detail| self.fault((self.start(), detail)))
        })
    }

    /// `None` is a panic of the interpreter: a fault of this call, and of no other.
    fn run(
        &self,
        interpreter: &Interpreter,
        arguments: Vec<Dynamic>,
    ) -> Result<Dynamic, Option<Box<EvalAltResult>>> {
        let mut scope = rhai::Scope::new();
        let options = CallFnOptions::new().eval_ast(false);
        let call = || -> Result<Dynamic, Box<EvalAltResult>> {
            let (ast, name) = (&self.file.ast, &self.function);
            interpreter.engine.call_fn_with_options(options, &mut scope, ast, name, arguments)
        };
        catch_unwind(AssertUnwindSafe(call)).map_err(|_| None)?.map_err(Some)
    }

    fn error(&self, error: Option<&EvalAltResult>, stop: Option<Stop>) -> Error {
        let Some(error) = error else { return self.fault((self.start(), UNKNOWN.to_owned())) };
        let told = failure::Told { thrown: &self.file.thrown, natives: &self.pool.natives };
        let (position, detail) = told.about(error, stop);
        self.fault((position.or_else(|| self.start()), detail))
    }

    fn fault(&self, (position, detail): (Option<(usize, usize)>, String)) -> Error {
        let (line, column) = position.unwrap_or((1, 1));
        let place = Place::new(Arc::clone(&self.file.path), line, column);
        Error::Script(Box::new((place, detail)))
    }

    /// Where the function begins, for what has no place of its own.
    fn start(&self) -> Option<(usize, usize)> {
        check::start(&self.file.ast, &self.function)
    }
}
