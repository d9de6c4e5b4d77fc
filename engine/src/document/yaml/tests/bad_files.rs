//! Every kind of bad file and the whole of what its writer is told.

use super::*;
use crate::diagnostic::render::text;

const FILES: &[(&str, &str)] = &[
    ("an empty file", ""),
    ("only a comment", "# nothing yet\n"),
    ("only a document mark", "---\n"),
    ("a key twice", "title: Банк\nsend: a/b\ntitle: Bank\n"),
    ("a key twice, once quoted", "rows: {16: A, \"16\": B}\n"),
    ("a tab before a nested key", "codes:\n\tstatus: 1\n"),
    ("a tab before a later key", "codes:\n  status: 1\n\tother: 2\n"),
    ("a tab before the first key", "\tcodes: 1\n"),
    ("a tab in a quoted text", "a: \"x\n\ty\"\n"),
    ("an expression that starts with @", "message: @.type\n"),
    ("an expression that starts with a backquote", "value: `1`\n"),
    ("an expression that starts with %", "value: %d\n"),
    ("an expression that starts with *", "from: *.id\n"),
    ("an expression that starts with [", "from: [0].id\n"),
    ("an expression that starts with a quote", "when: 'a' == b\n"),
    ("an expression with a comma in braces", "client: {with: deref(a, [b), x: 1}\n"),
    ("a URL that starts with {", "token_url: {base_url}/oauth\n"),
    ("a colon in a value", "display: Отказ: нет данных\n"),
    ("a key that is indented too far", "a: 1\n  b: 2\n"),
    ("a key that is indented too little", "a:\n    b: 1\n  c: 2\n"),
    ("an element that is indented too little", "a:\n  - 1\n - 2\n"),
    ("a list and keys at one level", "- a\nb: 1\n"),
    ("a key without a colon", "a: 1\nпросто слово\nc: 1\n"),
    ("an open list", "a: [1, 2\nb: 1\n"),
    ("an open mapping", "a: {x: 1\nb: 1\n"),
    ("an open quote", "a: 'x\nb: 1\n"),
    ("a bracket too many", "a: {b: 1}}\n"),
    ("an unknown escape", "match: \"\\d+\"\n"),
    ("text behind >", "when: > 5\n"),
    ("text indented less than its first line", "a: |\n    x\n   y\n"),
    ("a comment within a text", "a: b # c\n  d\n"),
    ("an alias of itself", "a: &x {b: *x}\n"),
    ("a merge key", "base: &base {x: 1}\nnew:\n  <<: *base\n  y: 2\n"),
    ("a tag of YAML", "code: !!str 16\n"),
    ("a tag of one's own", "password: !vault\n  key: 1\n"),
    ("two documents", "a: 1\n---\nb: 2\n"),
    ("a second document after its end", "a: 1\n...\nb: 2\n"),
    ("a list as a key", "a: 1\n? [x, y]\n: 2\n"),
    ("an empty key", ": 1\n"),
    ("a NUL", "a: 1\nb: \0\nc: 1\n"),
    ("an escape character", "a: \u{1b}[31m\n"),
    ("a byte order mark in the middle", "a: 1\n\u{feff}b: 2\n"),
    ("several faults in one file", "a: 1\na: 2\n? {x: 1}\n: 2\nb: {c: 1, c: 2}\nd: 'x' y\n"),
];

#[test]
fn what_the_writer_of_a_bad_file_is_told() {
    let mut report = String::new();
    for (name, file) in FILES {
        let read = read(file);
        assert!(!read.found.is_empty(), "{name} is accepted");
        assert!(read.found.iter().all(|diagnostic| diagnostic.help.is_some()), "{name}: no help");
        let tree = if read.root.is_some() { "read in spite of it" } else { "not read" };
        let rendered = text::render(&read.found, &read.sources, false);
        report.push_str(&format!("## {name}: {tree}\n{rendered}\n"));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn of_a_repeated_key_the_first_value_stands() {
    let read = read("a: 1\na: 2\nb: 3\n");
    let root = read.root.unwrap();
    assert_eq!(at(&root, "a").as_scalar().unwrap().text, "1");
    assert_eq!(root.as_mapping().unwrap().len(), 2);
}
