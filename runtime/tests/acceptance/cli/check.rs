//! `tolmach check`: all mistakes in one run, for people and for programs.

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
async fn a_configuration_with_mistakes_is_not_run() {
    let bank = Partner::start();
    let folder = mistaken(&bank);
    let shown = shown(folder.path(), &["run", "--listen", "127.0.0.1:0"], "");
    assert!(shown.ends_with("--- exit 1\n\n"), "{shown}");
    assert!(shown.contains("error[E"), "{shown}");
    assert!(!folder.store().exists(), "nothing was begun");
}
