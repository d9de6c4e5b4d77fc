//! `tolmach test`: cases against their snapshots.

use std::fs;

use super::shown;
use crate::harness::{Folder, Partner};

const CASE: &str = "tests/cases/bank/order/book";

/// A case of an order that the bank takes, at its second attempt.
fn folder() -> Folder {
    Folder::orders(&Partner::start())
        .file(
            "mappings/bank/partner.yaml",
            "
partner: bank
records: {order: {key: id}}
endpoints:
  orders: {post: \"https://bank.example/orders\"}
",
        )
        .route("then: {delivered: [{record: {order: {id: message().id, number: number}}}]}")
        .file(&format!("{CASE}.json"), r#"{"type": "Order", "id": "o-1", "customer": "c-1", "amount": 1.10}"#)
        .file(
            &format!("{CASE}.context.yaml"),
            "responses: {bank/orders: [{status: 503}, {body: {number: 1234567890123456789012.10}}]}\n",
        )
}

#[test]
fn the_shipped_cases_are_as_accepted() {
    let shown = shown(&Folder::shipped(), &["test"], "");
    assert!(shown.ends_with("ok\n--- exit 0\n\n"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_new_then_accepted_then_changed() {
    let folder = folder();
    let run = |arguments: &[&str]| shown(folder.path(), arguments, "");
    let snapshot = folder.path().join(format!("{CASE}.snap"));
    let pending = folder.path().join(format!("{CASE}.snap.new"));
    let mut told = run(&["test"]);
    assert!(pending.exists() && !snapshot.exists());
    told += &run(&["test", "--accept"]);
    assert!(!pending.exists() && snapshot.exists());
    told += &run(&["test", "order/book"]);
    let route = "mappings/bank/order.yaml";
    let changed = fs::read_to_string(folder.path().join(route)).unwrap().replace("id: id,", "number: id,");
    fs::write(folder.path().join(route), changed).unwrap();
    told += &run(&["test"]);
    insta::assert_snapshot!(told);
    assert!(shown(folder.path(), &["test", "--review"], "n\n").contains("1 changed"));
    assert!(shown(folder.path(), &["test", "--review"], "y\n").contains("1 ok"));
    assert!(run(&["test"]).contains("1 ok") && !pending.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_cannot_be_played_says_why() {
    let context = "
now: yesterday
recrods: {}
records: {bank.order: [{number: 1}], bank.oder: []}
responses:
  bank/order: []
  bank/orders: [{status: 99}, {body: {}, text: a}]
";
    let folder = folder()
        .file(&format!("{CASE}.context.yaml"), context)
        .file("tests/cases/bank/ordre/book.json", "{}")
        .file("tests/cases/bank/order/renamed.snap", "")
        .file("tests/cases/bank/order/not-json.json", "{");
    insta::assert_snapshot!(shown(folder.path(), &["test"], ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_server_gets_a_report() {
    let folder = folder().file("tests/cases/bank/gone/book.json", "{}");
    let report = folder.path().join("report.xml");
    shown(folder.path(), &["test", "--junit", report.to_str().unwrap()], "");
    let report = fs::read_to_string(report).unwrap();
    let times = regex::Regex::new(r#"time="[0-9.]+""#).unwrap();
    insta::assert_snapshot!(times.replace_all(&report, r#"time="[time]""#));
}

#[test]
fn no_cases_are_a_mistake() {
    let folder = Folder::empty().file("mappings/shop/partner.yaml", "partner: shop\n");
    let told = shown(folder.path(), &["test"], "");
    assert!(
        told.ends_with(
            "error: there are no cases in FOLDER/tests/cases, no flows in FOLDER/tests/flows\n--- exit 2\n\n"
        ),
        "{told}"
    );
    let told = shown(&Folder::shipped(), &["test", "nothing-is-called-so"], "");
    assert!(told.contains("error: there are no cases of this name"), "{told}");
}
