//! `tolmach eval` says what the engine says: the engine's own cases of JMESPath, and what is bounded.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::value::RawValue;

use crate::harness::command;

#[allow(dead_code, reason = "what the library says is the engine's own test")]
#[path = "../../../../engine/tests/jmespath/suite.rs"]
mod suite;

#[path = "../../../examples/jmespath_suite/binary.rs"]
mod binary;

use binary::by_binary;
use suite::{Origin, Told, files, judge};

#[test]
fn every_case_of_jmespath_gives_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/tests/jmespath");
    let mut failures = Vec::new();
    for suite in files(&folder).unwrap().iter().flat_map(|file| &file.suites) {
        for case in &suite.cases {
            let told = by_binary(command(), &case.expression, &suite.given).unwrap();
            if let Err(why) = judge(case, &told, Origin::Own) {
                failures.push(format!("`{}`: {why}", case.expression));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// What would nest or grow without end is refused, soon, and by a message.
#[test]
fn what_nests_or_grows_is_refused() {
    let nested = |open: &str, close: &str| format!("{}a{}", open.repeat(5000), close.repeat(5000));
    let grown = |part: &str, times: usize| vec![part; times].join("|");
    let cases = [
        (nested("(", ")"), "error["),
        (nested("[", "]"), "error["),
        (nested("!", ""), "error["),
        (nested("not_null(", ")"), "error["),
        (format!("a{}", "[0]".repeat(4000)), "error["),
        (grown("[@,@]", 40), "error: the result is too large"),
        (grown("[@,@]", 1000), "error"),
        (format!("to_string({})", grown("[@,@]", 40)), "error"),
        (format!("{}[]", grown("[@,@][]", 40)), "error"),
        (grown("join('', [@,@])", 40), "error"),
        (grown("replace(@, 'a', 'aaaaaaaaaaaaaaaa')", 20), "error"),
    ];
    let given = RawValue::from_string(r#""a""#.to_owned()).unwrap();
    for (expression, told) in cases {
        let start = Instant::now();
        let short: String = expression.chars().take(40).collect();
        match by_binary(command(), &expression, &given).unwrap() {
            Told::Failed(_, text) => assert!(text.starts_with(told), "{short}: {:.200}", text),
            Told::Json(json) => panic!("{short} gives {} bytes", json.len()),
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{short}: {:?}", start.elapsed());
    }
}
