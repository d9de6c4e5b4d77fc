//! Rules: every source is bound and checked on both sides.

use super::constant::constant;
use super::expressions::Compiler;
use super::mapping::Position;
use crate::diagnostic::{Code, suggestion};
use crate::document::rule as written;
use crate::document::{Node, Scalar};
use crate::expression::{Known, counted};
use crate::plan::mapping::{Element, Mapping, Missing, Rule, Source};
use crate::script::{NotFound, Script};

impl<'c> Compiler<'c> {
    /// A rule for the target that `position` stands at.
    pub(super) fn rule(&mut self, written: &written::Rule, position: &Position<'_, 'c>) -> Option<Rule> {
        let when = self.optional(written.when.as_ref(), position.partner, &position.sight);
        let missing = match &written.missing {
            written::Missing::Omit => Missing::Omit,
            written::Missing::Null => Missing::Null,
            written::Missing::Required => Missing::Required,
            written::Missing::Default(node) => Missing::Default(constant(node)),
        };
        let source = self.source(&written.source, position)?;
        Some(Rule {
            place: self.place(written.span),
            target: position.path.as_str().into(),
            when,
            source,
            missing,
        })
    }

    fn source(&mut self, written: &written::Source, position: &Position<'_, 'c>) -> Option<Source> {
        let (partner, sight) = (position.partner, &position.sight);
        Some(match written {
            written::Source::From(from) => Source::Expression(self.expression(from, partner, sight)?),
            written::Source::Value(node) => Source::Constant(self.checked_constant(node, position)),
            written::Source::Script { name, args } => {
                let script = self.script(name, args.len(), partner);
                let args: Option<Vec<_>> =
                    args.iter().map(|arg| self.expression(arg, partner, sight)).collect();
                Source::Script { script: script?, args: args? }
            }
            written::Source::Copy { from, except, map } => Source::Copy {
                from: {
                    let (from, known) = self.typed(from, partner, sight)?;
                    self.check_except(except, &known);
                    from
                },
                except: except.iter().map(|name| name.text.as_str().into()).collect(),
                with: match map {
                    Some(map) => self.mapping(map, &Position { over_a_copy: true, ..position.clone() }),
                    None => Mapping::default(),
                },
            },
            written::Source::Map { with: None, map } => {
                Source::Object { with: None, mapping: self.mapping(map, position) }
            }
            written::Source::Map { with: Some(with), map } => {
                let typed = self.typed(with, partner, sight);
                let known = typed.as_ref().map_or(Known::Any, |(_, known)| known.clone());
                let inner = Position { sight: sight.inside(known), ..position.clone() };
                let mapping = self.mapping(map, &inner);
                Source::Object { with: Some(typed?.0), mapping }
            }
            written::Source::Each { items, element } => {
                let typed = self.typed(items, partner, sight);
                let known = typed.as_ref().map_or(Known::Any, |(_, known)| known.element());
                let element = self.element(element, known, position);
                Source::Each { items: typed?.0, element: element? }
            }
            written::Source::List(rules) => Source::List(self.rules(rules, position)),
            written::Source::First(rules) => Source::First(self.rules(rules, position)),
        })
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

    fn rules(&mut self, written: &[written::Rule], position: &Position<'_, 'c>) -> Vec<Rule> {
        written.iter().filter_map(|rule| self.rule(rule, position)).collect()
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
            written::Element::From(from) => {
                Element::Expression(self.expression(from, position.partner, &inner.sight)?)
            }
            written::Element::Map(map) => Element::Mapping(self.mapping(map, &inner)),
        })
    }

    /// A constant that the receiver's schema does not list is a mistake that needs no message to be found.
    fn checked_constant(&mut self, node: &Node, position: &Position<'_, 'c>) -> crate::value::Constant {
        let constant = constant(node);
        if let Some(values) = position.target.enum_values()
            && !values.iter().map(ToString::to_string).any(|value| value == constant.as_json())
        {
            let message = format!("the schema does not allow this value for `{}`", position.path);
            let text =
                |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let allowed: Vec<String> = values.into_iter().map(text).collect();
            let given = constant.as_code().unwrap_or_else(|| constant.as_json());
            let help = suggestion(given, allowed.iter().map(String::as_str));
            self.error(Code::BadValue, message, node.span, help);
        }
        constant
    }

    /// `scoring.grade` is the function `grade` of this partner's scoring.rhai.
    fn script(&mut self, name: &Scalar, arity: usize, partner: &str) -> Option<Script> {
        let (file, function) = name.text.split_once('.').unwrap_or((&name.text, ""));
        let qualified = format!("{partner}.{file}");
        self.names.used.mark(&qualified);
        let (code, message, help) = match self.names.scripts.find(&qualified, function, arity) {
            Ok(script) => return Some(script),
            Err(NotFound::File) if self.names.broken.explains(&qualified) => return None,
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
