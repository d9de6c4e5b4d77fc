//! For a terminal, in the look of rustc: headline, snippet with the place underlined, what to do.

use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str,
};

use crate::diagnostic::{Diagnostic, Label, Severity, render::summary};
use crate::source::{SourceId, Sources, Span};

/// More of one line is not underlined: the rest of a long line says nothing new.
const MAX_UNDERLINE_CHARS: usize = 80;

/// The diagnostics in the order given, each followed by an empty line, and the summary as the last
/// line. `styled` adds ANSI colours. Nothing is written for no diagnostics.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut output = String::new();
    for diagnostic in diagnostics {
        output.push_str(renderer.render(&[report(diagnostic, sources)]).trim_end());
        output.push_str("\n\n");
    }
    let summary = summary(diagnostics);
    if !summary.is_empty() {
        output.push_str(&summary);
        output.push('\n');
    }
    output
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&*diagnostic.message).id(diagnostic.code.as_str()));
    for (source, marks) in by_source(diagnostic) {
        group = group.element(snippet(source, &marks, sources));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    group
}

type Mark<'a> = (AnnotationKind, &'a Label);

/// The places grouped by file: the primary one's first, the others in the order they were added.
fn by_source(diagnostic: &Diagnostic) -> Vec<(SourceId, Vec<Mark<'_>>)> {
    let primary = (diagnostic.primary.span.source, vec![(AnnotationKind::Primary, &diagnostic.primary)]);
    let mut groups = vec![primary];
    for label in &diagnostic.context {
        let mark = (AnnotationKind::Context, label);
        match groups.iter_mut().find(|(source, _)| *source == label.span.source) {
            Some((_, marks)) => marks.push(mark),
            None => groups.push((label.span.source, vec![mark])),
        }
    }
    groups
}

/// The lines that hold the marks and those between them: rendering must not cost the whole file for
/// every diagnostic.
fn snippet<'a>(source: SourceId, marks: &[Mark<'a>], sources: &'a Sources) -> Snippet<'a, Annotation<'a>> {
    let lines: Vec<usize> = marks.iter().map(|(_, label)| sources.line_column(label.span).0).collect();
    let first = lines.iter().min().copied().unwrap_or(1);
    let after = lines.iter().max().copied().unwrap_or(1) + 1;
    // The window keeps the break of its last line: a place at the end of the file stands on a line
    // of its own.
    let window = Span::new(source, sources.line_start(source, first), sources.line_start(source, after));
    let text = sources.slice(window);
    let mut snippet = Snippet::source(text).line_start(first).path(sources.name(source));
    for (kind, label) in marks {
        let label_text = (!label.text.is_empty()).then_some(&*label.text);
        snippet = snippet.annotation(kind.span(underlined(text, window, label.span)).label(label_text));
    }
    snippet
}

/// The part of a span that is underlined, in offsets of the window: no further than its first line.
fn underlined(text: &str, window: Span, span: Span) -> Range<usize> {
    let start = text.floor_char_boundary(span.start.saturating_sub(window.start) as usize);
    let end = text.floor_char_boundary(span.end.saturating_sub(window.start) as usize).max(start);
    let covered = text.get(start..end).unwrap_or("");
    let line = covered.lines().next().unwrap_or("").trim_end();
    let length = line.char_indices().nth(MAX_UNDERLINE_CHARS).map_or(line.len(), |(at, _)| at);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    const PARTNER: &str = "# Договор с банком\npartner: market\nканалы:\n  входящие: {pots: /market}\n";

    fn at(sources: &Sources, source: SourceId, needle: &str) -> Span {
        let start = sources.text(source).find(needle).unwrap_or(0);
        Span::new(source, start, start + needle.len())
    }

    #[test]
    fn the_whole_look() {
        let mut sources = Sources::new();
        let partner = sources.add("mappings/market/partner.yaml", PARTNER);
        let route = sources.add("mappings/market/new.yaml", "receive: bank/входящие");
        let found = [
            Diagnostic::error(Code::UnknownKey, "unknown key `pots`", at(&sources, partner, "pots"))
                .label("not a key of a channel")
                .context(at(&sources, partner, "входящие"), "in this channel")
                .help("did you mean `post`?"),
            Diagnostic::error(
                Code::PartnerMismatch,
                "the route names another partner",
                at(&sources, route, "bank"),
            )
            .context(at(&sources, partner, "market"), "its contract is this one"),
            Diagnostic::warning(Code::MissingKey, "no `send`", Span::new(route, 900, 901))
                .help("add what is\nto be done"),
        ];
        insta::assert_snapshot!(render(&found, &sources, false));
    }

    #[test]
    fn places_outside_the_text_render() {
        let mut sources = Sources::new();
        for text in ["", "ё", "ё\n", "a: 1\r\n"] {
            let id = sources.add("a.yaml", text);
            for start in 0..8 {
                for end in [0, start, start + 1, 70] {
                    let found = Diagnostic::error(Code::EmptyFile, "x", Span { source: id, start, end });
                    assert!(render(&[found], &sources, true).contains("a.yaml"));
                }
            }
        }
    }

    #[test]
    fn a_long_line_is_trimmed() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", format!("x: [{}'конец'{}]\n", "1, ".repeat(3000), ", 2".repeat(3000)));
        let found = [
            Diagnostic::error(Code::WrongShape, "the middle", at(&sources, id, "'конец'"))
                .label("not a number"),
            Diagnostic::error(Code::WrongShape, "all of it", Span::new(id, 3, 20_000)).label("too long"),
        ];
        insta::assert_snapshot!(render(&found, &sources, false));
    }
}
