//! What one file may cost.

use super::*;

#[test]
fn nesting_has_a_limit() {
    let brackets = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    good(&brackets(MAX_DEPTH));
    assert_eq!(read(&brackets(MAX_DEPTH + 1)).codes(), ["E0109"]);
    assert_eq!(read(&"- ".repeat(100_000)).codes(), ["E0109"]);
    assert_eq!(read(&"{a: ".repeat(100_000)).codes(), ["E0109"]);
}

#[test]
fn aliases_count_as_nesting() {
    let anchor = format!("a: &a {}1{}\n", "[".repeat(40), "]".repeat(40));
    good(&format!("{anchor}b: {}*a{}\n", "[".repeat(23), "]".repeat(23)));
    assert_eq!(read(&format!("{anchor}b: {}*a{}\n", "[".repeat(24), "]".repeat(24))).codes(), ["E0109"]);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let copies = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{copies}]\n"));
    }
    let read = read(&bomb);
    assert_eq!(read.codes(), ["E0105"]);
    assert!(read.root.is_none());
}

#[test]
fn copies_of_a_long_text_are_refused() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 100].join(", "));
    assert_eq!(read(&text).codes(), ["E0105"]);
    good(&format!("a: &a {}\n", "x".repeat(2_000_000)));
}

#[test]
fn a_value_cannot_hold_itself() {
    assert_eq!(read("a: &a [*a]\n").codes(), ["E0105"]);
}

#[test]
fn a_large_file_is_refused() {
    assert_eq!(read(&" ".repeat(MAX_BYTES + 1)).codes(), ["E0110"]);
}

#[test]
fn a_large_file_of_any_shape_is_read_in_time() {
    let size = 300_000;
    for unit in [
        "a: 1\n",
        "- x\n",
        "# c\n",
        "\n",
        " ",
        "\t",
        "''",
        "? ",
        ": ",
        "!a ",
        "&a ",
        "a ",
        "\"\\x41",
        "|\n",
        "é: |\n ж\n",
    ] {
        let _ = read(&unit.repeat(size / unit.len()));
    }
}

#[test]
fn the_rest_of_a_file_with_many_faults_is_not_read() {
    assert_eq!(read(&"a: 1\n".repeat(10_000)).found.len(), MAX_FINDINGS);
}
