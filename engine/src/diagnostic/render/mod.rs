//! Diagnostics as people and tools read them: one file per format, all over the same slice.

pub mod github;
pub mod json;
pub mod sarif;
pub mod text;

use std::collections::BTreeSet;

use super::{Diagnostic, Severity};

/// The last line of a report, as `5 errors, 1 warning in 3 files`; empty when there is nothing to
/// sum up.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let counts = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning")];
    let found: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| plural(*count, noun)).collect();
    if found.is_empty() {
        return String::new();
    }
    let files: BTreeSet<_> = diagnostics.iter().map(|diagnostic| diagnostic.primary.span.source).collect();
    format!("{} in {}", found.join(", "), plural(files.len(), "file"))
}

fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::{Sources, Span};

    #[test]
    fn the_summary_counts_severities_and_files() {
        let mut sources = Sources::new();
        let ids = [sources.add("a.yaml", ""), sources.add("b.yaml", "")];
        let error = |index: usize| Diagnostic::error(Code::YamlSyntax, "", Span::new(ids[index], 0, 0));
        let warning = Diagnostic::warning(Code::UnusedName, "", Span::new(ids[1], 0, 0));
        assert_eq!(summary(&[]), "");
        assert_eq!(summary(&[error(0)]), "1 error in 1 file");
        assert_eq!(summary(&[error(0), error(1), warning.clone()]), "2 errors, 1 warning in 2 files");
        assert_eq!(summary(&[warning]), "1 warning in 1 file");
    }
}
