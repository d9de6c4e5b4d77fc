//! Text -> syntax tree, by the `jmespath` crate, behind limits that keep its recursion safe.

use std::ops::Range;

use jmespath::ast::Ast;

use super::Problem;
use crate::diagnostic::Code;

/// An expression longer than this is a program in the wrong place.
const MAX_LENGTH: usize = 8 * 1024;
/// The crate parses, and we evaluate, by recursion.
const MAX_DEPTH: usize = 64;
/// Left-associative chains nest too: `a || b || c` is two levels, `a[0][1]` as well.
const MAX_OPERATORS: usize = 512;

/// Parses `text`; the positions in the tree are byte offsets.
pub fn parse(text: &str) -> Result<Ast, Problem> {
    check_limits(text)?;
    jmespath::parse(text).map_err(|error| {
        let range = token_range(text, error.offset.min(text.len()));
        let reason = match &error.reason {
            jmespath::ErrorReason::Parse(reason) => reason.as_str(),
            jmespath::ErrorReason::Runtime(_) => "",
        };
        let message = describe(reason, text, &range);
        let help = hint(text, range.start);
        let problem = Problem::new(range, Code::ExpressionSyntax, message);
        match help {
            Some(help) => problem.help(help),
            None => problem,
        }
    })
}

/// The crate's texts show its token names; ours say what stands there.
fn describe(reason: &str, text: &str, at: &Range<usize>) -> String {
    let reason = reason.split(" -- found ").next().unwrap_or_default();
    let found = text.get(at.clone()).unwrap_or_default();
    if reason.starts_with("Unclosed") || reason.starts_with("Unable to parse quoted") {
        let quote = found.get(..1).unwrap_or_default();
        return format!("what this {quote} opens is not closed, or holds an escape that does not exist");
    }
    if reason.starts_with("Unable to parse literal") {
        return "the literal is not JSON".to_owned();
    }
    if found.is_empty() {
        return match unclosed(text) {
            Some(open) => format!("the expression ends before its `{open}` is closed"),
            None => "the expression ends too early".to_owned(),
        };
    }
    match reason.strip_prefix("Expected ") {
        Some(expected) => format!("expected {}, not `{found}`", expected.trim_end_matches(['.', ' '])),
        None => format!("`{found}` is not expected here"),
    }
}

/// The last bracket outside of quotes that nothing closes.
fn unclosed(text: &str) -> Option<char> {
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(char) = text.get(at..).and_then(|rest| rest.chars().next()) {
        match char {
            '(' | '[' | '{' => open.push(char),
            ')' | ']' | '}' => drop(open.pop()),
            _ => {}
        }
        at = token_range(text, at).end.max(at + char.len_utf8());
    }
    open.pop()
}

fn hint(text: &str, at: usize) -> Option<&'static str> {
    let rest = text.get(at..)?;
    if rest.starts_with('=') {
        Some("equality is written ==")
    } else if rest.starts_with(|c: char| c.is_ascii_digit()) {
        Some("a number literal is written between backticks: `2`")
    } else if rest.starts_with(|c: char| c.is_alphabetic() && !c.is_ascii()) {
        Some("a name with other than Latin letters is written in double quotes: \"имя\"")
    } else {
        None
    }
}

fn check_limits(text: &str) -> Result<(), Problem> {
    if text.len() > MAX_LENGTH {
        let message = format!("the expression is longer than {MAX_LENGTH} bytes");
        return Err(Problem::new(0..text.len().min(80), Code::ExpressionTooLong, message)
            .help("move the computation to a script"));
    }
    let mut depth = 0_usize;
    let mut operators = 0_usize;
    let mut quote: Option<u8> = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(open) = quote {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                _ if byte == open => quote = None,
                // A literal's own brackets are parsed by a reader with a limit of its own.
                _ => {}
            }
            continue;
        }
        match byte {
            b'\'' | b'"' | b'`' => quote = Some(byte),
            b'[' => (depth, operators) = (depth + 1, operators + 1),
            b'(' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'.' | b'|' | b'&' | b'!' | b'<' | b'>' | b'=' | b'*' => operators += 1,
            _ => {}
        }
        if depth > MAX_DEPTH || operators > MAX_OPERATORS {
            let (code, message) = if depth > MAX_DEPTH {
                (Code::ExpressionTooDeep, format!("the expression nests deeper than {MAX_DEPTH} levels"))
            } else {
                (Code::ExpressionTooLong, format!("the expression has more than {MAX_OPERATORS} operators"))
            };
            return Err(Problem::new(at..at + 1, code, message)
                .help("split it into several rules, or move it to a script"));
        }
    }
    Ok(())
}

/// The token that begins at byte `at`, for underlining.
pub fn token_range(text: &str, at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or_default();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let length = match rest.chars().next() {
        None => 0,
        Some(quote @ ('\'' | '"' | '`')) => quoted_length(rest, quote),
        Some(first) if word(first) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
        Some(first) => first.len_utf8(),
    };
    at..at + length
}

/// The length of the quoted token `rest` begins with, both quotes included.
pub fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_refused_before_it_can_overflow_the_stack() {
        let text = format!("{}a{}", "(".repeat(4000), ")".repeat(4000));
        assert_eq!(parse(&text).unwrap_err().code, Code::ExpressionTooDeep);
        let text = "!".repeat(4000) + "a";
        assert_eq!(parse(&text).unwrap_err().code, Code::ExpressionTooLong);
        let text = format!("a{}", "[0]".repeat(2000));
        assert_eq!(parse(&text).unwrap_err().code, Code::ExpressionTooLong);
        let text = format!("`{}1{}`", "[".repeat(4000), "]".repeat(4000));
        assert_eq!(parse(&text).unwrap_err().code, Code::ExpressionSyntax);
    }

    #[test]
    fn errors_point_at_the_token() {
        let problem = parse("payload.id = 'x'").unwrap_err();
        assert_eq!(problem.at, 11..12);
        assert_eq!(problem.help.as_deref(), Some("equality is written =="));
    }
}
