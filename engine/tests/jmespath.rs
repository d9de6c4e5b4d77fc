//! JMESPath, in the format of its public compliance suite. The cases of our own are in `jmespath/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

#[path = "jmespath/suite.rs"]
mod suite;

use std::path::Path;

use suite::{Origin, by_library, files, judge};

#[test]
fn every_case_gives_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jmespath");
    let mut failures = Vec::new();
    for file in files(&folder).unwrap() {
        for suite in &file.suites {
            for case in &suite.cases {
                let told = by_library(&case.expression, &suite.given);
                if let Err(why) = judge(case, &told, Origin::Own) {
                    failures.push(format!("{}: `{}`: {why}", file.path.display(), case.expression));
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// The parser and the evaluation recurse. The smallest stack they meet is that of a command's main thread; the workers of
/// `tolmach run` are given twice as much.
#[test]
fn no_expression_overflows_the_stack() {
    let nests =
        [("(", ")"), ("[", "]"), ("{a: ", "}"), ("not_null(", ")"), ("if(a, ", ")"), ("!", ""), ("a[?", "]")];
    let links = [
        ".a",
        "[0]",
        "[]",
        "[*]",
        "[1:]",
        ".*",
        " || a",
        " && a",
        " == a",
        " | a",
        " | [@,@]",
        "[?a]",
        "[?a == a]",
    ];
    let mut expressions = Vec::new();
    for depth in [32, 63, 64, 200, 5_000] {
        expressions
            .extend(nests.map(|(open, close)| format!("{}a{}", open.repeat(depth), close.repeat(depth))));
    }
    for length in [60, 250, 510, 5_000] {
        expressions.extend(links.map(|link| format!("a{}", link.repeat(length))));
    }
    let given = serde_json::value::RawValue::from_string(r#"{"a": [1]}"#.to_owned()).unwrap();
    let run = move || {
        for expression in expressions {
            // A result or an error: either is an end.
            drop(by_library(&expression, &given));
        }
    };
    #[allow(clippy::disallowed_methods, reason = "its stack is what is tested")]
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(run).unwrap();
    thread.join().unwrap();
}
