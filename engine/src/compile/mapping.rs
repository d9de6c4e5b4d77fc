//! Mappings: target paths become nested objects, every rule is bound and checked on both sides.

use super::constant::constant;
use super::expressions::Compiler;
use crate::diagnostic::{Code, Diagnostic, suggestion};
use crate::document::rule as written;
use crate::document::{Node, Scalar};
use crate::expression::{Known, Sight};
use crate::plan::mapping::{Element, Mapping, Member, Missing, Rule, Source};
use crate::script::{NotFound, Script};
use crate::source::{Span, Spanned};

/// Where a mapping is being compiled: whose file, what is read, what is written.
#[derive(Clone)]
pub(super) struct Position<'p, 'c> {
    pub partner: &'p str,
    pub sight: Sight<'c>,
    /// What is known of the object being written.
    pub target: Known<'c>,
    /// Its path, for faults: empty at the top.
    pub path: String,
}

impl Position<'_, '_> {
    fn child(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// A target path whose first name was taken off.
struct Row<'w> {
    rest: Vec<String>,
    span: Span,
    rule: &'w written::Rule,
}

impl<'c> Compiler<'c> {
    pub(super) fn mapping(&mut self, written: &written::Map, position: &Position<'_, 'c>) -> Mapping {
        let mut groups: Vec<(String, Vec<Row<'_>>)> = Vec::new();
        for (target, rule) in &written.rows {
            let Some(mut names) = self.target_path(target) else { continue };
            let rest = names.split_off(1);
            let Some(first) = names.pop() else { continue };
            let row = Row { rest, span: target.span, rule };
            match groups.iter_mut().find(|(name, _)| *name == first) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((first, vec![row])),
            }
        }
        self.members(groups, position)
    }

    fn members(&mut self, groups: Vec<(String, Vec<Row<'_>>)>, position: &Position<'_, 'c>) -> Mapping {
        let mut members = Vec::with_capacity(groups.len());
        for (name, rows) in groups {
            let at = rows.first().map(|row| row.span);
            let target = at.map_or(Known::Any, |span| self.target_field(&name, span, position));
            let inner = Position { target, path: position.child(&name), ..position.clone() };
            if let Some(rule) = self.group(rows, &inner) {
                members.push(Member::new(&name, rule));
            }
        }
        Mapping { members }
    }

    /// One name's rows: one rule, or the parts of a nested object.
    fn group(&mut self, rows: Vec<Row<'_>>, position: &Position<'_, 'c>) -> Option<Rule> {
        if let Some(whole) = rows.iter().find(|row| row.rest.is_empty()) {
            for other in rows.iter().filter(|row| !std::ptr::eq(*row, whole)) {
                let message = format!("`{}` is written twice", position.path);
                self.diagnostics.push(
                    Diagnostic::error(Code::OverlappingTargets, message, other.span)
                        .context(whole.span, "the first")
                        .help("put all members of an object either under `map` or into dotted paths"),
                );
            }
            return self.rule(whole.rule, position);
        }
        let place = self.place(rows.first()?.span);
        let mut groups: Vec<(String, Vec<Row<'_>>)> = Vec::new();
        for mut row in rows {
            let rest = row.rest.split_off(1);
            let Some(first) = row.rest.pop() else { continue };
            let row = Row { rest, ..row };
            match groups.iter_mut().find(|(name, _)| *name == first) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((first, vec![row])),
            }
        }
        let mapping = self.members(groups, position);
        Some(Rule {
            place,
            target: position.path.as_str().into(),
            when: None,
            source: Source::Object { with: None, mapping },
            missing: Missing::Omit,
        })
    }

    /// `product.kind`; a name with other signs stands in double quotes.
    fn target_path(&mut self, target: &Spanned<String>) -> Option<Vec<String>> {
        let names = split_path(&target.value);
        if names.is_none() {
            let message = format!("`{}` is not a target path", target.value);
            let help = "names with dots between them: product.kind; a name with other signs in double quotes: '\"x-id\".a'";
            self.error(Code::BadTargetPath, message, target.span, Some(help.to_owned()));
        }
        names
    }

    fn target_field(&mut self, name: &str, span: Span, position: &Position<'_, 'c>) -> Known<'c> {
        position.target.field(name).unwrap_or_else(|known| {
            let message = format!("the schema of what is sent has no `{}`", position.child(name));
            let help = suggestion(name, known.iter().map(String::as_str));
            self.error(Code::TargetNotInSchema, message, span, help);
            Known::Any
        })
    }

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
                from: self.expression(from, partner, sight)?,
                except: except.iter().map(|name| name.text.as_str().into()).collect(),
                with: map.as_ref().map(|map| self.mapping(map, position)).unwrap_or_default(),
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
            sight: position.sight.inside(item),
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
        if let Some(values) = position.target.enum_values() {
            let allowed: Vec<String> = values.iter().map(ToString::to_string).collect();
            if !allowed.iter().any(|value| value == constant.as_json()) {
                let message = format!("the schema does not allow this value for `{}`", position.path);
                let help = suggestion(constant.as_json(), allowed.iter().map(String::as_str));
                self.error(Code::BadValue, message, node.span, help);
            }
        }
        constant
    }

    /// `scoring.grade` is the function `grade` of this partner's scoring.rhai.
    fn script(&mut self, name: &Scalar, arity: usize, partner: &str) -> Option<Script> {
        let full = format!("{partner}.{}", name.text);
        let (code, message, help) = match self.names.scripts.find(&full, arity) {
            Ok(script) => return Some(script),
            Err(NotFound::File) => {
                let file = name.text.split('.').next().unwrap_or_default();
                let own = |file: &&str| file.starts_with(&format!("{partner}."));
                let known: Vec<&str> = self.names.scripts.files().filter(own).collect();
                let help = suggestion(&format!("{partner}.{file}"), known.iter().copied())
                    .unwrap_or_else(|| format!("a script is named file.function, for the file {file}.rhai"));
                (Code::UnknownScript, format!("there is no script `{}`", name.text), Some(help))
            }
            Err(NotFound::Function { known }) => {
                let function = name.text.rsplit('.').next().unwrap_or_default();
                let help = suggestion(function, known.iter().map(String::as_str));
                (Code::UnknownScriptFunction, format!("the script has no function `{function}`"), help)
            }
            Err(NotFound::Arity { takes }) => {
                let takes: Vec<String> = takes.iter().map(ToString::to_string).collect();
                let message =
                    format!("`{}` takes {} arguments, {arity} given", name.text, takes.join(" or "));
                (Code::ScriptArity, message, None)
            }
        };
        self.error(code, message, name.span, help);
        None
    }
}

/// Names with dots between them; quoted ones may hold anything.
fn split_path(path: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = path;
    loop {
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"')?;
                (quoted.get(..end)?, quoted.get(end + 1..)?)
            }
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                let name = rest.get(..end)?;
                let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'));
                if name.is_empty() || !plain {
                    return None;
                }
                (name, rest.get(end..)?)
            }
        };
        names.push(name.to_owned());
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None if after.is_empty() => return Some(names),
            None => return None,
        }
    }
}
