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
