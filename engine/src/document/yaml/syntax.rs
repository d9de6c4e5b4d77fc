//! Texts that are no YAML: what is wrong and what usually helps, in words for the writer rather
//! than for a parser's author.

use saphyr_parser::ScanError;

use super::lexical::Text;
use super::{MAX_BYTES, MAX_DEPTH};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// What is refused before any parsing.
pub fn refusals(source: SourceId, text: &str) -> Vec<Diagnostic> {
    if text.len() > MAX_BYTES {
        let message = format!("the file is larger than {} MB", MAX_BYTES / 1024 / 1024);
        let large = Diagnostic::error(Code::FileTooLarge, message, Span::new(source, 0, 0));
        return vec![large.help("split it into several files")];
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = text.len() - body.len();
    // The parser takes a NUL for the end of the file and would not read what follows it.
    let refused = body.char_indices().find(|(_, char)| !is_printable(*char));
    refused
        .map(|(at, char)| unprintable(Span::new(source, offset + at, offset + at + char.len_utf8()), char))
        .into_iter()
        .collect()
}

/// YAML 1.2, production 1 (`c-printable`), without the byte order mark.
fn is_printable(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

fn unprintable(span: Span, char: char) -> Diagnostic {
    let code = u32::from(char);
    Diagnostic::error(Code::ControlCharacter, format!("the character U+{code:04X} is not allowed"), span)
        .help("remove it; in double quotes it can be written as an escape")
}

/// A line indented with a tab.
pub fn tab(span: Span) -> Diagnostic {
    Diagnostic::error(Code::TabIndent, "a line is indented with a tab", span)
        .label("this is a tab")
        .help("indent with spaces")
}

/// Brackets or indentations within one another beyond the limit.
pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(Code::TooDeep, format!("values are nested deeper than {MAX_DEPTH} levels"), span)
        .help("flatten the document; a target path may name several levels: `a.b.c`")
}

/// What the parser objects to.
pub fn fault(text: &Text<'_>, error: &ScanError) -> Diagnostic {
    let at = text.byte(*error.marker());
    let info = error.info();
    if let Some(tab_at) = tab_behind(text, at, info) {
        return tab(text.span(tab_at, tab_at + 1));
    }
    if info.starts_with("unexpected character") {
        return cannot_start(text, at);
    }
    let span =
        if info.starts_with(NO_COLON) { text.line_before(at) } else { text.span(at, text.char_end(at)) };
    let mut known = EXPLAINED.iter();
    match known.find(|explained| info.contains(explained.info)) {
        Some(explained) => Diagnostic::error(explained.code, explained.message, span).help(explained.help),
        None => Diagnostic::error(Code::YamlSyntax, format!("not valid YAML: {info}"), span)
            .help("check quotes, brackets and indentation here and on the line above"),
    }
}

/// A value that begins with a character YAML keeps for itself, as many expressions do.
fn cannot_start(text: &Text<'_>, at: usize) -> Diagnostic {
    let span = text.span(at, text.char_end(at));
    let message = match text.str.get(at..text.char_end(at)) {
        Some("`") => "a value cannot start with a backquote".to_owned(),
        first => format!("a value cannot start with `{}`", first.unwrap_or("")),
    };
    let fault = Diagnostic::error(Code::YamlSyntax, message, span);
    match text.quoted_line(at) {
        Some(quoted) => fault.help(format!("put the whole value in quotes: {quoted}")),
        None => fault.help("put the whole value in quotes"),
    }
}

/// The tab that an error is about: the parser names it, or the line of the error begins with it.
fn tab_behind(text: &Text<'_>, at: usize, info: &str) -> Option<usize> {
    let is_named = info.split(' ').any(|word| matches!(word, "tab" | "tabs"));
    if is_named { text.tab_from(at) } else { text.tab_before(at) }
}

/// A message of the parser in our words.
struct Explained {
    /// A part of the parser's message.
    info: &'static str,
    code: Code,
    message: &'static str,
    help: &'static str,
}

const fn explained(info: &'static str, message: &'static str, help: &'static str) -> Explained {
    Explained { info, code: Code::YamlSyntax, message, help }
}

/// The parser notices at the next line that the one before had no colon.
const NO_COLON: &str = "simple key expect";

/// The first whose part is found counts.
const EXPLAINED: &[Explained] = &[
    Explained {
        info: "unknown anchor",
        code: Code::UnknownAnchor,
        message: "the alias names no anchor",
        help: "a value that starts with `*` is an alias; quote it if it is an expression",
    },
    Explained {
        info: "recursion limit",
        code: Code::TooDeep,
        message: "brackets are nested too deeply",
        help: "flatten the document",
    },
    explained(
        "mapping values are not allowed",
        "a colon is not expected here",
        "quote a value that holds `: `; keys of one mapping start in the same column",
    ),
    explained(NO_COLON, "a key has no colon", "write `key: value` on one line"),
    explained(
        "illegal placement of ':'",
        "a colon is not expected in brackets",
        "close the brackets before the next key; quote an element that holds a colon",
    ),
    explained(
        "invalid indentation in quoted scalar",
        "a quote is not closed, or its text is indented too little",
        "add the closing quote; indent the lines of a quoted text further than its key",
    ),
    explained(
        "trailing content after double-quoted",
        "text follows a closing quote",
        "put the whole value in quotes, the other kind outside: `\"'a' == b\"`",
    ),
    explained(
        "block mapping, did not find expected key",
        "a key is expected here",
        "keys of one mapping start in the same column; a value that starts with `[` or `{` and goes on must be quoted",
    ),
    explained(
        "did not find expected '-' indicator",
        "an element is expected here",
        "every element of a list starts with `- ` in the same column",
    ),
    explained(
        "flow sequence, expected ',' or ']'",
        "a list in brackets is not closed",
        "close it with `]`; quote an element that holds `,` or `:` or brackets",
    ),
    explained(
        "flow mapping, did not find expected ',' or '}'",
        "a mapping in braces is not closed",
        "close it with `}`; quote a value that holds `,` or brackets",
    ),
    explained(
        "misplaced bracket",
        "a closing bracket has no opening one",
        "remove it, or quote the value it belongs to",
    ),
    explained("unexpected end of stream", "a quote is not closed", "add the closing quote"),
    explained(
        "unknown escape character",
        "an unknown escape in double quotes",
        "write `\\\\` for a backslash, or use single quotes, which know no escapes",
    ),
    explained(
        "block scalar, did not find expected comment",
        "text follows `|` or `>` on its line",
        "begin the text on the next line; quote a value that starts with `|` or `>`",
    ),
    explained(
        "wrongly indented line in block scalar",
        "a line of the text is indented less than its first",
        "indent every line at least as far as the first",
    ),
    explained(
        "comment intercepting",
        "a comment interrupts a text of several lines",
        "move the comment above the value, or quote the value",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_calls_printable() {
        for char in ['\0', '\u{1b}', '\u{7f}', '\u{9f}', '\u{feff}', '\u{fffe}', '\u{ffff}'] {
            assert!(!is_printable(char), "{char:?}");
        }
        for char in ['\t', '\r', 'ё', '\u{85}', '\u{a0}', '😀', '\u{fffd}'] {
            assert!(is_printable(char), "{char:?}");
        }
    }
}
