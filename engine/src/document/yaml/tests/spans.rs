//! `sources.slice(node.span)` is the text of the value.

use super::*;

/// Every row: a file, a path, the text its span covers.
const VALUES: &[(&str, &str, &str)] = &[
    ("a: 1", "a", "1"),
    ("# Банк\nимя: значение # и что-то\n", "имя", "значение"),
    ("a: 'x y'   # c\n", "a", "'x y'"),
    ("a: 'it''s' # 'c'\n", "a", "'it''s'"),
    ("a: \"x \\\" \\\\\" # \"c\"\n", "a", "\"x \\\" \\\\\""),
    ("a: one\n  two  # c\nb: 1", "a", "one\n  two"),
    ("a: 'one\n  two'\nb: 1", "a", "'one\n  two'"),
    ("a: |\n  one\n  two\n\nb: 1", "a", "|\n  one\n  two"),
    ("a: >- # why | so\n\n  one\n  two\n\nb: 1", "a", ">- # why | so\n\n  one\n  two"),
    ("a: |\nb: 1", "a", "|"),
    ("a: |", "a", "|"),
    ("a: # why > so\n  |2\n   x\n", "a", "|2\n   x"),
    ("- |\n  x\n- >\n  y\n", "1", ">\n  y"),
    ("--- |\n x\n", "", "|\n x"),
    ("a: &x |\n  one\nb: *x", "a", "|\n  one"),
    ("a:\nb: 1", "a", ""),
    ("a:   # nothing\nb: 1", "a", ""),
    ("- \n- 1", "0", ""),
    ("a:\n  b: 1\n  c: 'x'  # c\n\nd: 1", "a", "b: 1\n  c: 'x'"),
    ("a:\n  b:\n  c:\n\nd: 1", "a", "b:\n  c:"),
    ("a:\n  - 1\n  - 2\n\nb: 1", "a", "- 1\n  - 2"),
    ("a:\n- 1\n- 2\nb: 1", "a", "- 1\n- 2"),
    ("a: # why - so\n- -1\nb: 1", "a", "- -1"),
    ("a:\n- - 1\n  - 2\n", "a.0", "- 1\n  - 2"),
    ("- - - 1\n", "0.0", "- 1"),
    ("-\n  - x: 1\n    y: 2\n", "0.0", "x: 1\n    y: 2"),
    ("a: {x: 1, y: [2, 3 ]}  # c\n", "a", "{x: 1, y: [2, 3 ]}"),
    ("a: {x: 1, y: [2, 3 ]}  # c\n", "a.y", "[2, 3 ]"),
    ("a: [\n  1,\n]\n", "a", "[\n  1,\n]"),
    ("a: {}\nb: []", "a", "{}"),
    ("a: [x: 1]", "a.0", "x: 1"),
    ("a: {x, y: 1}", "a.x", ""),
    ("a: &x {z: 1}\n", "a", "{z: 1}"),
    ("a: &x\n  z: 1\nb: 2", "a", "z: 1"),
    ("a: &x\n- 1\nb: 2", "a", "- 1"),
    ("a: &x 'q' # c\n", "a", "'q'"),
    ("a: &x 1\nb: *x\nc: 3", "b", "1"),
    ("x: &x 1\nb:\n  - *x\n  - *x\nc: 3", "b", "- *x\n  - *x"),
    ("\u{feff}a: ё\nb: ж\n", "b", "ж"),
    ("a: ё\r\nb:\r\n  c: ж\r\n  d: |\r\n    э\r\n", "b", "c: ж\r\n  d: |\r\n    э"),
    ("{\"a\":\"b\"}", "a", "\"b\""),
    ("? a\n: 1\n", "a", "1"),
    ("%YAML 1.2\n---\na: 1\n...\n", "a", "1"),
    ("a: x\u{a0}\n", "a", "x\u{a0}"),
];

#[test]
fn a_span_covers_the_text_of_its_value() {
    for (file, path, expected) in VALUES {
        let (sources, root) = good(file);
        let node = if path.is_empty() { &root } else { at(&root, path) };
        assert_eq!(sources.slice(node.span), *expected, "{path} of {file:?}");
        if let Some(scalar) = node.as_scalar() {
            assert_eq!(scalar.span, node.span);
        }
    }
}

#[test]
fn a_left_out_value_stands_behind_its_colon() {
    for (file, path, offset) in [
        ("ab:\nc: 1", "ab", 3),
        ("ab:   # c\n", "ab", 3),
        ("- 1\n-  \n- 2", "1", 5),
        ("{a, b: , c: }", "b", 6),
    ] {
        let (_, root) = good(file);
        assert_eq!(at(&root, path).span.start, offset, "{file:?}");
    }
}

#[test]
fn keys_have_spans() {
    let (sources, root) = good("\u{feff}# ё\n'ключ один': 1\n? два\n: {три : 3}\n");
    let entries = root.as_mapping().unwrap();
    let written: Vec<&str> = entries.iter().map(|(key, _)| sources.slice(key.span)).collect();
    assert_eq!(written, ["'ключ один'", "два"]);
    assert_eq!(entries[0].0.value, "ключ один");
    let (inner, _) = &at(&root, "два").as_mapping().unwrap()[0];
    assert_eq!(sources.slice(inner.span), "три");
}

#[test]
fn the_contract_of_the_language_page_is_read() {
    let (_, root) = good(
        "partner: itfinance\ncodes:\n  status:\n    covers: schemas/goodfin/common.json#/$defs/Status\n    rows:\n      \"16\": {ours: CANCELLED, \
         display: Отозвана клиентом}\n      22: REJECTED\n    unknown: NO\nlimit: 1.10\nurl: \"{base_url}/x\"\n",
    );
    assert_eq!(at(&root, "codes.status.rows.16.display").as_scalar().unwrap().text, "Отозвана клиентом");
    assert_eq!(at(&root, "codes.status.rows.22").noun(), "a string");
    assert_eq!(at(&root, "codes.status.unknown").as_scalar().unwrap().resolved, Resolved::String);
    let limit = at(&root, "limit").as_scalar().unwrap();
    assert_eq!((limit.resolved, &*limit.text), (Resolved::Number, "1.10"));
    assert_eq!(
        at(&root, "codes.status.covers").as_scalar().unwrap().text,
        "schemas/goodfin/common.json#/$defs/Status"
    );
}
