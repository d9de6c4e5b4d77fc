//! `tolmach check`: all mistakes in one run, for people and for programs.

use engine::diagnostic::Code;
use serde_json::Value;

use super::shown;
use crate::harness::{Folder, Partner};

/// Five mistakes in three files.
fn mistaken(bank: &Partner) -> Folder {
    Folder::orders(bank)
        .channel("max_bdoy: 1KB")
        .endpoint("timeout: 15 seconds")
        .contract("codes:\n  kind: {rows: {\"1\": BOOK}, unknown: ignore}\n")
        .route(
            "when: amonut(\nthen: {delivered: [{send: bank/notice, map: {kind: \"theirs('knd', kind)\"}}]}",
        )
}

#[test]
fn the_shipped_packs_are_in_order() {
    insta::assert_snapshot!(shown(&Folder::shipped(), &["check"], ""));
    let json = shown(&Folder::shipped(), &["check", "--format", "json"], "");
    assert!(json.ends_with("--- exit 0\n\n"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_found_in_one_run() {
    let bank = Partner::start();
    let folder = mistaken(&bank);
    insta::assert_snapshot!(shown(folder.path(), &["check"], ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_a_table_may_lie_beside_the_yaml() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank)
        .contract("codes:\n  kind: {rows: kinds.csv}\n")
        .file("mappings/bank/kinds.csv", "theirs;ours\n1;BOOK\n2;BOX\n1;BAG\n")
        .route("when: theirs('kind', kind)\n");
    let shown = shown(folder.path(), &["check"], "");
    assert!(shown.contains("the code `1` has 2 rows\n --> mappings/bank/kinds.csv:4:1"), "{shown}");
    assert!(shown.contains("1 error in 1 file"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_the_same() {
    let bank = Partner::start();
    let folder = mistaken(&bank);
    let shown = shown(folder.path(), &["check", "--format", "json"], "");
    insta::assert_snapshot!(shown);
    let json = shown.split_once('\n').unwrap().1.split("--- exit 1").next().unwrap();
    assert!(serde_json::from_str::<Value>(json).is_ok(), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_shows_them_beside_the_lines() {
    let bank = Partner::start();
    let folder = mistaken(&bank);
    insta::assert_snapshot!(shown(folder.path(), &["check", "--format", "github"], ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_gets_a_log() {
    let bank = Partner::start();
    let folder = mistaken(&bank);
    let shown = shown(folder.path(), &["check", "--format", "sarif"], "");
    let json = shown.split_once('\n').unwrap().1.split("--- exit 1").next().unwrap();
    let log: Value = serde_json::from_str(json).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let codes: Vec<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    assert_eq!(codes, ["E0401", "E0303", "E0803", "E0204", "E0201"]);
}

/// The page of a code that only the runtime's own settings can have.
#[test]
fn the_page_of_an_address_is_right() {
    let page = Code::BadAddress.page();
    let block = |kind: &str| {
        let (_, rest) = page.split_once(&format!("```yaml {kind} tolmach.yaml\n")).unwrap();
        rest.split_once("```").unwrap().0
    };
    let folder = Folder::empty().file("mappings/bank/partner.yaml", "partner: bank\n");
    let folder = folder.file("tolmach.yaml", block("wrong"));
    insta::assert_snapshot!(shown(folder.path(), &["check"], ""));
    let folder = folder.file("tolmach.yaml", block("right"));
    let right = shown(folder.path(), &["check"], "");
    assert!(right.ends_with("--- exit 0\n\n"), "{right}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_mistakes_is_not_run() {
    let bank = Partner::start();
    let folder = mistaken(&bank);
    let shown = shown(folder.path(), &["run", "--listen", "127.0.0.1:0"], "");
    assert!(shown.ends_with("--- exit 1\n\n"), "{shown}");
    assert!(shown.contains("error[E"), "{shown}");
    assert!(!folder.store().exists(), "nothing was begun");
}
