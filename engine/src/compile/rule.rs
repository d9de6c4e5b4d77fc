//! Rules: every source is bound and checked on both sides.

use super::expressions::Compiler;
use super::mapping::Position;
use crate::diagnostic::{Code, Diagnostic, suggestion};
use crate::document::Scalar;
use crate::document::rule as written;
use crate::expression::{Expression, Kind, Known, Sight, counted};
use crate::plan::mapping::{Copied, Each, Element, Mapping, Missing, Rule, Source};
use crate::script::{NotFound, Script};
use crate::source::Span;

impl<'c> Compiler<'c> {
    /// A rule for the target that `position` stands at.
    pub(super) fn rule(&mut self, written: &written::Rule, position: &Position<'_, 'c>) -> Option<Rule> {
        let when = self.condition(written.when.as_ref(), position.partner, &position.sight);
        let missing = match &written.missing {
            written::Missing::Omit => Missing::Omit,
            written::Missing::Null => {
                self.check_null(&position.target, written.span, &position.path);
                Missing::Null
            }
            written::Missing::Required => Missing::Required,
            written::Missing::Default(node) => Missing::Default(self.checked_constant(node, position).into()),
        };
        let source = self.source(&written.source, position)?;
        Some(Rule {
            place: self.place(written.span),
            when: when.map(Box::new),
            source,
            missing,
            note: written.note.as_ref().map(|note| Box::new(note.text.as_str().into())),
        })
    }

    /// Compiles a `when`; one that no message decides is a mistake.
    pub(super) fn condition(
        &mut self,
        written: Option<&Scalar>,
        partner: &str,
        sight: &Sight<'c>,
    ) -> Option<Expression> {
        let (written, when) = (written?, self.optional(written, partner, sight)?);
        let (code, message, help) = match when.truth() {
            None => return Some(when),
            Some(true) => (Code::UselessKey, "`when` is true of every message", "leave it out"),
            Some(false) => (
                Code::UnreachableRow,
                "`when` is true of no message",
                "a name without quotes is a path; 'text' is text; `true` in backquotes is a constant",
            ),
        };
        self.error(code, message, written.span, Some(help.to_owned()));
        Some(when)
    }

    fn source(&mut self, written: &written::Source, position: &Position<'_, 'c>) -> Option<Source> {
        let (partner, sight) = (position.partner, &position.sight);
        Some(match written {
            written::Source::From(from) => Source::Expression(self.from(from, sight, position)?),
            written::Source::Value(node) => Source::Constant(self.checked_constant(node, position).into()),
            written::Source::Script { name, args } => {
                let script = self.script(name, args.len(), partner);
                let args: Option<Box<[_]>> =
                    args.iter().map(|arg| self.expression(arg, partner, sight)).collect();
                Source::Script { script: Box::new(script?), args: args? }
            }
            written::Source::Copy { from, except, map } => {
                let (copied, known) = self.typed(from, partner, sight)?;
                self.check_except(except, &known);
                let what = "`copy` with `except` or `map` takes";
                let whole = map.is_none() && except.is_empty();
                if whole || self.check_is("object", what, &known, from.span) {
                    let _ = self.check_types(&known.types(), &position.target, from.span, &position.path);
                }
                let except = except.iter().map(|name| name.text.as_str().into()).collect();
                let with = match map {
                    Some(map) => self.mapping(map, &Position { over_a_copy: true, ..position.clone() }),
                    None => Mapping::default(),
                };
                Source::Copy(Box::new(Copied::new(copied, except, with)))
            }
            written::Source::Map { with: None, map } => {
                Source::Object { with: None, mapping: self.mapping(map, position) }
            }
            written::Source::Map { with: Some(with), map } => {
                let typed = self.typed(with, partner, sight);
                let known = typed.as_ref().map_or(Known::Any, |(_, known)| known.clone());
                let inner = Position { sight: sight.inside(known), ..position.clone() };
                let mapping = self.mapping(map, &inner);
                Source::Object { with: Some(Box::new(typed?.0)), mapping }
            }
            written::Source::Each { items, element } => {
                let typed = self.typed(items, partner, sight);
                let known = typed.as_ref().map_or(Known::Any, |(_, known)| known.clone());
                let _ = self.check_is("array", "`each` goes over", &known, items.span);
                let _ = self.check_types(&["array"], &position.target, items.span, &position.path);
                let element = self.element(element, known.element(), position);
                Source::Each(Box::new(Each { items: typed?.0, element: element? }))
            }
            written::Source::List(rules) => {
                if let Some(first) = rules.first() {
                    let _ = self.check_types(&["array"], &position.target, first.span, &position.path);
                }
                let element = |at| Position {
                    target: position.target.element(),
                    path: format!("{}[{at}]", position.path),
                    ..position.clone()
                };
                let rules = rules.iter().enumerate();
                Source::List(rules.filter_map(|(at, rule)| self.rule(rule, &element(at))).collect())
            }
            written::Source::First(rules) => Source::First(self.alternatives(rules, position).into()),
        })
    }

    /// An expression whose value is written.
    fn from(
        &mut self,
        written: &Scalar,
        sight: &Sight<'c>,
        position: &Position<'_, 'c>,
    ) -> Option<Expression> {
        let (from, known) = self.typed(written, position.partner, sight)?;
        match from.as_literal() {
            Some(constant) => self.check_literal(constant, written.span, &position.target, &position.path),
            None => {
                let _ = self.check_types(&known.types(), &position.target, written.span, &position.path);
            }
        }
        Some(from)
    }

    /// A name that the copied object cannot have leaves nothing out.
    fn check_except(&mut self, except: &[Scalar], copied: &Known<'c>) {
        for name in except {
            if let Err(known) = copied.field(&name.text) {
                let message = format!("the object that is copied has no `{}`", name.text);
                let help = suggestion(&name.text, known.iter().map(String::as_str));
                self.error(Code::PathNotInSchema, message, name.span, help);
            }
        }
    }

    /// The rules of `first`; behind one that always yields a value none is reached.
    fn alternatives(&mut self, written: &[written::Rule], position: &Position<'_, 'c>) -> Vec<Rule> {
        let mut rules = Vec::new();
        let mut always: Option<Span> = None;
        for written in written {
            if let Some(earlier) = always {
                let message = "the rule is never reached";
                self.diagnostics.push(
                    Diagnostic::error(Code::UnreachableRow, message, written.span)
                        .context(earlier, "this rule always has a value or a fault")
                        .help("such a rule comes last, or has a `when`"),
                );
                return rules;
            }
            let Some(rule) = self.rule(written, position) else { continue };
            always = rule.is_final().then_some(written.span);
            rules.push(rule);
        }
        rules
    }

    fn element(
        &mut self,
        written: &written::Element,
        item: Known<'c>,
        position: &Position<'_, 'c>,
    ) -> Option<Element> {
        let inner = Position {
            sight: position.sight.inside_each(item),
            target: position.target.element(),
            path: format!("{}[]", position.path),
            ..position.clone()
        };
        Some(match written {
            written::Element::Same => Element::Same,
            written::Element::From(from) => Element::Expression(self.from(from, &inner.sight, &inner)?),
            written::Element::Map(map) => Element::Mapping(self.mapping(map, &inner)),
        })
    }

    /// `scoring.grade` is the function `grade` of this partner's scoring.rhai.
    fn script(&mut self, name: &Scalar, arity: usize, partner: &str) -> Option<Script> {
        let (file, function) = name.text.split_once('.').unwrap_or((&name.text, ""));
        let qualified = format!("{partner}.{file}");
        self.used.mark(Kind::Script, &qualified);
        let (code, message, help) = match self.names.scripts.find(&qualified, function, arity) {
            Ok(script) => return Some(script),
            Err(NotFound::File) if self.names_of(partner).explains(&qualified) => return None,
            Err(NotFound::File) => {
                let prefix = format!("{partner}.");
                let own = self.names.scripts.files().filter_map(|file| file.strip_prefix(&prefix));
                let help = suggestion(file, own)
                    .unwrap_or_else(|| format!("a script is named file.function, for the file {file}.rhai"));
                (Code::UnknownScript, format!("there is no script `{file}`"), Some(help))
            }
            Err(NotFound::Function { known }) => {
                let help = suggestion(function, known.iter().map(String::as_str));
                let message = format!("the script `{file}` has no function `{function}`");
                (Code::UnknownScriptFunction, message, help)
            }
            Err(NotFound::Arity { takes }) => {
                let takes: Vec<String> = takes.iter().map(ToString::to_string).collect();
                let takes = counted(&takes.join(" or "), "argument");
                (Code::ScriptArity, format!("{} takes {takes}, {arity} given", name.text), None)
            }
        };
        self.error(code, message, name.span, help);
        None
    }
}
