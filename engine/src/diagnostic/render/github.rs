//! For GitHub Actions: a workflow command a line, which the runner shows beside the line in the change.
//!
//! Columns count characters, as in all other formats; GitHub does not say what it counts. A command
//! whose place spans several lines has no columns: GitHub would refuse it.

use std::fmt::Write;

use crate::diagnostic::{Diagnostic, Label};
use crate::source::Sources;

/// The diagnostics in the order given, a line each. `root` is the configuration's folder within the
/// repository: empty, or with a slash at its end.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, root: &str) -> String {
    let mut output = String::new();
    for diagnostic in diagnostics {
        let title = format!("{}: {}", diagnostic.code, diagnostic.code.title());
        // Writing to a string does not fail.
        let _ = writeln!(
            output,
            "::{} {},title={}::{}",
            diagnostic.severity.as_str(),
            place(&diagnostic.primary, sources, root),
            property(&title),
            data(&message(diagnostic, sources, root)),
        );
    }
    output
}

fn place(label: &Label, sources: &Sources, root: &str) -> String {
    let file = property(&format!("{root}{}", sources.name(label.span.source)));
    let (line, column) = sources.line_column(label.span);
    let (end_line, end_column) = sources.end_line_column(label.span);
    if line == end_line {
        format!("file={file},line={line},col={column},endLine={end_line},endColumn={end_column}")
    } else {
        format!("file={file},line={line},endLine={end_line}")
    }
}

/// All that is said, a line each: the headline, the places, what to do.
fn message(diagnostic: &Diagnostic, sources: &Sources, root: &str) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    if !diagnostic.primary.text.is_empty() {
        lines.push(diagnostic.primary.text.clone());
    }
    for label in &diagnostic.context {
        let (line, column) = sources.line_column(label.span);
        let file = sources.name(label.span.source);
        lines.push(format!("{root}{file}:{line}:{column}: {}", label.text));
    }
    lines.extend(diagnostic.help.as_ref().map(|help| format!("help: {help}")));
    lines.join("\n")
}

/// Text behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    #[test]
    fn a_command_for_each() {
        let mut sources = Sources::new();
        let id = sources.add("mappings/market/a,b.yaml", "имя: да\npost: 100%\n");
        let found = [
            Diagnostic::error(Code::UnknownKey, "unknown key `имя`", Span::new(id, 0, 6))
                .label("not a key of a channel")
                .context(Span::new(id, 12, 16), "beside this")
                .help("remove it:\n100%"),
            Diagnostic::warning(Code::UnusedName, "nothing uses it", Span::new(id, 7, 22)),
        ];
        insta::assert_snapshot!(render(&found, &sources, "configuration/"));
    }
}
