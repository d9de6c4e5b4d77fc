//! Patterns: regular expressions that take time in proportion to the text, whatever the text. They are constants,
//! compiled when the file is loaded.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use regex::{Captures, Regex, RegexBuilder};

use super::strings::{MAX_LENGTH, TOO_LONG, string};
use crate::diagnostic::Code;
use crate::expression::binding::{Arguments, Binding, Bound, Function, Type};
use crate::expression::{Error, Problem, Scope};
use crate::value::{Entry, Text, Value};

pub static FUNCTIONS: &[Function] = &[
    Function::bound("capture", &[Type::MaybeString, Type::String], 0, |binding| {
        bind(binding, Operation::First)
    }),
    Function::bound("capture_all", &[Type::MaybeString, Type::String], 0, |binding| {
        bind(binding, Operation::All)
    }),
    Function::bound("matches", &[Type::MaybeString, Type::String], 0, |binding| {
        bind(binding, Operation::Test)
    }),
    Function::bound("replace_pattern", &[Type::MaybeString, Type::String, Type::String], 0, |binding| {
        bind(binding, Operation::Replace)
    }),
];

/// A longer pattern is a program in the wrong place.
const MAX_PATTERN: usize = 1024;
/// What the rest of a text costs at each match is a part of what the whole cost once.
const REST: usize = 16;
/// Bytes a compiled pattern may take, smallest first: what it takes tells how long a character of the text may take.
const SIZES: [usize; 5] = [1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20];

#[derive(Debug, Clone, Copy)]
enum Operation {
    Test,
    First,
    All,
    Replace,
}

#[derive(Debug)]
struct Pattern {
    operation: Operation,
    program: Arc<Program>,
}

#[derive(Debug)]
struct Program {
    regex: Regex,
    /// What a byte of the text costs of the message's budget.
    cost: usize,
}

/// The patterns in use by their texts: many rules have the same, and a compiled one is large.
#[derive(Debug, Default)]
pub struct Patterns(RefCell<BTreeMap<Box<str>, Weak<Program>>>);

impl Patterns {
    fn get(&self, text: &str) -> Result<Arc<Program>, Mistake> {
        if let Some(known) = self.0.borrow().get(text).and_then(Weak::upgrade) {
            return Ok(known);
        }
        let program = Arc::new(compile(text)?);
        self.0.borrow_mut().insert(text.into(), Arc::downgrade(&program));
        Ok(program)
    }

    /// Forgets what no rule has any more.
    pub fn tidy(&self) {
        self.0.borrow_mut().retain(|_, program| program.strong_count() > 0);
    }
}

/// What is wrong with a pattern, and what to do.
type Mistake = (String, &'static str);

fn bind(binding: &Binding<'_>, operation: Operation) -> Result<Box<dyn Bound>, Problem> {
    let text = binding.written(1, "a pattern")?.unwrap_or_default();
    let program = binding.names.patterns.get(&text).map_err(|(why, help)| {
        let message = format!("the pattern is not valid: {why}");
        Problem::new(binding.span(1), Code::BadPattern, message).help(help)
    })?;
    if let Some(by) = binding.written(2, "the replacement")? {
        check_groups(&by, &program.regex).map_err(|group| {
            let message = format!("the pattern has no group `{group}`");
            Problem::new(binding.span(2), Code::BadPattern, message)
                .help("a group is $1 or ${name}; before a letter or a digit ${1}; a dollar sign itself is $$")
        })?;
    }
    Ok(Box::new(Pattern { operation, program }))
}

const HELP: &str =
    "the syntax is that of the crate `regex`; within single quotes a backslash is itself: '^\\d{6}$'";

fn compile(text: &str) -> Result<Program, Mistake> {
    if text.len() > MAX_PATTERN {
        return Err((format!("it is longer than {MAX_PATTERN} bytes"), "split it, or use a script"));
    }
    for size in SIZES {
        match RegexBuilder::new(text).size_limit(size).nest_limit(64).build() {
            Ok(regex) => return Ok(Program { regex, cost: (size >> 12).max(1) }),
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(error) => return Err(explained(&error)),
        }
    }
    Err(("it is too large once its repetitions are written out".to_owned(), "use smaller repetitions"))
}

/// The last line of the crate's text says what is wrong; the others show where, as a terminal would.
fn explained(error: &regex::Error) -> Mistake {
    let text = error.to_string();
    let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let is_backtracking = why.contains("look-around") || why.contains("backreferences");
    let help =
        "capture what is needed, and test the rest with another pattern: a pattern takes linear time here";
    (why, if is_backtracking { help } else { HELP })
}

/// The first group of the replacement that the pattern does not have: it would be replaced by nothing.
fn check_groups(by: &str, regex: &Regex) -> Result<(), String> {
    let mut rest = by;
    while let Some((_, after)) = rest.split_once('$') {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (group, tail) = if let Some(tail) = after.strip_prefix('$') {
            ("0", tail)
        } else if let Some((group, tail)) = after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            (group, tail)
        } else {
            after.split_at(after.find(|c| !word(c)).unwrap_or(after.len()))
        };
        let known = match group.parse::<usize>() {
            Ok(number) => number < regex.captures_len(),
            Err(_) => regex.capture_names().flatten().any(|name| name == group),
        };
        if !known {
            return Err(group.to_owned());
        }
        rest = tail;
    }
    Ok(())
}

impl Bound for Pattern {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
        scope.pay(text.len().saturating_add(1).saturating_mul(self.program.cost))?;
        match self.operation {
            Operation::Test => Ok(Value::Bool(self.program.regex.is_match(text))),
            Operation::First => match self.program.regex.captures(text) {
                Some(captures) => self.groups(&captures, scope),
                None => Ok(Value::Null),
            },
            Operation::All => {
                let mut all = scope.list();
                for captures in self.program.regex.captures_iter(text) {
                    self.pay_for_match(text, &captures, scope)?;
                    all.push(self.groups(&captures, scope)?);
                }
                Ok(Value::Array(all.into_bump_slice()))
            }
            Operation::Replace => self.replaced(text, arguments.text(2, scope)?.unwrap_or_default(), scope),
        }
    }
}

impl Pattern {
    /// Each search may look at all of the rest before it settles for a short match; most look at a fraction of it.
    fn pay_for_match(&self, text: &str, captures: &Captures<'_>, scope: &Scope<'_>) -> Result<(), Error> {
        let end = captures.get(0).map_or(0, |whole| whole.end());
        scope.pay((text.len() - end).saturating_mul(self.program.cost) / REST)
    }

    /// An object of the named groups; without names an array of the groups; without groups the text that matches.
    fn groups<'a>(&self, captures: &Captures<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        scope.pay(captures.len())?;
        let group = |at: usize| captures.get(at).map_or(Value::Null, |found| Value::string(found.as_str()));
        if captures.len() == 1 {
            return Ok(group(0));
        }
        let mut named = bumpalo::collections::Vec::new_in(scope.arena);
        for (at, name) in self.program.regex.capture_names().enumerate() {
            if let Some(name) = name {
                named.push(Entry { key: Text::plain(scope.arena.alloc_str(name)), value: group(at) });
            }
        }
        if !named.is_empty() {
            return Ok(Value::object(scope.arena, &named));
        }
        let mut groups = scope.list();
        groups.extend((1..captures.len()).map(group));
        Ok(Value::Array(groups.into_bump_slice()))
    }

    fn replaced<'a>(&self, text: &'a str, by: &str, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let mut replaced = String::new();
        let mut end = 0;
        for captures in self.program.regex.captures_iter(text) {
            let Some(whole) = captures.get(0) else { continue };
            self.pay_for_match(text, &captures, scope)?;
            replaced.push_str(text.get(end..whole.start()).unwrap_or_default());
            captures.expand(by, &mut replaced);
            end = whole.end();
            if replaced.len() > MAX_LENGTH {
                return Err(TOO_LONG);
            }
        }
        replaced.push_str(text.get(end..).unwrap_or_default());
        string(&replaced, scope)
    }
}
