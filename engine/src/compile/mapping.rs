//! Mappings: target paths become nested objects, each checked against the schema of what is sent.

use super::expressions::Compiler;
use crate::diagnostic::{Code, Diagnostic, suggestion};
use crate::document::rule as written;
use crate::expression::{Known, Sight};
use crate::plan::mapping::{Mapping, Member, Missing, Rule, Source};
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
    /// What stands for the object in the file.
    pub at: Span,
    /// Whose schema that is: `what is sent`.
    pub schema_of: &'static str,
    /// The rules write some members of an object whose others are copied.
    pub over_a_copy: bool,
}

impl Position<'_, '_> {
    fn child(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// One target with its rule.
struct Row<'w> {
    /// The names of its path that are still to be gone, the next one last.
    names: Vec<String>,
    span: Span,
    rule: &'w written::Rule,
}

impl<'c> Compiler<'c> {
    pub(super) fn mapping(&mut self, written: &written::Map, position: &Position<'_, 'c>) -> Mapping {
        let mut rows = Vec::with_capacity(written.rows.len());
        for (target, rule) in &written.rows {
            if let Some(mut names) = self.target_path(target) {
                names.reverse();
                rows.push(Row { names, span: target.span, rule });
            }
        }
        let whole = written.whole && rows.len() == written.rows.len();
        self.object(rows, whole, position)
    }

    /// The object that `rows` write; `whole` unless some of them could not be read.
    fn object(&mut self, rows: Vec<Row<'_>>, whole: bool, position: &Position<'_, 'c>) -> Mapping {
        let groups = by_first_name(rows);
        let names: Vec<String> = groups.iter().map(|(name, _)| name.clone()).collect();
        let mut members = Vec::with_capacity(groups.len());
        let mut checked = whole && !position.over_a_copy;
        for (name, rows) in groups {
            let Some(at) = rows.first().map(|row| row.span) else { continue };
            let target = self.target_field(&name, at, position);
            checked &= target.is_some();
            let inner = Position {
                target: target.unwrap_or(Known::Any),
                path: position.child(&name),
                at,
                over_a_copy: false,
                ..position.clone()
            };
            members.extend(self.group(rows, whole, &inner).map(|rule| Member::new(&name, rule)));
        }
        if checked {
            self.check_required(&names, position);
        }
        Mapping { members: members.into() }
    }

    /// One name's rows: one rule, or the parts of a nested object.
    fn group(&mut self, rows: Vec<Row<'_>>, whole: bool, position: &Position<'_, 'c>) -> Option<Rule> {
        if let [row] = rows.as_slice()
            && row.names.is_empty()
        {
            return self.rule(row.rule, position);
        }
        if let Some(at) = rows.iter().position(|row| row.names.is_empty()) {
            self.overlap(&rows, at, position);
            return None;
        }
        let place = self.place(position.at);
        let mapping = self.object(rows, whole, position);
        Some(Rule {
            place,
            when: None,
            source: Source::Object { with: None, mapping },
            missing: Missing::Omit,
            note: None,
        })
    }

    /// The row `whole` writes an object of which other rows write parts.
    fn overlap(&mut self, rows: &[Row<'_>], whole: usize, position: &Position<'_, 'c>) {
        let (first, second) = if whole == 0 { (0, 1) } else { (0, whole) };
        let (Some(first), Some(second)) = (rows.get(first), rows.get(second)) else { return };
        let message = format!("`{}` is written twice", position.path);
        self.diagnostics.push(
            Diagnostic::error(Code::OverlappingTargets, message, second.span)
                .context(first.span, "the first")
                .help("put all members of an object either under `map` or into dotted paths"),
        );
    }

    /// Whatever the message, an object without these would be refused.
    fn check_required(&mut self, names: &[String], position: &Position<'_, 'c>) {
        let required = position.target.required();
        let missing = required.into_iter().filter(|name| !names.iter().any(|written| written == name));
        let missing: Vec<String> = missing.map(|name| format!("`{}`", position.child(name))).collect();
        if missing.is_empty() {
            return;
        }
        let message = format!("no rule writes {}, which the schema requires", missing.join(", "));
        let help = Some("add a rule for it; what has no source may be a constant: {value: …}".to_owned());
        self.error(Code::RequiredTargetMissing, message, position.at, help);
    }

    /// `product.kind`; a name with other signs stands in double quotes.
    pub(super) fn target_path(&mut self, target: &Spanned<String>) -> Option<Vec<String>> {
        let names = split_path(&target.value);
        if names.is_none() {
            let message = format!("`{}` is not a target path", target.value);
            let help = "names with dots between them: product.kind; a name with other signs in double quotes: '\"x-id\".a'";
            self.error(Code::BadTargetPath, message, target.span, Some(help.to_owned()));
        }
        names
    }

    fn target_field(&mut self, name: &str, span: Span, position: &Position<'_, 'c>) -> Option<Known<'c>> {
        match position.target.field(name) {
            Ok(known) => Some(known),
            Err(known) => {
                let message =
                    format!("the schema of {} has no `{}`", position.schema_of, position.child(name));
                let help = suggestion(name, known.iter().map(String::as_str));
                self.error(Code::TargetNotInSchema, message, span, help);
                None
            }
        }
    }
}

fn by_first_name(rows: Vec<Row<'_>>) -> Vec<(String, Vec<Row<'_>>)> {
    let mut groups: Vec<(String, Vec<Row<'_>>)> = Vec::new();
    for mut row in rows {
        let Some(first) = row.names.pop() else { continue };
        match groups.iter_mut().find(|(name, _)| *name == first) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((first, vec![row])),
        }
    }
    groups
}

/// Names with dots between them; quoted ones may hold anything.
pub(super) fn split_path(path: &str) -> Option<Vec<String>> {
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
