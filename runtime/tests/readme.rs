//! The README's mapping is compiled, and its message is mapped.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::process::Command;

const MARKET: &str = "
partner: market
channels:
  inbox:
    post: /in
    auth: none
    message: type
    messages: {NewApplication: null}
";

const BANK: &str = "
partner: bank
endpoints:
  applications: {post: 'http://127.0.0.1:1/applications'}
codes:
  product: {rows: {'110': BG}}
";

#[test]
fn the_mapping_makes_of_the_message_what_it_says() {
    let readme = include_str!("../../README.md");
    let (mapping, input, output) =
        (block(readme, "yaml", 0), block(readme, "json", 0), block(readme, "json", 1));
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("mappings/market/partner.yaml", MARKET);
    write("mappings/bank/partner.yaml", BANK);
    write("mappings/bank/new-application.yaml", mapping);
    write("message.json", input);
    assert_eq!(map(folder.path()), output);
}

fn map(folder: &Path) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_tolmach"))
        .arg("-C")
        .arg(folder)
        .args(["map", "bank/new-application", "--compact"])
        .arg(folder.join("message.json"))
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// The n-th fenced block of a language.
fn block<'r>(readme: &'r str, language: &str, n: usize) -> &'r str {
    let start = format!("```{language}\n");
    let rest = readme.split(&start).nth(n + 1).expect("the README has the block");
    rest.split("```").next().unwrap()
}
