//! Patterns: regular expressions that take time in proportion to the text, whatever the text. They are constants,
//! compiled when the file is loaded.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Weak};

use bumpalo::collections::Vec as ArenaVec;
use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::util::iter::Searcher;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::util::syntax;
use regex_automata::{Input, Match, PatternID};

use super::strings::{MAX_LENGTH, Made, TOO_LONG, made};
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
    /// What is put in the place of a match.
    replacement: Box<[Piece]>,
}

/// A pattern that was compiled.
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

/// A part of a replacement.
#[derive(Debug)]
enum Piece {
    Text(Box<str>),
    Group(usize),
}

fn bind(binding: &Binding<'_>, operation: Operation) -> Result<Box<dyn Bound>, Problem> {
    let text = binding.written(1, "a pattern")?.unwrap_or_default();
    let program = binding.names.patterns.get(&text).map_err(|(why, help)| {
        let message = format!("the pattern is not valid: {why}");
        Problem::new(binding.span(1), Code::BadPattern, message).help(help)
    })?;
    let by = binding.written(2, "the replacement")?.unwrap_or_default();
    let replacement = replacement(&by, &program.regex).map_err(|group| {
        let message = format!("the pattern has no group `{group}`");
        Problem::new(binding.span(2), Code::BadPattern, message)
            .help("a group is $1 or ${name}; before a letter or a digit ${1}; a dollar sign itself is $$")
    })?;
    Ok(Box::new(Pattern { operation, program, replacement }))
}

const HELP: &str =
    "the syntax is that of the crate `regex`; within single quotes a backslash is itself: '^\\d{6}$'";

fn compile(text: &str) -> Result<Program, Mistake> {
    if text.len() > MAX_PATTERN {
        return Err((format!("it is longer than {MAX_PATTERN} bytes"), "split it, or use a script"));
    }
    for size in SIZES {
        let config = Config::new().nfa_size_limit(Some(size));
        let syntax = syntax::Config::new().nest_limit(64);
        match Regex::builder().configure(config).syntax(syntax).build(text) {
            Ok(regex) => return Ok(Program { regex, cost: (size >> 12).max(1) }),
            Err(error) if error.size_limit().is_some() => {}
            Err(error) => return Err(explained(&error)),
        }
    }
    Err(("it is too large once its repetitions are written out".to_owned(), "use smaller repetitions"))
}

/// The last line of the crate's text says what is wrong; the others show where, as a terminal would.
fn explained(error: &BuildError) -> Mistake {
    let text = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
    let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let is_backtracking = why.contains("look-around") || why.contains("backreferences");
    let help =
        "capture what is needed, and test the rest with another pattern: a pattern takes linear time here";
    (why, if is_backtracking { help } else { HELP })
}

/// The parts of a replacement, or the first group in it that the pattern does not have: nothing would stand for it.
fn replacement(by: &str, regex: &Regex) -> Result<Box<[Piece]>, String> {
    let groups = regex.group_info();
    let (mut pieces, mut rest) = (Vec::new(), by);
    while let Some((text, after)) = rest.split_once('$') {
        pieces.push(Piece::Text(text.into()));
        if let Some(tail) = after.strip_prefix('$') {
            pieces.push(Piece::Text("$".into()));
            rest = tail;
            continue;
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (group, tail) =
            if let Some((group, tail)) = after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                (group, tail)
            } else {
                after.split_at(after.find(|c| !word(c)).unwrap_or(after.len()))
            };
        let known = match group.parse::<usize>() {
            Ok(number) => Some(number).filter(|number| *number < regex.captures_len()),
            Err(_) => groups.to_index(PatternID::ZERO, group),
        };
        pieces.push(Piece::Group(known.ok_or_else(|| group.to_owned())?));
        rest = tail;
    }
    pieces.push(Piece::Text(rest.into()));
    Ok(pieces.into())
}

impl Bound for Pattern {
    fn call<'a>(&'a self, arguments: &Arguments<'_, 'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let Some(text) = arguments.text(0, scope)? else { return Ok(Value::Null) };
        scope.pay(text.len().saturating_add(1).saturating_mul(self.program.cost))?;
        match self.operation {
            Operation::Test => Ok(Value::Bool(self.program.regex.is_match(text))),
            Operation::First => {
                let mut matches = Matches::new(&self.program.regex, text, scope);
                matches.advance().map_or(Ok(Value::Null), |_| self.groups(&matches, scope))
            }
            Operation::All => {
                let (mut matches, mut all) = (Matches::new(&self.program.regex, text, scope), scope.list());
                while let Some(whole) = matches.advance() {
                    self.pay_for_rest(text.len() - whole.end, scope)?;
                    all.push(self.groups(&matches, scope)?);
                }
                Ok(Value::Array(all.into_bump_slice()))
            }
            Operation::Replace => self.replaced(text, scope),
        }
    }
}

impl Pattern {
    /// Each search may look at all of the rest before it settles for a short match; most look at a fraction of it.
    fn pay_for_rest(&self, rest: usize, scope: &Scope<'_>) -> Result<(), Error> {
        scope.pay(rest.saturating_mul(self.program.cost) / REST)
    }

    /// An object of the named groups; without names an array of the groups; without groups the text that matches.
    fn groups<'a>(&'a self, matches: &Matches<'a>, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let count = self.program.regex.captures_len();
        scope.pay(count)?;
        let group = |at: usize| matches.group(at).map_or(Value::Null, Value::string);
        if count == 1 {
            return Ok(group(0));
        }
        let mut named = ArenaVec::new_in(scope.arena);
        for (at, name) in self.program.regex.group_info().pattern_names(PatternID::ZERO).enumerate() {
            named.extend(name.map(|name| Entry { key: Text::plain(name), value: group(at) }));
        }
        if !named.is_empty() {
            return Ok(Value::object(scope.arena, &named));
        }
        let mut groups = scope.list();
        groups.extend((1..count).map(group));
        Ok(Value::Array(groups.into_bump_slice()))
    }

    fn replaced<'a>(&'a self, text: &'a str, scope: &Scope<'a>) -> Result<Value<'a>, Error> {
        let mut matches = Matches::new(&self.program.regex, text, scope);
        let (mut replaced, mut end) = (Made::new_in(scope.arena), 0);
        while let Some(whole) = matches.advance() {
            self.pay_for_rest(text.len() - whole.end, scope)?;
            replaced.push_str(text.get(end..whole.start).unwrap_or_default());
            for piece in &self.replacement {
                replaced.push_str(match piece {
                    Piece::Text(text) => text,
                    Piece::Group(at) => matches.group(*at).unwrap_or_default(),
                });
            }
            end = whole.end;
            if replaced.len() > MAX_LENGTH {
                return Err(TOO_LONG);
            }
        }
        replaced.push_str(text.get(end..).unwrap_or_default());
        made(replaced, scope)
    }
}

/// The matches in a text, one after another.
struct Matches<'a> {
    regex: &'a Regex,
    text: &'a str,
    searcher: Searcher<'a>,
    /// Of the match that was found last: where each group begins and where it ends, the whole first.
    places: ArenaVec<'a, Option<NonMaxUsize>>,
}

impl<'a> Matches<'a> {
    fn new(regex: &'a Regex, text: &'a str, scope: &Scope<'a>) -> Self {
        let places = bumpalo::vec![in scope.arena; None; regex.captures_len() * 2];
        Self { regex, text, searcher: Searcher::new(Input::new(text)), places }
    }

    /// Goes on to the next match; where it stands.
    fn advance(&mut self) -> Option<Range<usize>> {
        let (regex, places) = (self.regex, &mut self.places);
        let found = self.searcher.advance(|input| {
            let found = regex.search_slots(input, places);
            Ok(found.and_then(|pattern| Some(Match::new(pattern, bounds(places, 0)?))))
        });
        found.map(|found| found.range())
    }

    /// The text of a group, where it takes part in the match.
    fn group(&self, at: usize) -> Option<&'a str> {
        self.text.get(bounds(&self.places, at)?)
    }
}

fn bounds(places: &[Option<NonMaxUsize>], group: usize) -> Option<Range<usize>> {
    let [start, end] = places.as_chunks().0.get(group)?;
    Some((*start)?.get()..(*end)?.get())
}
