//! Faults of the configuration: one shape, made where they are found and rendered elsewhere.
//!
//! A diagnostic says what is wrong in a short headline, points at one place, may point at others
//! that explain it, and ends with one line that says what to do. It names keys and files of the
//! configuration, never a secret or a message's data.

mod code;
pub mod render;
mod suggestion;

pub use code::Code;
pub use suggestion::{did_you_mean, suggestion};

use crate::source::{Sources, Span};

/// Whether the configuration may be used in spite of the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A place and what is to be said about it; the text may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One finding about the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// The headline: short, lower case, no full stop.
    pub message: String,
    /// Where it is wrong.
    pub primary: Label,
    /// Other places that explain the first, in the order they were added.
    pub context: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Error, code, message.into(), span)
    }

    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Warning, code, message.into(), span)
    }

    fn new(severity: Severity, code: Code, message: String, span: Span) -> Self {
        let primary = Label { span, text: String::new() };
        Self { code, severity, message, primary, context: Vec::new(), help: None }
    }

    /// Says something at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Points at one more place.
    #[must_use]
    pub fn context(mut self, span: Span, text: impl Into<String>) -> Self {
        self.context.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says what to do, if there is something to say: the shape [`did_you_mean`] is used with.
    #[must_use]
    pub fn help_if(mut self, text: Option<impl Into<String>>) -> Self {
        self.help = text.map(Into::into).or(self.help);
        self
    }
}

/// What one run found, in the order it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.0
    }

    /// In the order a person reads them: by the file's name, then by place; the same finding once.
    #[must_use]
    pub fn into_sorted(mut self, sources: &Sources) -> Vec<Diagnostic> {
        self.0.sort_by(|left, right| order(left, sources).cmp(&order(right, sources)));
        self.0.dedup();
        self.0
    }
}

type Order<'a> = (&'a str, Span, Severity, Code, &'a str);

fn order<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Order<'a> {
    let span = diagnostic.primary.span;
    (sources.name(span.source), span, diagnostic.severity, diagnostic.code, &diagnostic.message)
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        self.0.extend(more);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_by_file_and_place_and_without_repetitions() {
        let mut sources = Sources::new();
        let (later, earlier) = (sources.add("b.yaml", "x: 1\n"), sources.add("a.yaml", "x: 1\n"));
        let finding = |source, start| {
            Diagnostic::error(Code::UnknownKey, "unknown key `x`", Span::new(source, start, 4))
        };
        let found: Diagnostics =
            [finding(later, 3), finding(later, 0), finding(earlier, 3), finding(later, 3)]
                .into_iter()
                .collect();
        assert!(found.has_errors());
        assert_eq!(found.into_sorted(&sources), [finding(earlier, 3), finding(later, 0), finding(later, 3)]);
    }

    #[test]
    fn a_warning_is_no_error() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", "");
        let found =
            Diagnostics::from(Diagnostic::warning(Code::UnusedName, "nothing uses `x`", Span::new(id, 0, 0)));
        assert!(!found.has_errors());
    }
}
