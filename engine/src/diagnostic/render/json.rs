//! For editors and scripts: an array with one object per diagnostic. Lines and columns count from
//! 1, columns in characters.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Label};
use crate::source::Sources;

#[derive(Serialize)]
struct Row<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    help: Option<&'a str>,
    context: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    label: Option<&'a str>,
}

/// The diagnostics in the order given, as indented JSON.
///
/// # Errors
/// Only if the serializer refuses, which it does not for text and numbers.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources) -> serde_json::Result<String> {
    let rows: Vec<Row<'_>> = diagnostics.iter().map(|diagnostic| row(diagnostic, sources)).collect();
    serde_json::to_string_pretty(&rows)
}

fn row<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Row<'a> {
    Row {
        code: diagnostic.code.as_str(),
        severity: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        place: place(&diagnostic.primary, sources),
        help: diagnostic.help.as_deref(),
        context: diagnostic.context.iter().map(|label| place(label, sources)).collect(),
    }
}

fn place<'a>(label: &'a Label, sources: &'a Sources) -> Place<'a> {
    let (line, column) = sources.line_column(label.span);
    let (end_line, end_column) = sources.end_line_column(label.span);
    let text = (!label.text.is_empty()).then_some(&*label.text);
    Place { file: sources.name(label.span.source), line, column, end_line, end_column, label: text }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    #[test]
    fn every_member_is_there() {
        let mut sources = Sources::new();
        let id = sources.add("mappings/market/partner.yaml", "имя: да\npost: 1\n");
        let found = [
            Diagnostic::error(Code::UnknownKey, "unknown key `имя`", Span::new(id, 0, 6))
                .label("here")
                .context(Span::new(id, 12, 16), "beside this")
                .help("remove it"),
            Diagnostic::warning(Code::UnusedName, "nothing uses `post`", Span::new(id, 12, 900)),
        ];
        insta::assert_snapshot!(render(&found, &sources).unwrap());
    }
}
