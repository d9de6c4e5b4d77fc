//! Reading a mapping of known keys: the list of keys drives what is read, what is reported, what is suggested.

use std::collections::BTreeSet;

use super::comma;
use super::keys::{Key, Keys, Shape};
use super::shared::Shared;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::document::{Kind, Node, Resolved, Scalar, Style};
use crate::source::{Sources, Span, Spanned};

/// What a name may hold, in words.
pub const NAMES: &str = "a name is made of letters, digits, `_` and `-`";

/// The first sign that a name of the author's own cannot have; others would not be told from what stands around it.
#[must_use]
pub fn forbidden_sign(name: &str) -> Option<char> {
    name.chars().find(|sign| !sign.is_alphanumeric() && !matches!(sign, '_' | '-'))
}

/// Reads documents and collects what is wrong with them.
pub struct Reader<'d> {
    pub sources: &'d Sources,
    pub diagnostics: &'d mut Diagnostics,
    /// What `use` names.
    pub(super) shared: &'d Shared,
    /// The shared mappings that are being read, by where they are named.
    pub(super) using: Vec<Span>,
    /// All that were.
    pub(super) used: BTreeSet<Span>,
}

/// What a document may use that has no shared mappings beside it.
static NONE: Shared = Shared::none();

/// The entries of one mapping whose keys were checked.
pub struct Fields<'n> {
    pub span: Span,
    keys: &'static Keys,
    entries: &'n [(Spanned<String>, Node)],
    /// The known keys that unknown ones seem to stand for; empty where those mean nothing at all.
    misspelt: Vec<&'static str>,
    whole: bool,
}

impl<'n> Fields<'n> {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.value == name).map(|(_, node)| node)
    }

    /// Where its first key stands.
    #[must_use]
    pub fn start(&self) -> Span {
        self.entries.first().map_or(self.span, |(key, _)| key.span)
    }

    /// Where the key itself stands.
    #[must_use]
    pub fn key_span(&self, name: &str) -> Span {
        self.entries.iter().find(|(key, _)| key.value == name).map_or(self.span, |(key, _)| key.span)
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether an unknown key seems to stand for this one, so that its absence is no second mistake.
    #[must_use]
    pub fn misspells(&self, name: &str) -> bool {
        self.misspelt.contains(&name)
    }

    /// Whether every key was known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

impl<'d> Reader<'d> {
    pub fn new(sources: &'d Sources, diagnostics: &'d mut Diagnostics) -> Self {
        Self { sources, diagnostics, shared: &NONE, using: Vec::new(), used: BTreeSet::new() }
    }

    /// The same beside shared mappings.
    #[must_use]
    pub fn beside(self, shared: &'d Shared) -> Self {
        Self { shared, ..self }
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A mapping whose keys are all among `keys`; unknown and missing ones are reported.
    pub fn fields<'n>(&mut self, node: &'n Node, keys: &'static Keys) -> Option<Fields<'n>> {
        let what = keys.what;
        let entries = self.mapping(node, what)?;
        let names = || keys.names();
        let mut fields = Fields { span: node.span, keys, entries, misspelt: Vec::new(), whole: true };
        for (key, _) in entries.iter().filter(|(key, _)| names().all(|name| name != key.value)) {
            let message = format!("{what} has no key `{}`", key.value);
            let meant = did_you_mean(&key.value, names());
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("its keys are: {}", names().collect::<Vec<_>>().join(", ")),
            };
            self.report(Diagnostic::error(Code::UnknownKey, message, key.span).help(help));
            fields.misspelt.extend(meant);
            fields.whole = false;
        }
        let is_missing = |key: &&Key| key.required && !fields.has(key.name) && !fields.misspells(key.name);
        for missing in keys.keys.iter().filter(is_missing) {
            let message = format!("{what} needs the key `{}`", missing.name);
            let help = format!("`{}`: {}", missing.name, missing.about);
            let at = fields.start();
            self.report(Diagnostic::error(Code::MissingKey, message, at).help(help));
        }
        Some(fields)
    }

    /// The one value under `key`, if there is one: an expression or a text, as the key says.
    pub fn scalar(&mut self, fields: &Fields<'_>, key: &str) -> Option<Scalar> {
        let (node, what) = (fields.get(key)?, format!("`{key}`"));
        match fields.keys.get(key).map(|key| key.shape) {
            Some(Shape::Expression) => self.expression(node, &what),
            _ => self.text(node, &what),
        }
    }

    /// A mapping with keys of the author's own.
    pub fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [(Spanned<String>, Node)]> {
        let Kind::Mapping(entries) = &node.kind else { return self.wrong(node, what, "a mapping") };
        let cut = comma::cut_entry(entries, self.sources);
        if let Some(span) = cut {
            self.report(comma::diagnostic(span));
        }
        cut.is_none().then_some(entries)
    }

    pub fn sequence<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        let Kind::Sequence(items) = &node.kind else { return self.wrong(node, what, "a list") };
        let cut = comma::cut_item(items, self.sources);
        if let Some(span) = cut {
            self.report(comma::diagnostic(span));
        }
        cut.is_none().then_some(items)
    }

    /// Any scalar, as text: a name, a path, a duration.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<Scalar> {
        match &node.kind {
            Kind::Scalar(scalar) if scalar.text.is_empty() => {
                let message = format!("{what} is empty");
                self.report(Diagnostic::error(Code::EmptyValue, message, node.span));
                None
            }
            Kind::Scalar(scalar) => Some(scalar.clone()),
            _ => self.wrong(node, what, "one value"),
        }
    }

    /// A JMESPath expression. `true`, `5` and `null` are constants in disguise, which an expression cannot be.
    pub fn expression(&mut self, node: &Node, what: &str) -> Option<Scalar> {
        let scalar = self.text(node, what)?;
        let disguised = scalar.style == Style::Plain && scalar.resolved != Resolved::String;
        if disguised {
            let message = format!("{what} must be an expression, not {}", scalar.resolved.noun());
            let is_rule = what.starts_with("the rule") || what == "`from`";
            let help = match scalar.resolved {
                _ if is_rule => format!("a constant is written {{value: {}}}", scalar.text),
                Resolved::Null => "write an expression, or remove the key".to_owned(),
                _ => format!("within an expression a constant stands in backquotes: `{}`", scalar.text),
            };
            self.report(Diagnostic::error(Code::WrongShape, message, node.span).help(help));
            return None;
        }
        Some(scalar)
    }

    pub fn boolean(&mut self, node: &Node, what: &str) -> Option<bool> {
        match &node.kind {
            Kind::Scalar(Scalar { resolved: Resolved::Bool(value), .. }) => Some(*value),
            _ => self.wrong(node, what, "true or false"),
        }
    }

    /// A whole number, 0 or more.
    pub fn number(&mut self, node: &Node, what: &str) -> Option<u32> {
        let parsed = node.as_scalar().and_then(|scalar| scalar.text.parse().ok());
        if parsed.is_none() {
            return self.wrong(node, what, "a whole number");
        }
        parsed
    }

    /// A name that other files refer to, as `partner/name` or `partner.name`.
    pub fn check_name(&mut self, name: &Spanned<String>) {
        if let Some(sign) = forbidden_sign(&name.value) {
            let message = format!("the name `{}` holds `{}`", name.value, sign.escape_debug());
            self.report(Diagnostic::error(Code::BadName, message, name.span).help(NAMES));
        }
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, node: &Node, what: &str, choices: &[(&str, T)]) -> Option<T> {
        let scalar = self.text(node, what)?;
        let chosen = choices.iter().find(|(word, _)| *word == scalar.text);
        if chosen.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            let message = format!("{what} cannot be `{}`", scalar.text);
            let help = format!("it is one of: {}", words.join(", "));
            self.report(Diagnostic::error(Code::BadValue, message, node.span).help(help));
        }
        chosen.map(|(_, value)| *value)
    }

    /// Reports that `node` has another shape than `expected`.
    pub fn wrong<T>(&mut self, node: &Node, what: &str, expected: &str) -> Option<T> {
        let message = format!("{what} must be {expected}, not {}", node.noun());
        self.report(Diagnostic::error(Code::WrongShape, message, node.span));
        None
    }
}
