//! `span_of` leads from the decoded text back to the file.

use super::*;

/// Every row: a file whose key `a` holds the scalar, a part of the decoded text, the raw text it
/// was written as.
const PARTS: &[(&str, &str, &str)] = &[
    ("a: one two three", "two", "two"),
    ("a: имя == значение", "значение", "значение"),
    ("a: one\n\n   two\n  three", "\ntwo", "\n\n   two"),
    ("a: one\n  two", "two", "two"),
    ("a: one\r\n  two", "e t", "e\r\n  t"),
    ("a: 'one ''two'' три'", "'", "''"),
    ("a: 'one ''two'' три'", "two", "two"),
    ("a: 'one ''two'' три'", "три", "три"),
    ("a: '  one\n\n\n  two '", "two", "two"),
    ("a: '\n  one'", "one", "one"),
    ("a: \"one \\\"two\\\" три\"", "\"two", "\\\"two"),
    ("a: \"\\u0416\\x41\\U0001F600 end\"", "😀", "\\U0001F600"),
    ("a: \"\\u0416\\x41\\U0001F600 end\"", "end", "end"),
    ("a: \"a\\tb\\nc\"", "b\nc", "b\\nc"),
    ("a: \"one \\\n   two\"", "two", "two"),
    ("a: \"one\\\\\n   two\"", "two", "two"),
    ("a: \"one\\\n\n   two\"", "two", "two"),
    ("a: \"one\n  two\n\n  \\  three \"", "three", "three"),
    ("a: |\n  one\n   two\n\n  три\n", "two", "two"),
    ("a: |\n  one\n   two\n\n  три\n", "три", "три"),
    ("a: |\n  one\n   two\n\n  три\n", "one\n two", "one\n   two"),
    ("a: |+\n  one\n\n\nb: 1\n", "one", "one"),
    ("a: |2-\n    one\n  two\n", "two", "two"),
    ("a: |2-\n    one\n  two\n", "  one", "  one"),
    ("a: |\n  one  \n", "e  ", "e  "),
    ("a: >\n  one\n  two\n\n  three\n    four\n  five\n", "two", "two"),
    ("a: >\n  one\n  two\n\n  three\n    four\n  five\n", "\n  four\n", "\n    four\n  "),
    ("a: >\n  one\n  two\n\n  three\n    four\n  five\n", "five", "five"),
    ("a: >-\r\n  one\r\n  two\r\n", "two", "two"),
    ("a: >\n\n\n  one\n  two", "two", "two"),
];

#[test]
fn a_part_of_the_text_is_found_in_the_file() {
    for (file, part, expected) in PARTS {
        let (sources, root) = good(file);
        let scalar = at(&root, "a").as_scalar().unwrap();
        let start = scalar.text.find(part).unwrap_or_else(|| panic!("{part:?} in {:?}", scalar.text));
        let span = scalar.span_of(&sources, start, start + part.len());
        assert_eq!(sources.slice(span), *expected, "{part:?} of {file:?}");
    }
}

#[test]
fn a_place_between_two_characters_is_found() {
    let (sources, root) = good("a: 'it''s'\nb: ''\nc: x\nd: [1]\n");
    let place = |path: &str, offset| {
        let span = at(&root, path).span_of(&sources, offset, offset);
        assert!(span.is_empty());
        span.start
    };
    assert_eq!((place("a", 0), place("a", 2), place("a", 3), place("a", 4)), (4, 6, 8, 9));
    assert_eq!((place("c", 0), place("c", 1), place("c", 99)), (20, 21, 21));
}

#[test]
fn what_cannot_be_located_is_the_whole() {
    let (sources, root) = good("b: ''\nd: [1]\ne:\n");
    for path in ["b", "d", "e"] {
        let node = at(&root, path);
        assert_eq!(node.span_of(&sources, 0, 3), node.span, "{path}");
    }
    let (sources, root) = good(&format!("a: {}", "x".repeat(100_000)));
    assert_eq!(at(&root, "a").span_of(&sources, 5, 6), at(&root, "a").span);
}

#[test]
fn offsets_of_any_kind_are_accepted() {
    let (sources, root) = good("a: \"ё\\u0416\"");
    let node = at(&root, "a");
    for start in 0..9 {
        for end in 0..9 {
            let span = node.span_of(&sources, start, end);
            assert!(node.span.start <= span.start && span.end <= node.span.end);
        }
    }
}

#[test]
fn a_copied_value_leads_to_the_original() {
    let (sources, root) = good("a: &x one two\nb: *x\n");
    let span = at(&root, "b").span_of(&sources, 4, 7);
    assert_eq!((sources.line_column(span), sources.slice(span)), ((1, 11), "two"));
}
