//! What holds for any text.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::render::text;

/// The pieces YAML is made of, so that random texts are often nearly right.
fn yaml_like() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "\t",
        " ",
        ": ",
        "? ",
        "'",
        "\"",
        "''",
        "\\",
        "\\n",
        "\\u0416",
        "|",
        ">",
        "|2-",
        ">+",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "!t ",
        "# c",
        "---",
        "...",
        "ж",
        "\r\n",
        "\u{feff}",
        "<<: ",
        "1.10",
        "~",
        "😀",
        "\0",
        "%YAML 1.2\n",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

/// Spans lie in the file, children in their parents and in order; every scalar can be located.
fn check(node: &Node, sources: &Sources, copied: bool) {
    let slice = sources.slice(node.span);
    assert_eq!(slice.len(), (node.span.end - node.span.start) as usize, "not on characters");
    if copied {
        return;
    }
    let children: Vec<Span> = match &node.kind {
        Kind::Scalar(scalar) => {
            let whole = scalar.span_of(sources, 0, scalar.text.len());
            assert!(node.span.start <= whole.start && whole.start <= whole.end);
            return;
        }
        Kind::Sequence(elements) => elements.iter().map(|element| element.span).collect(),
        Kind::Mapping(entries) => entries.iter().flat_map(|(key, value)| [key.span, value.span]).collect(),
    };
    for pair in children.windows(2) {
        assert!(pair[0].end <= pair[1].start, "out of order in {slice:?}");
    }
    for child in &children {
        assert!(node.span.start <= child.start && child.end <= node.span.end, "outside of {slice:?}");
    }
    match &node.kind {
        Kind::Sequence(elements) => elements.iter().for_each(|element| check(element, sources, copied)),
        Kind::Mapping(entries) => entries.iter().for_each(|(_, value)| check(value, sources, copied)),
        Kind::Scalar(_) => {}
    }
}

fn check_text(text: &str) {
    let read = read(text);
    let _ = text::render(&read.found, &read.sources, false);
    if let Some(root) = &read.root {
        check(root, &read.sources, text.contains('*') || text.contains('?'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_of_yaml_pieces_is_read_or_refused(text in yaml_like()) {
        check_text(&text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        check_text(&text);
    }

    /// Every character of a quoted text is found where it was written.
    #[test]
    fn characters_of_a_quoted_text_are_found(text in "[a-zё'\"\\\\ \n\t]{0,30}") {
        let escaped: String = text.chars().flat_map(char::escape_debug).collect::<String>().replace("\\'", "'");
        let (sources, root) = good(&format!("a: \"{escaped}\"\n"));
        let scalar = at(&root, "a").as_scalar().unwrap();
        prop_assert_eq!(&scalar.text, &text);
        for (start, char) in text.char_indices() {
            let raw = sources.slice(scalar.span_of(&sources, start, start + char.len_utf8()));
            let expected: String = char.escape_debug().collect();
            prop_assert_eq!(raw, if char == '\'' { "'" } else { expected.as_str() });
        }
    }

    /// A literal block text is found line by line.
    #[test]
    fn lines_of_a_block_text_are_found(lines in prop::collection::vec("[a-zё:#'-]{1,8}( [a-z]{1,4})?", 1..6), indent in 1..6usize) {
        let pad = " ".repeat(indent);
        let body: String = lines.iter().map(|line| format!("{pad}{line}\n")).collect();
        let (sources, root) = good(&format!("# ё\na: |\n{body}b: 1\n"));
        let scalar = at(&root, "a").as_scalar().unwrap();
        let mut start = 0;
        for line in &lines {
            prop_assert_eq!(sources.slice(scalar.span_of(&sources, start, start + line.len())), line);
            start += line.len() + 1;
        }
    }
}
